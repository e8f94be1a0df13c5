package broker

import "errors"

var (
	// ErrConflict says that a publication repeated the Dedup of an earlier one
	// on the same topic, within the broker's window, with other data or
	// another key. Nothing was published. Trying again does not help.
	ErrConflict = errors.New("broker: dedup id repeated with other data")

	// ErrUnavailable says that the broker cannot be reached or cannot answer
	// now. A publication may or may not have been accepted. Trying again
	// later, with the same Dedup, is safe.
	ErrUnavailable = errors.New("broker: unavailable")

	// ErrUnsupported says that the broker, as it is set up, cannot do what is asked
	// of it, such as keeping histories. Trying again does not help.
	ErrUnsupported = errors.New("broker: not supported")

	// ErrTooLarge says that a publication is larger than the broker can take.
	// Trying again does not help.
	ErrTooLarge = errors.New("broker: publication too large")

	// ErrClosed says that the broker was closed.
	ErrClosed = errors.New("broker: closed")
)
