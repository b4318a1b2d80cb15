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
)

// bar shows how far something is: a bar on a terminal, a line now and then
// elsewhere, but none of what is over at once or at its end.
type bar struct {
	out  io.Writer
	bar  *progressbar.ProgressBar // nil but on a terminal
	last time.Time                // that a line was written, or something first done
}

// every is the time between two lines of progress.
const every = 5 * time.Second

func newBar(out io.Writer) *bar {
	b := &bar{out: out}
	if width(out) > 0 {
		b.bar = progressbar.NewOptions(1,
			progressbar.OptionSetWriter(out), progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true),
			progressbar.OptionSetWidth(20), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionEnableColorCodes(os.Getenv("NO_COLOR") == ""),
		)
	}
	return b
}

// set says that so many of all are done. A bar that cannot be drawn stops
// nothing.
func (b *bar) set(done, all int, noun, more string) {
	if b.bar != nil {
		b.bar.ChangeMax(all)
		b.bar.Describe(more)
		_ = b.bar.Set(done)
		return
	}
	now := time.Now()
	if b.last.IsZero() {
		b.last = now
	}
	if now.Sub(b.last) >= every && done < all {
		b.last = now
		_, _ = fmt.Fprintf(b.out, "%d of %d %s, %s\n", done, all, noun, more)
	}
}

func (b *bar) end() {
	if b.bar != nil {
		_ = b.bar.Finish()
	}
}

// progress shows how far a run of cases is, or nothing when it is quiet.
type progress struct {
	*bar
	opts                conformance.Options
	total, done, passed int
}

func newProgress(out io.Writer, opts conformance.Options, quiet bool) *progress {
	if quiet {
		out = io.Discard
	}
	return &progress{bar: newBar(out), opts: opts}
}

// count counts the cases of the run: not the duties, which are settled when all
// is over.
func (p *progress) count() {
	s, err := p.opts.Derived.Draw(p.opts.Seed)
	if err != nil {
		return // there would be no run
	}
	if cases, err := p.opts.Cases(s); err == nil {
		for _, c := range cases {
			if !c.Duty {
				p.total++
			}
		}
	}
}

// each takes a result.
func (p *progress) each(result report.Result) {
	if p.total == 0 { // the run has drawn the suite by now
		p.count()
	}
	if p.done++; result.Outcome == report.Pass {
		p.passed++
	}
	p.set(p.done, p.total, "cases", fmt.Sprintf("%d pass", p.passed))
}

// width is the number of columns of a terminal, 0 for anything else.
func width(out io.Writer) int {
	file, ok := out.(interface{ Fd() uintptr })
	if !ok {
		return 0
	}
	columns, _, err := term.GetSize(int(file.Fd()))
	if err != nil {
		return 0
	}
	return columns
}
