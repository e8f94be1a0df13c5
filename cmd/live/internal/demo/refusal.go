package demo

import "fmt"

// The codes of refusals, as the protocol names them.
const (
	badRequest  = "bad_request"
	forbidden   = "forbidden"
	tooLarge    = "too_large"
	rateLimited = "rate_limited"
	unavailable = "unavailable"
)

// refusal is the data of an error frame: what a client sent and why it cannot be.
type refusal struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	ID      string `json:"id,omitempty"` // of the text that was refused
}

// Error returns the sentence that the client is shown.
func (r *refusal) Error() string { return r.Message }

// refuse makes a refusal; its sentence says which limit, and what to do.
func refuse(code, format string, args ...any) *refusal {
	return &refusal{Code: code, Message: fmt.Sprintf(format, args...)}
}
