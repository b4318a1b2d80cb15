package calibrate

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
)

// tester asks for nothing and takes any answer but one of status 201 to be
// wrong, since the reference implementation refuses what it sends.
func tester(healthy int) func(context.Context, string) (bool, string, error) {
	return func(ctx context.Context, url string) (bool, string, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodPut, url+"/v5/0605767ae480d51b2f0bc00d8e7a9b3f/vpn-connection", strings.NewReader("{}"))
		if err != nil {
			return false, "", err
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			return true, "exit status 7", nil //nolint:nilerr // a tester that is not answered fails
		}
		if err := answer.Body.Close(); err != nil {
			return false, "", err
		}
		if answer.StatusCode != healthy {
			return true, "exit status 1", nil
		}
		return false, "exit status 0", nil
	}
}

// TestTester measures other testers.
func TestTester(t *testing.T) {
	const style = "answer/vpn_connection/style/dropped"
	never := func(context.Context, string) (bool, string, error) { return false, "did not end", ErrEndless }
	for _, test := range []struct {
		name    string
		try     func(context.Context, string) (bool, string, error)
		known   []equivalent
		void    string
		killed  int
		holds   bool
		score   int
		summary string
	}{
		{
			name: "notices what changes its answer", try: tester(http.StatusMethodNotAllowed), killed: 1,
			summary: "NOT CALIBRATED: null score 0 of 1 cases over 1 null servers; 1 of 2 faults killed, 0 equivalent, 1 survive",
		},
		{
			name: "notices all but what is equivalent", try: tester(http.StatusMethodNotAllowed), known: []equivalent{{style, "a test"}}, killed: 1, holds: true,
			summary: "CALIBRATED: null score 0 of 1 cases over 1 null servers; 1 of 2 faults killed, 1 equivalent, 0 survive",
		},
		{
			name: "notices nothing", try: func(context.Context, string) (bool, string, error) { return false, "exit status 0", nil }, score: 1,
			summary: "NOT CALIBRATED: null score 1 of 1 cases over 1 null servers; 0 of 2 faults killed, 0 equivalent, 2 survive",
		},
		{
			name: "fails on the healthy implementation", try: tester(http.StatusOK), void: "the tester fails on the healthy implementation: exit status 1",
			summary: "VOID: null score 0 of 1 cases over 0 null servers; 0 of 0 faults killed, 0 equivalent, 0 survive",
		},
		{
			name: "does not end", try: never, void: "the tester fails on the healthy implementation: the tester did not end",
			summary: "VOID: null score 0 of 1 cases over 0 null servers; 0 of 0 faults killed, 0 equivalent, 0 survive",
		},
		{
			name: "does not end on what is wrong", try: func(ctx context.Context, url string) (bool, string, error) {
				if noticed, how, err := tester(http.StatusMethodNotAllowed)(ctx, url); !noticed {
					return noticed, how, err
				}
				return never(ctx, url)
			}, score: 1,
			summary: "NOT CALIBRATED: null score 1 of 1 cases over 1 null servers; 0 of 2 faults killed, 0 equivalent, 2 survive",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			l := newTestLab(t, Options{Tester: test.try})
			e := small(t, l)
			e.known = test.known
			// One fault that any request shows, and one that none without a body does.
			e.faults[0] = served(canary, always(http.StatusOK, nil, func(*http.Request) string { return "{}" }))
			m, err := l.on(t.Context(), e)
			if err != nil {
				t.Fatal(err)
			}
			wantLines(t, "void", test.void, m.Void)
			if got := m.total().Killed; got != test.killed {
				t.Errorf("%d killed, want %d", got, test.killed)
			}
			if m.Holds() != test.holds || m.NullScore() != test.score || m.Summary() != test.summary {
				t.Errorf("holds %v, null score %d, %s\nwant %v, %d, %s", m.Holds(), m.NullScore(), m.Summary(), test.holds, test.score, test.summary)
			}
		})
	}
}

// TestTesterBroken ends the measurement when a tester cannot be run at all.
func TestTesterBroken(t *testing.T) {
	broken := errors.New("no such program")
	calls := 0
	for _, after := range []int{0, 1} {
		calls = 0
		l := newTestLab(t, Options{Jobs: 1, Tester: func(context.Context, string) (bool, string, error) {
			if calls++; calls > after {
				return false, "", broken
			}
			return false, "exit status 0", nil
		}})
		if m, err := l.on(t.Context(), small(t, l)); !errors.Is(err, broken) || m != nil {
			t.Errorf("after %d runs: got %v and %v, want no measurement and %v", after, m, err, broken)
		}
	}
}

// TestTesterTold does not derive what it is tried on when a tester fails on the
// healthy implementation.
func TestTesterTold(t *testing.T) {
	l := newTestLab(t, Options{Tester: tester(http.StatusOK)})
	m, err := l.measure(t.Context(), small(t, l).healthy, func() (experiment, error) {
		t.Error("the rest is asked for")
		return experiment{}, nil
	})
	if err != nil || len(m.Void) == 0 {
		t.Errorf("got %+v and %v, want a void measurement", m, err)
	}
}
