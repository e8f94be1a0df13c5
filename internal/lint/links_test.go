package lint

import (
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	inlineLink    = regexp.MustCompile(`\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)`)
	referenceLink = regexp.MustCompile(`(?m)^\[[^\]]+\]:\s+<?(\S+?)>?(?:\s|$)`)
	codeSpan      = regexp.MustCompile("`[^`\n]*`")
	heading       = regexp.MustCompile(`(?m)^#{1,6}\s+(.+?)\s*#*$`)
	notInAnchor   = regexp.MustCompile(`[^\p{L}\p{N}\s_-]`)
)

// prose is the text of a Markdown file without its blocks of code.
func prose(text []byte) string {
	var kept []string
	fence := ""
	for line := range strings.SplitSeq(string(text), "\n") {
		start := strings.TrimLeft(line, " ")
		switch {
		case fence == "" && (strings.HasPrefix(start, "```") || strings.HasPrefix(start, "~~~")):
			fence = start[:3]
		case fence != "" && strings.HasPrefix(start, fence):
			fence = ""
		case fence == "":
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}

// links are the targets in a Markdown text.
func links(text []byte) []string {
	var targets []string
	plain := codeSpan.ReplaceAllString(prose(text), "")
	for _, form := range []*regexp.Regexp{inlineLink, referenceLink} {
		for _, m := range form.FindAllStringSubmatch(plain, -1) {
			targets = append(targets, m[1])
		}
	}
	return targets
}

// anchors are the names that the headings of a Markdown text can be linked by: lower
// case, without punctuation, a hyphen for each space, a number where one comes again.
func anchors(text []byte) []string {
	var names []string
	times := map[string]int{}
	for _, m := range heading.FindAllStringSubmatch(prose(text), -1) {
		words := strings.ToLower(strings.TrimSpace(inlineLink.ReplaceAllString(m[1], "]")))
		name := strings.ReplaceAll(notInAnchor.ReplaceAllString(words, ""), " ", "-")
		if n := times[name]; n > 0 {
			names = append(names, fmt.Sprintf("%s-%d", name, n))
		} else {
			names = append(names, name)
		}
		times[name]++
	}
	return names
}

// deadLinks lists the links of doc that lead to nothing in the tree; exists knows its
// files and folders, and anchorsOf the headings of one.
func deadLinks(doc file, exists func(string) bool, anchorsOf func(string) []string) []string {
	var dead []string
	for _, target := range links(doc.text) {
		u, err := url.Parse(target)
		if err != nil {
			dead = append(dead, fmt.Sprintf("%s: %s is not a link: %v", doc.path, target, err))
			continue
		}
		if u.Scheme != "" || u.Host != "" {
			continue
		}
		to := doc.path
		if u.Path != "" {
			to = path.Join(path.Dir(doc.path), u.Path)
		}
		switch {
		case !exists(to):
			dead = append(dead, fmt.Sprintf("%s: %s is not there", doc.path, target))
		case u.Fragment != "" && strings.HasSuffix(to, ".md") && !slices.Contains(anchorsOf(to), u.Fragment):
			dead = append(dead, fmt.Sprintf("%s: %s has no heading #%s", doc.path, to, u.Fragment))
		}
	}
	return dead
}

func TestLinksBetweenDocumentsLeadSomewhere(t *testing.T) {
	known := map[string][]byte{}
	for _, f := range textFiles(t) {
		known[f.path] = f.text
	}
	exists := func(name string) bool { // a folder or a picture will do
		_, err := os.Stat(filepath.Join("..", "..", filepath.FromSlash(name)))
		return err == nil
	}
	anchorsOf := func(name string) []string { return anchors(known[name]) }
	var dead []string
	for _, doc := range textFiles(t, ".md") {
		dead = append(dead, deadLinks(doc, exists, anchorsOf)...)
	}
	report(t, "links that lead to nothing:", dead)
}

func TestLinkRuleSeesADeadLink(t *testing.T) {
	docs := map[string]string{
		"docs/tour.md": "# Tour\n\n## What *now*?\n\n## What now\n",
		"README.md":    "# Live\n",
	}
	exists := func(name string) bool { _, ok := docs[name]; return ok || name == "docs" }
	anchorsOf := func(name string) []string { return anchors([]byte(docs[name])) }
	for _, c := range []struct {
		text string
		dead int
	}{
		{"[a](tour.md)", 0},
		{"[a](../README.md \"title\")", 0},
		{"[a](../docs/)", 0},
		{"[a](tuor.md)", 1},
		{"![a](tour.png)", 1},
		{"[a](tour.md#what-now)", 0},
		{"[a](tour.md#what-now-1)", 0},
		{"[a](tour.md#what-then)", 1},
		{"[a](https://example.com/tour.md)", 0},
		{"[a]: tuor.md", 1},
		{"`[a](tuor.md)`", 0},
		{"```\n[a](tuor.md)\n```", 0},
	} {
		t.Run(c.text, func(t *testing.T) {
			doc := file{path: "docs/README.md", text: []byte(c.text)}
			wantOffenders(t, deadLinks(doc, exists, anchorsOf), c.dead)
		})
	}
}
