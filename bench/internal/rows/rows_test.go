package rows_test

import (
	"strings"
	"testing"

	"github.com/livetopics/live/bench/internal/rows"
)

func TestTargetsAreJudgedByMedians(t *testing.T) {
	for _, c := range []struct {
		live, other []float64
		limit       rows.Limit
		quick       bool
		want        string
	}{
		{[]float64{3, 1, 9}, []float64{6, 5, 7}, rows.AtMostTimes(0.5), false, "| 3.00 (1.00 to 9.00) | them: 6.00 (5.00 to 7.00) | 0.500× | ≤ 0.500×: reached |"},
		{[]float64{4}, []float64{6}, rows.AtMostTimes(0.5), false, "| 4.00 | them: 6.00 | 0.667× | ≤ 0.500×: **NOT reached** |"},
		{[]float64{4}, []float64{6}, rows.AtMostTimes(0.5), true, "≤ 0.500×: not judged |"},
		{[]float64{150}, nil, rows.AtMost(150), false, "| 150 |  |  | ≤ 150: reached |"},
		{[]float64{151}, nil, rows.AtMost(150), false, "| 151 |  |  | ≤ 150: **NOT reached** |"},
		{[]float64{2}, []float64{1}, rows.Limit{}, false, "| 2.00 | them: 1.00 | 2.00× |  |"},
	} {
		var all rows.Rows
		r := all.Row("it", "them", c.limit)
		r.Live, r.Other = c.live, c.other
		if got := all.Table(c.quick); !strings.Contains(got, c.want) {
			t.Errorf("%q is not in\n%s", c.want, got)
		}
	}
}
