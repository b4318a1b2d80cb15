package conformance

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/maphash"
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/vpnconform/vpnconform/conformance/environment"
	"github.com/vpnconform/vpnconform/conformance/internal/client"
	"github.com/vpnconform/vpnconform/conformance/internal/excerpt"
	"github.com/vpnconform/vpnconform/conformance/report"
)

// report begins the report with what the run is.
func (r *runner) report() *report.Report {
	var calibration *report.Calibration
	if figures, ok := r.suite.Calibration(); ok {
		calibration = (*report.Calibration)(&figures)
	}
	all := len(r.opts.Run)+len(r.opts.Skip)+len(r.opts.Operations) == 0
	shard := r.opts.Shard
	if shard.Whole = all; shard.Of == 0 {
		shard = report.Shard{}
	}
	return &report.Report{
		Kit: r.opts.Kit, KitDigest: r.opts.KitDigest, Suite: r.suite.Digest(), Document: r.doc.Digest(), Calibration: calibration,
		Tables: tables(r.doc),
		Target: r.client.Base.String(), Environment: shownEnvironment(r.env),
		Level: r.opts.Level, Seed: r.opts.Seed, Shuffled: !r.opts.Ordered, Strict: r.opts.Strict,
		Complete: all && shard.Of == 0, Shard: shard, Started: r.start.UTC(),
	}
}

// shownEnvironment is an environment as JSON, with the names of its header
// fields and without their values.
func shownEnvironment(e environment.Environment) any {
	for name := range maps.Clone(e.Headers) {
		if e.Headers = maps.Clone(e.Headers); e.Headers[name] != "" {
			e.Headers[name] = "***"
		}
	}
	var out any
	if data, err := json.Marshal(e); err == nil { // texts always encode
		_ = json.Unmarshal(data, &out) // and decode
	}
	return out
}

// record keeps an exchange for the report, without its secrets.
func (r *runner) record(out client.Request, s sent) report.Exchange {
	hide := r.judge.Masker.Mask
	e := report.Exchange{
		Method: out.Method, URL: out.URL, Request: shown(out.Masked),
		After: s.begun.Sub(r.start), Took: s.took,
	}
	if s.times > 1 {
		e.Sent = s.times
	}
	for _, name := range slices.Sorted(maps.Keys(out.Header)) {
		if value := out.Header[name]; value != "" {
			e.RequestHeader = append(e.RequestHeader, name+": "+r.client.MaskField(name, value))
		}
	}
	if s.err != nil {
		e.Error = hide(s.err.Error())
		r.rooms.exchange(&e)
		return e
	}
	e.Status = s.answer.Status
	switch body := s.answer.Body; {
	case s.answer.Withheld() != "":
		e.Answer = s.answer.Withheld()
	case !utf8.Valid(body):
		e.Answer, e.Encoding = base64.StdEncoding.EncodeToString([]byte(hide(string(body[:min(len(body), excerpt.MostOfBody)])))), "base64"
	default:
		e.Answer = r.judge.Masker.MaskNamed(hide(shown(body)))
	}
	if s.answer.Sum = maphash.String(bodySeed, e.Answer); len(s.answer.Body) > excerpt.MostOfBody { // of which the report has the beginning
		s.answer.Sum = maphash.Bytes(bodySeed, s.answer.Body)
	}
	if usual := usualReason(s.answer.Status); s.answer.Reason != usual {
		_, phrase, _ := strings.Cut(s.answer.Reason, " ")
		e.AnswerReason = hide(phrase)
	}
	e.AnswerEarly, e.AnswerHeader, e.AnswerTrailer = r.fields(s.answer.Early), r.fields(s.answer.Header), r.fields(s.answer.Trailer)
	e.Cut = s.answer.Truncated || len(s.answer.Body) > excerpt.MostOfBody
	r.rooms.exchange(&e)
	return e
}

// usualReason is the status line of an answer, without the version, as nearly all
// have it.
func usualReason(status int) string { return fmt.Sprintf("%d %s", status, http.StatusText(status)) }

// fields are header fields of an answer, a line each, without secrets.
func (r *runner) fields(header http.Header) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(header)) {
		for _, value := range header[name] {
			out = append(out, r.judge.Masker.Mask(name)+": "+r.judge.Masker.MaskField(name, value))
		}
	}
	return out
}

// shown is a body as text: what is not UTF-8 is escaped, what is long is cut.
func shown(body []byte) string {
	text := string(body[:min(len(body), excerpt.MostOfBody)])
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\uFFFD")
	}
	if len(body) > excerpt.MostOfBody {
		text += fmt.Sprintf("... (%d bytes)", len(body))
	}
	return text
}
