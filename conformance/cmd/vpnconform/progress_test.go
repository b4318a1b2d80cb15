package main

import (
	"bytes"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
)

// TestProgress holds what is said of a run that is not on a terminal: a line
// now and then, but none at its end, and nothing when it is quiet.
func TestProgress(t *testing.T) {
	for quiet, want := range map[bool]string{false: "2 of 3 cases, 1 pass\n", true: ""} {
		var out bytes.Buffer
		p := newProgress(&out, conformance.Options{Run: []string{"example"}, Seed: 1}, quiet)
		for i, outcome := range []report.Outcome{report.Pass, report.Fail, report.Pass} {
			if i > 0 { // the first begins the time, and after the last comes the verdict
				p.last = p.last.Add(-every - time.Hour)
			}
			p.each(report.Result{Outcome: outcome})
		}
		p.end()
		if out.String() != want {
			t.Errorf("quiet %t: %q, want %q", quiet, out.String(), want)
		}
	}
}

// TestDryRun prints a command for the request of every case, and sends none.
func TestDryRun(t *testing.T) {
	var asked atomic.Int32
	target := serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	t.Chdir(t.TempDir())
	code, out, errs := command(t, nil, "run", "--dry-run", "--target", target)
	if code != 0 || errs != "" || asked.Load() != 0 {
		t.Fatalf("exit status %d, %d requests; stderr %s", code, asked.Load(), errs)
	}
	begins := regexp.MustCompile(`^(# (sent \d+ times[a-z, ]*|\d+ requests at once)\n)?(curl -i -X |printf '|\{ head -c \d+ /dev/zero )`)
	cases := slices.DeleteFunc(selectedBy(t, "*"), func(c suite.Case) bool { return c.Duty }) // which send nothing
	for i, c := range cases {
		rest, found := strings.CutPrefix(out, "# "+c.ID+": "+c.Title+"\n") // in the order of the suite
		if !found {
			t.Fatalf("%s: %.200q", c.ID, out)
		}
		end := len(rest)
		if i+1 < len(cases) {
			if end = strings.Index(rest, "# "+cases[i+1].ID+": "); end < 0 {
				t.Fatalf("%s is not there", cases[i+1].ID)
			}
		}
		command := rest[:end]
		out = rest[end:]
		if c.Wire.Credentials != "" {
			if !strings.HasPrefix(command, "# not applicable: the environment has no credentials") {
				t.Errorf("%s: %.200q", c.ID, command)
			}
			continue
		}
		if !begins.MatchString(command) || strings.HasPrefix(command, "# sent") != (c.Wire.Requests > 1) {
			t.Errorf("%s: %.200q", c.ID, command)
		}
	}
	if code, _, errs := command(t, nil, "run", "--dry-run", "--report", "json=r.json"); code != 2 || errs != "vpnconform: --report: there is nothing to report of --dry-run\n" {
		t.Errorf("exit status %d: %s", code, errs)
	}
}
