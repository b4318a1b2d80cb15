package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
)

// progress shows how far a run is: a bar on a terminal, a line now and then
// elsewhere, nothing when the run is short or quiet.
type progress struct {
	out   io.Writer
	bar   *progressbar.ProgressBar
	total int
	done  int
	count map[report.Outcome]int
	last  time.Time
}

// every is the time between two lines of progress.
const every = 5 * time.Second

func newProgress(out io.Writer, opts conformance.Options, quiet bool) *progress {
	p := &progress{out: out, count: map[report.Outcome]int{}, last: time.Now()}
	s, err := suite.Load()
	if err != nil || quiet {
		p.out = io.Discard // the run says what is wrong
		return p
	}
	cases, err := conformance.Select(s, opts.Run, opts.Skip)
	if err != nil {
		return p
	}
	if p.total = len(cases); width(out) > 0 {
		p.bar = progressbar.NewOptions(p.total,
			progressbar.OptionSetWriter(out), progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true),
			progressbar.OptionSetWidth(20), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionEnableColorCodes(os.Getenv("NO_COLOR") == ""),
		)
	}
	return p
}

// each takes a result.
func (p *progress) each(result report.Result) {
	p.done++
	p.count[result.Outcome]++
	if p.bar != nil {
		p.bar.Describe(fmt.Sprintf("%d pass, %d other", p.count[report.Pass], p.done-p.count[report.Pass]))
		_ = p.bar.Add(1) // a bar that cannot be drawn stops nothing
		return
	}
	if now := time.Now(); now.Sub(p.last) >= every {
		p.last = now
		_, _ = fmt.Fprintf(p.out, "%d of %d cases, %d pass\n", p.done, p.total, p.count[report.Pass])
	}
}

func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}

// width is the number of columns of a terminal, 0 for anything else.
func width(out io.Writer) int {
	file, ok := out.(*os.File)
	if !ok {
		return 0
	}
	columns, _, err := term.GetSize(int(file.Fd()))
	if err != nil {
		return 0
	}
	return columns
}
