package record

import "fmt"

// Fault is where a run is not what it should have been.
type Fault struct {
	Rule string // one of those in the package's comment
	Text string // who, where and what
}

// String is both in a line.
func (f Fault) String() string { return f.Rule + ": " + f.Text }

// mostFaults is how many faults of one rule are kept: one cause has thousands.
const mostFaults = 25

// faults collects.
type faults struct {
	list  []Fault
	count map[string]int
}

func (f *faults) add(rule, format string, args ...any) {
	if f.count == nil {
		f.count = map[string]int{}
	}
	if f.count[rule]++; f.count[rule] <= mostFaults {
		f.list = append(f.list, Fault{Rule: rule, Text: fmt.Sprintf(format, args...)})
	}
}

// all ends with a line for each rule that has more faults than were kept.
func (f *faults) all() []Fault {
	for rule, n := range f.count {
		if n > mostFaults {
			f.list = append(f.list, Fault{Rule: rule, Text: fmt.Sprintf("and %d more", n-mostFaults)})
		}
	}
	return f.list
}
