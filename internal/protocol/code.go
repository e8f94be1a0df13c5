package protocol

// Error codes: what a refusal says to a program, beside the sentence that it says
// to a person. They are few, in lower case, and stable: a client may branch on
// them, and treats one that it does not know as CodeInternal. In the founding
// envelope they stand in the error frame (AppendErrorMessage).
const (
	// CodeBadRequest: the frame breaks the protocol, or a field has a value that
	// it may not have. The same frame sent again is refused again.
	CodeBadRequest = "bad_request"
	// CodeUnauthorized: there are no credentials, or they have run out. Get new
	// ones, then try again.
	CodeUnauthorized = "unauthorized"
	// CodeForbidden: the credentials are good, but do not allow this.
	CodeForbidden = "forbidden"
	// CodeNotFound: what the request names does not exist.
	CodeNotFound = "not_found"
	// CodeTooLarge: a size limit is exceeded. The message says which.
	CodeTooLarge = "too_large"
	// CodeRateLimited: too much in too short a time. Try again later.
	CodeRateLimited = "rate_limited"
	// CodeConflict: it contradicts what was accepted before.
	CodeConflict = "conflict"
	// CodeUnavailable: something that the server relies on does not answer at the
	// moment. Whether the request took effect is not known. Try again later.
	CodeUnavailable = "unavailable"
	// CodeInternal: the server failed. The cause is in its log, not in the message.
	CodeInternal = "internal"
)
