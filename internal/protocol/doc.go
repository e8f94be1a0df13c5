// Package protocol is the founding envelope.
package protocol
