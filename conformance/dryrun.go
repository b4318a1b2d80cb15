package conformance

import (
	"errors"
	"fmt"
	"io"

	"github.com/vpnconform/vpnconform/conformance/suite"
)

// DryRun writes the requests that a run would send, as a script of curl commands
// with secrets masked, and sends nothing. The target may be empty.
func DryRun(w io.Writer, opts Options) error {
	if opts.Target == "" {
		opts.Target = "http://127.0.0.1:8080"
	}
	s, err := suite.Load(opts.Seed)
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
	defer r.client.close()
	if err := r.checkEnvironment(cases); err != nil {
		return err
	}
	for _, c := range cases {
		bound, err := s.Bind(c, r.env, r.psk)
		var missing *suite.MissingError
		line := ""
		switch {
		case errors.As(err, &missing):
			line = "# not applicable: " + missing.Error()
		case err != nil:
			return err
		default:
			line = several(c.Wire) + r.client.curl(r.client.outgoing(r.op, r.env.ProjectID, c.Wire, bound.Body))
		}
		if _, err := fmt.Fprintf(w, "# %s: %s\n%s\n", c.ID, c.Title, line); err != nil {
			return err
		}
	}
	return nil
}

// several is a comment that says how often a run sends a request if that is more
// than once: a curl command sends it once.
func several(w suite.Wire) string {
	switch {
	case w.Requests < 2:
		return ""
	case w.AtOnce:
		return fmt.Sprintf("# sent %d times at once\n", w.Requests)
	}
	return fmt.Sprintf("# sent %d times, one after another\n", w.Requests)
}
