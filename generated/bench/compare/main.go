// Command compare checks the four servers, says which wrong requests each of
// them accepts, and times them side by side in one process: rounds over all the
// works, of which the fastest of each counts, since other programs can only
// make a round slower.
//
// The exit status is 1 if a server does not answer as documented or ours misses
// a target.
package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/vpnconform/vpnconform/generated/bench"
)

const (
	rounds = 40
	each   = "20ms" // of one work in a round
)

func main() {
	testing.Init()
	if err := cmp.Or(flag.Set("test.benchtime", each), run(os.Stdout)); err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1) //nolint:forbidigo // this is main
	}
}

func run(w io.Writer) error {
	servers, err := bench.Servers()
	if err != nil {
		return err
	}
	for _, s := range servers {
		if err := s.Check(); err != nil {
			return err
		}
	}
	refused, err := refusals(servers)
	if err != nil {
		return err
	}
	if err := align(w, refused, 0); err != nil {
		return err
	}
	works, err := bench.Works(servers)
	if err != nil {
		return err
	}
	best, err := measure(works)
	if err != nil {
		return err
	}
	if err := align(w, measured(works, best), tabwriter.AlignRight); err != nil {
		return err
	}
	text, failure := verdict(best)
	_, err = io.WriteString(w, text)
	return errors.Join(err, failure)
}

// align writes lines whose cells are parted by tabs.
func align(w io.Writer, lines string, flags uint) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', flags)
	if _, err := io.WriteString(table, lines); err != nil {
		return err
	}
	return table.Flush()
}

// refusals tells the status with which each server answers each wrong request.
func refusals(servers []bench.Server) (string, error) {
	request, err := bench.Request()
	if err != nil {
		return "", err
	}
	var text strings.Builder
	text.WriteString("wrong request")
	for _, s := range servers {
		text.WriteString("\t" + s.Name)
	}
	for _, mistake := range bench.Wrong() {
		body, ok := mistake.Of(request)
		if !ok {
			return "", fmt.Errorf("%s: the request does not hold %s once", mistake.Name, mistake.Old)
		}
		text.WriteString("\n" + mistake.Name)
		for _, s := range servers {
			status, _, _ := s.Answer(body)
			note := ""
			if status == http.StatusCreated {
				note = " accepted"
			}
			fmt.Fprintf(&text, "\t%d%s", status, note)
		}
	}
	return text.String() + "\n", nil
}

// measure returns the fastest round of each work, by name.
func measure(works []bench.Work) (map[string]testing.BenchmarkResult, error) {
	best := map[string]testing.BenchmarkResult{}
	for range rounds {
		for _, work := range works {
			var failure error
			result := testing.Benchmark(func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if failure = work.Do(); failure != nil {
						b.FailNow()
					}
				}
			})
			if failure != nil {
				return nil, fmt.Errorf("%s: %w", work.Name, failure)
			}
			if old, ok := best[work.Name]; !ok || nanoseconds(result) < nanoseconds(old) {
				best[work.Name] = result
			}
		}
	}
	return best, nil
}

func nanoseconds(r testing.BenchmarkResult) float64 { return float64(r.T.Nanoseconds()) / float64(r.N) }

// measured tells what was measured, a line for each work.
func measured(works []bench.Work, best map[string]testing.BenchmarkResult) string {
	var text strings.Builder
	fmt.Fprintf(&text, "\nminimum of %d rounds\tns/op\tB/op\tallocs/op\t\n", rounds)
	for _, work := range works {
		r := best[work.Name]
		fmt.Fprintf(&text, "%s\t%.0f\t%d\t%d\t\n", work.Name, nanoseconds(r), r.AllocedBytesPerOp(), r.AllocsPerOp())
	}
	return text.String()
}

// verdict tells what is promised of ours beside what was measured; the error
// says that a promise is not kept.
func verdict(best map[string]testing.BenchmarkResult) (string, error) {
	ours := nanoseconds(best[bench.Ours])
	text, missed := "\n", error(nil)
	for _, target := range []struct {
		what      string
		got, most float64
	}{
		{"ours / " + bench.Validated, ours / nanoseconds(best[bench.Validated]), 0.2},
		{"ours / " + bench.Ogen, ours / nanoseconds(best[bench.Ogen]), 0.6},
		{"allocations to decode and validate", float64(best[bench.Decode].AllocsPerOp()), 6},
	} {
		word := "reached"
		if !(target.got <= target.most) { // not a number is no success
			word, missed = "MISSED", errors.New("a target is missed")
		}
		text += fmt.Sprintf("%-40s %6.3f, at most %5.3f: %s\n", target.what, target.got, target.most, word)
	}
	return text, missed
}
