package topic_test

import (
	"regexp"
	"strings"
)

// model is a pattern or a wildcard once more, as a regular expression.
type model struct {
	text string
	expr *regexp.Regexp
}

// newModel has the model of a pattern or wildcard that keeps to the rules.
func newModel(form string) model {
	var segments []string
	for segment := range strings.SplitSeq(form, ":") {
		switch {
		case segment == "**" || strings.HasPrefix(segment, "{") && strings.HasSuffix(segment, "...}"):
			segment = `[^:]+(:[^:]+)*`
		case segment == "*" || strings.HasPrefix(segment, "{"):
			segment = `[^:]+`
		default:
			segment = regexp.QuoteMeta(segment)
		}
		segments = append(segments, segment)
	}
	return model{form, regexp.MustCompile(`^(` + strings.Join(segments, ":") + `)$`)}
}

// matches is Match.
func (m model) matches(name string) bool {
	if strings.HasPrefix(name, "$") && !strings.HasPrefix(m.text, "$") {
		return false
	}
	return m.expr.MatchString(name)
}

// moreSpecific reports whether m matches some of what o matches and no more. It asks
// whether o matches topics that stand for all that m matches: those where each parameter
// is a segment that no pattern has, and what takes the rest is one such and then two.
func (m model) moreSpecific(o model) bool {
	return m.within(o) && !o.within(m)
}

func (m model) within(o model) bool {
	const unheard = "\U0010fffd"
	for _, tail := range []string{unheard, unheard + ":" + unheard} {
		var segments []string
		for segment := range strings.SplitSeq(m.text, ":") {
			switch {
			case strings.HasSuffix(segment, "...}"):
				segment = tail
			case strings.HasPrefix(segment, "{"):
				segment = unheard
			}
			segments = append(segments, segment)
		}
		if !o.matches(strings.Join(segments, ":")) {
			return false
		}
	}
	return true
}

// sequences has every sequence of 1 to length segments that are among those given, as
// one text each.
func sequences(length int, segments ...string) []string {
	var all []string
	last := []string{""}
	for range length {
		var longer []string
		for _, head := range last {
			for _, segment := range segments {
				longer = append(longer, strings.TrimPrefix(head+":"+segment, ":"))
			}
		}
		all = append(all, longer...)
		last = longer
	}
	return all
}

// patterns has every pattern of 1 to length segments that are literals of those given,
// parameters, or what takes the rest.
func patterns(length int, literals ...string) []string {
	var all []string
	for _, text := range sequences(length, append(literals, "{}", "{...}")...) {
		head, found := strings.CutSuffix(text, "{...}")
		if strings.Contains(head, "{...}") {
			continue
		}
		name := 'p'
		for strings.Contains(head, "{}") {
			head = strings.Replace(head, "{}", "{"+string(name)+"}", 1)
			name++
		}
		if found {
			head += "{rest...}"
		}
		all = append(all, head)
	}
	return all
}
