package live_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/livetopics/live"
)

func TestOrigins(t *testing.T) {
	const host = "chat.example.com:8080"
	for _, c := range []struct {
		name    string
		allowed []string
		origin  string // "" for none
		ok      bool
	}{
		{"no origin", nil, "", true},
		{"same origin", nil, "http://chat.example.com:8080", true},
		{"same origin, https", nil, "https://chat.example.com:8080", true},
		{"same origin, other case", nil, "http://CHAT.example.com:8080", true},
		{"another site", nil, "https://evil.example", false},
		{"another port", nil, "http://chat.example.com:9090", false},
		{"another port, default", nil, "http://chat.example.com", false},
		{"a parent domain", nil, "http://example.com:8080", false},
		{"the host as a prefix", nil, "http://chat.example.com:8080.evil.example", false},
		{"the host as user", nil, "http://chat.example.com:8080@evil.example", false},
		{"null", nil, "null", false},
		{"a file", nil, "file://", false},
		{"nonsense", nil, "%%%", false},
		{"listed", []string{"https://a.example"}, "https://a.example", true},
		{"listed, other case", []string{"https://A.example"}, "https://a.EXAMPLE", true},
		{"listed second", []string{"https://a.example", "https://b.example"}, "https://b.example", true},
		{"listed, other scheme", []string{"https://a.example"}, "http://a.example", false},
		{"listed, other port", []string{"https://a.example"}, "https://a.example:444", false},
		{"listed with its port", []string{"https://a.example:444"}, "https://a.example:444", true},
		{"not listed", []string{"https://a.example"}, "https://b.example", false},
		{"listed, and same origin", []string{"https://a.example"}, "http://chat.example.com:8080", true},
		{"subdomain", []string{"https://*.a.example"}, "https://x.a.example", true},
		{"subdomain's subdomain", []string{"https://*.a.example"}, "https://y.x.a.example", true},
		{"not a subdomain: itself", []string{"https://*.a.example"}, "https://a.example", false},
		{"not a subdomain: a suffix", []string{"https://*.a.example"}, "https://evila.example", false},
		{"subdomain, other scheme", []string{"https://*.a.example"}, "http://x.a.example", false},
		{"any", []string{"*"}, "https://evil.example", true},
		{"any, null", []string{"*"}, "null", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			onEachSocket(t, func(t *testing.T, kind socketKind) {
				r := serve(t, kind, live.Options{Origins: c.allowed})
				edit := func(q *request) {
					if q.host = host; c.origin != "" {
						q.header.Set("Origin", c.origin)
					}
				}
				if c.ok {
					r.pair(t, edit)
					return
				}
				r.refused(t, http.StatusForbidden, edit)
			})
		})
	}
}

func TestTheRefusalNamesTheOriginAndTheLineToAdd(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		_, body := r.refused(t, http.StatusForbidden, header("Origin", "https://app.example"))
		if !strings.Contains(body, `Origins: []string{"https://app.example"}`) {
			t.Errorf("the answer is %s", body)
		}
	})
}

func TestCheckOriginDecidesInPlaceOfOrigins(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{
			Origins:     []string{"https://listed.example"},
			CheckOrigin: func(r *http.Request) bool { return r.Header.Get("Origin") == "https://checked.example" },
		})
		r.pair(t, header("Origin", "https://checked.example"))
		r.refused(t, http.StatusForbidden, header("Origin", "https://listed.example"))
		r.refused(t, http.StatusForbidden) // without Origin too
	})
}

func TestAPanicInCheckOriginEndsTheRequestOnly(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{CheckOrigin: func(r *http.Request) bool {
			if r.Header.Get("Origin") != "" {
				panic("out of luck")
			}
			return true
		}})
		if c, _, _ := r.ask(header("Origin", "https://a.example")); c != nil {
			t.Error("it was let in")
		}
		eventually(t, "the panic is logged", func() bool { return r.log.has("out of luck") })
		r.pair(t)
	})
}

func TestNewPanicsAtAnEntryThatIsNoOrigin(t *testing.T) {
	for _, entry := range []string{"", "example.com", "https://", "https://a.example/path", "https://a.*.example", "https://*", "**", "https://user@a.example"} {
		t.Run(entry, func(t *testing.T) {
			defer func() {
				if s, _ := recover().(string); !strings.Contains(s, "Origins") {
					t.Errorf("New panicked with %q, which does not name the option", s)
				}
			}()
			live.New(live.Options{Origins: []string{entry}})
		})
	}
}
