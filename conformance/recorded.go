package conformance

import (
	"errors"

	"github.com/vpnconform/vpnconform/conformance/internal/usage"
	"github.com/vpnconform/vpnconform/conformance/suite"
)

// checkGolden returns an error unless every case that can be tried has a golden file,
// apart from cases with drawn values and duties.
func (r *runner) checkGolden(cases []suite.Case) error {
	if r.opts.Golden == nil {
		return nil
	}
	var without []string
	for _, c := range cases {
		if r.opts.Golden.Has(c.ID) || c.Draws() || c.Duty {
			continue
		}
		var lacks *suite.MissingError
		if _, err := r.suite.Bind(c, r.env, r.psk); !errors.As(err, &lacks) {
			without = append(without, c.ID)
		}
	}
	switch n := len(without); n {
	case 0:
		return nil
	case 1:
		return usage.Errorf("1 case has no golden file, %s: record it with vpnconform record", without[0])
	default:
		return usage.Errorf("%d cases have no golden file, the first is %s: record them with vpnconform record", n, without[0])
	}
}
