package engine

// Frame is a WebSocket frame ready to be written. It is shared by all connections
// that get it and never changes once it was given to the engine.
type Frame struct {
	// Bytes are header and payload.
	Bytes []byte
}
