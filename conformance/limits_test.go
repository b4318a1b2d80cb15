package conformance_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/environment"
	"github.com/vpnconform/vpnconform/conformance/report"
)

// worst answers everything with much of everything: long values of characters that
// the report writes in six bytes, many members that nobody knows, in many places,
// and a large header. Every sixteenth answer is as large again. Nothing comes twice.
func worst(status, usual int) http.HandlerFunc {
	var answers atomic.Int64
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		n, size := answers.Add(1), usual
		if n%16 == 0 {
			size *= 16
		}
		w.Header().Set("Content-Type", fmt.Sprintf("text/%d; x=%s", n, strings.Repeat("\u0080", size/100)))
		for i := range 20 {
			w.Header().Set(fmt.Sprintf("X-%d-%d", n, i), strings.Repeat("h", size/100))
		}
		w.WriteHeader(status)
		var b bytes.Buffer
		long := func(bytes int) string { return strings.Repeat("\u2028", bytes/3) }
		fmt.Fprintf(&b, `{"request_id":"%d%s","error_code":"%s%d","error_msg":"%s","vpn_connection":{"id":"%d","name":"%s","style":"%s","created_at":"2024-01-01T00:00:00.%sZ","peer_subnets":["%s"]`,
			n, long(size/12), long(size/24), n, long(size/12), n, long(size/4), long(size/12), strings.Repeat("1", size/12), long(size/24))
		for i := range min(size/200, 4000) {
			fmt.Fprintf(&b, `,"%d-%d-%s":{"%d":%d}`, n, i, strings.Repeat("n", 100), n, i)
		}
		b.WriteString("}}")
		_, _ = w.Write(b.Bytes())
	}
}

// heap watches the memory of the process until it is stopped, and returns the
// most of it that was in use and not yet returned to the system.
func heap(t *testing.T) (stop func() uint64) {
	t.Helper()
	done, most := make(chan struct{}), make(chan uint64)
	go func() {
		var highest uint64
		samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
		for {
			metrics.Read(samples)
			highest = max(highest, samples[0].Value.Uint64()-samples[1].Value.Uint64())
			select {
			case <-done:
				most <- highest
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	return func() uint64 { close(done); return <-most }
}

// TestWorstTarget runs everything against targets that answer with much. The
// report is within its limits, it is read back, and says where it cuts.
func TestWorstTarget(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes minutes; see TestLimits")
	}
	defer debug.SetGCPercent(debug.SetGCPercent(25)) // as the command has it
	for _, status := range []int{http.StatusCreated, http.StatusBadRequest} {
		r, used := measured(t, conformance.Options{Target: serve(t, worst(status, 16<<10)), Timeout: time.Minute})
		if used > 256<<20 {
			t.Errorf("%d: %d MiB of memory, want at most 256", status, used>>20)
		}
		wantWithin(t, r, 64<<20)
	}
}

// measured runs cases and returns how much memory the process took, that of the
// target included.
func measured(t *testing.T, opts conformance.Options) (*report.Report, uint64) {
	t.Helper()
	runtime.GC()
	debug.FreeOSMemory()
	stop := heap(t)
	r := run(t, opts)
	return r, stop()
}

// wantWithin wants a report of at most so many bytes, which is read back and
// verified, and says where it cuts.
func wantWithin(t *testing.T, r *report.Report, size int) {
	t.Helper()
	var b bytes.Buffer
	if err := report.WriteJSON(&b, r); err != nil {
		t.Fatal(err)
	}
	if b.Len() > size {
		t.Errorf("a report of %d MiB, want at most %d", b.Len()>>20, size>>20)
	}
	found, err := report.ReadJSON(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if found.Verdict() != r.Verdict() {
		t.Errorf("verdict %d, want %d", found.Verdict(), r.Verdict())
	}
	wrong, err := conformance.Verify(found, nil, nil)
	if err != nil || len(wrong) > 0 {
		t.Errorf("%v: %d wrong, %.500q", err, len(wrong), wrong)
	}
	for _, result := range r.Results {
		for _, d := range append(result.Differences, result.Notes...) {
			for _, text := range []string{d.Pointer, d.Want, d.Got, d.Why} {
				if in, _ := json.Marshal(text); len(in) > 4<<10 {
					t.Errorf("%s: a text of %d bytes: %.100s", result.Case, len(in), in)
				}
			}
		}
	}
}

// TestLimits holds every limit, and the words that name it.
func TestLimits(t *testing.T) {
	opts := conformance.Options{Target: serve(t, worst(http.StatusCreated, 20<<10)), Run: []string{"example", "CreateVpnConnection.s*", "Dpd.timeout.*"}}
	r := run(t, opts)
	wantWithin(t, r, 16<<20)
	cut, notes := 0, 0
	for _, result := range sent(r) {
		if len(result.Differences) > 32 || len(result.Notes) > 8 {
			t.Errorf("%s: %d differences, %d notes", result.Case, len(result.Differences), len(result.Notes))
		}
		if result.MoreNotes > 50 {
			notes++
		}
		if result.Cut() {
			cut++
		}
	}
	if notes == 0 || cut == 0 {
		t.Errorf("%d cases have more notes, %d are cut", notes, cut)
	}
	var text strings.Builder
	if err := report.WriteText(&text, r, report.TextOptions{Verbose: true}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{" bytes)", "more such members"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the text does not say %q", want)
		}
	}
	opts.Strict = true
	strict := run(t, opts)
	wantWithin(t, strict, 16<<20)
	text.Reset()
	if err := report.WriteText(&text, strict, report.TextOptions{Verbose: true}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text.String(), "more differences") {
		t.Error("the text does not say how many differences are left out")
	}
}

// TestLargeAnswersEnd shows that a run of many jobs ends soon after its time, though each
// answer takes long to be searched for secrets: those that are not yet searched are
// left.
func TestLargeAnswersEnd(t *testing.T) {
	answer := []byte(`{"a":"` + strings.Repeat("AbCdEf", 1<<17) + `"}`)
	large := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(answer)
	})
	env := environmentWith(t, func(e *environment.Environment) { e.TokenEnv = "TOKEN" })
	began := time.Now()
	r := run(t, conformance.Options{
		Target: serve(t, large), Environment: env, Token: "AbCdEfGhAbCdEf12", Run: []string{"IkePolicy.*"}, Jobs: 64, RunTimeout: time.Second, Once: true, MaxWait: -1,
	})
	count := r.Count()
	if took := time.Since(began); took > time.Minute || count[report.CouldNotRun] == 0 {
		t.Errorf("it took %v: %s", took, r.Summary())
	}
	for _, result := range r.Results {
		if result.Outcome == report.CouldNotRun && !strings.Contains(result.Reason, "the run took longer than 1s") {
			t.Errorf("%s: %s", result.Case, result.Reason)
			break
		}
	}
}
