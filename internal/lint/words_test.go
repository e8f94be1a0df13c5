package lint

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// The words are put together here, so that this file passes its own tests.
var (
	notes = regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X|HA` + `CK)\b`)

	hosts = regexp.MustCompile(`(?i)\b(` + strings.Join([]string{
		`(proxy|sum)\.golang` + `\.org`, `goproxy` + `\.(io|cn)`,
		`registry\.(npmjs|yarnpkg)` + `\.(org|com)`,
		`(deb|security|ftp|cdn-fastly\.deb)\.debian` + `\.org`, `(archive|security)\.ubuntu` + `\.com`,
		`(pypi|files\.pythonhosted)` + `\.org`, `(static\.)?crates` + `\.io`, `rubygems` + `\.org`,
		`(registry-1|index)\.docker` + `\.io`,
	}, "|") + `)\b`)

	places = regexp.MustCompile(`(^|[\s"'(=\x60])(/(wo` + `rk|ro` + `ot|ho` + `me)/\S|(\.\./)+sha` + `red/)`)
)

// linesWith lists the lines of f that match.
func linesWith(f file, match *regexp.Regexp) []string {
	var found []string
	for i, line := range strings.Split(string(f.text), "\n") {
		if word := match.FindString(line); word != "" {
			found = append(found, fmt.Sprintf("%s:%d: %s", f.path, i+1, strings.TrimSpace(word)))
		}
	}
	return found
}

// everywhere lists the lines of the whole tree that match.
func everywhere(t *testing.T, match *regexp.Regexp, endings ...string) []string {
	t.Helper()
	var found []string
	for _, f := range textFiles(t, endings...) {
		found = append(found, linesWith(f, match)...)
	}
	return found
}

func TestNothingIsLeftToDo(t *testing.T) {
	report(t, "notes to ourselves; do it now, or open an issue:", everywhere(t, notes,
		".go", ".js", ".mjs", ".ts", ".css", ".html", ".md", ".sh", ".yml", "Makefile", ".ci/run"))
}

func TestNoRegistryIsNamed(t *testing.T) {
	report(t, "hosts of package registries; each machine has its own, and the clients know it (npm: set"+
		" omit-lockfile-registry-resolved in .npmrc and write the lock file anew):", everywhere(t, hosts))
}

func TestNoPathOfAMachineIsNamed(t *testing.T) {
	report(t, "paths outside of the repository; they are there on one machine only:", everywhere(t, places))
}

func TestWordRulesSeeTheirWords(t *testing.T) {
	for _, c := range []struct {
		rule *regexp.Regexp
		text string
		want int
	}{
		{notes, "// TO" + "DO: later", 1},
		{notes, "context.TO" + "DO()", 1},
		{notes, "the todo list of the example", 0},
		{hosts, "see https://proxy.golang" + ".org/x", 1},
		{hosts, "REGISTRY.npmjs" + ".org", 1},
		{hosts, "https://pkg.go.dev/net/http", 0},
		{hosts, "https://www.debian.org", 0},
		{places, "cd /wo" + "rk/main", 1},
		{places, "read ../../sha" + "red/notes.md", 1},
		{places, "github.com/work/x", 0},
	} {
		t.Run(c.text, func(t *testing.T) {
			wantOffenders(t, linesWith(file{path: "a", text: []byte(c.text)}, c.rule), c.want)
		})
	}
}
