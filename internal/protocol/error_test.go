package protocol_test

import (
	"regexp"
	"testing"

	"github.com/livetopics/live/internal/protocol"
)

// A client may show the text, and a log may hold it: so it must not carry what an
// attacker wrote.
func TestErrorsHoldNothingOfTheFrame(t *testing.T) {
	known := regexp.MustCompile(`[<>]|script`)
	for _, frame := range []string{
		`{"<script>":<script>}`, `{"topic":"<script>`, `<script>`, `{"topic":"t","data":"\<script>"}`, `{"<script>" "<script>"}`,
	} {
		var e protocol.Envelope
		if err := protocol.Split([]byte(frame), &e); err == nil || known.MatchString(err.Error()) {
			t.Errorf("%s: error %v", frame, err)
		}
	}
}
