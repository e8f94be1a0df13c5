// Package client is one WebSocket client at a time, for what is counted rather than loaded: it asks,
// waits for the answer, and reads what comes; and Order asks a server over HTTP for what no client does.
package client
