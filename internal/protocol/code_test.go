package protocol_test

import (
	"testing"

	"github.com/livetopics/live/internal/protocol"
)

func TestCodesAreThoseOfTheProtocol(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{protocol.CodeBadRequest, "bad_request"},
		{protocol.CodeUnauthorized, "unauthorized"},
		{protocol.CodeForbidden, "forbidden"},
		{protocol.CodeNotFound, "not_found"},
		{protocol.CodeTooLarge, "too_large"},
		{protocol.CodeRateLimited, "rate_limited"},
		{protocol.CodeConflict, "conflict"},
		{protocol.CodeUnavailable, "unavailable"},
		{protocol.CodeInternal, "internal"},
	} {
		if c.got != c.want {
			t.Errorf("code %q, want %q: clients branch on it", c.got, c.want)
		}
	}
}
