package conformance

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/vpnconform/vpnconform/conformance/suite"
)

// DryRun writes the requests that a run would send as a script of curl commands, with
// secrets masked, and sends nothing. The last line has the number of requests that a run
// sends, without set-up and repetitions. The target may be empty.
func DryRun(w io.Writer, opts Options) error {
	if opts.Target == "" {
		opts.Target = "http://127.0.0.1:8080"
	}
	if err := opts.check(); err != nil {
		return err
	}
	s, err := opts.Derived.Draw(opts.Seed)
	if err != nil {
		return err
	}
	cases, err := opts.Cases(s)
	if err != nil {
		return err
	}
	r, err := newRunner(opts, s)
	if err != nil {
		return err
	}
	defer r.client.Close()
	if err := r.checkEnvironment(cases); err != nil {
		return err
	}
	sending, total := 0, 0
	for _, c := range cases {
		if c.Duty {
			continue
		}
		text, requests, err := r.dryRun(c)
		if err != nil {
			return err
		}
		if total += requests; requests > 0 {
			sending++
		}
		if _, err := fmt.Fprintf(w, "# %s: %s\n%s\n", c.ID, c.Title, text); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(w, "# %d requests, of %d cases\n", total, sending)
	return err
}

// dryRun returns the commands of a case, or why it has none, and the number of requests
// that a run sends.
func (r *runner) dryRun(c suite.Case) (string, int, error) {
	requests, err := r.makeRequests(c, preparation{given: r.env.Given()}) // values of answers are those of the examples
	var missing *suite.MissingError
	switch {
	case errors.As(err, &missing):
		return "# not applicable: " + missing.Error(), 0, nil
	case err != nil:
		return "", 0, err
	case len(c.Further) == 0:
		return repeatComment(c.Wire) + r.client.Curl(requests[0].out), max(c.Wire.Requests, 1), nil
	}
	lines := []string{fmt.Sprintf("# %d requests at once", len(requests))}
	for _, request := range requests {
		lines = append(lines, r.client.Curl(request.out))
	}
	return strings.Join(lines, "\n"), len(requests), nil
}

// repeatComment is a comment that says how often a run sends a request, if more than once:
// the curl command sends it once.
func repeatComment(w suite.Wire) string {
	switch {
	case w.Requests < 2:
		return ""
	case w.AtOnce:
		return fmt.Sprintf("# sent %d times at once\n", w.Requests)
	}
	return fmt.Sprintf("# sent %d times, one after another\n", w.Requests)
}
