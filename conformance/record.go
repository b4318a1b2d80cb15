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
		Target: r.client.base.String(), Environment: shownEnvironment(r.env),
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

// mostRecorded is the number of bytes of a body that a report keeps.
const mostRecorded = 64 << 10

// record keeps an exchange for the report, without its secrets.
func (r *runner) record(out outgoing, s sent) report.Exchange {
	hide := r.judge.masker.mask
	e := report.Exchange{
		Method: out.method, URL: out.url, Request: shown(out.masked),
		After: s.begun.Sub(r.start), Took: s.took,
	}
	if s.times > 1 {
		e.Sent = s.times
	}
	for _, name := range slices.Sorted(maps.Keys(out.header)) {
		if value := out.header[name]; value != "" {
			e.RequestHeader = append(e.RequestHeader, name+": "+r.client.shownField(name, value))
		}
	}
	if s.err != nil {
		e.Error = hide(s.err.Error())
		r.rooms.exchange(&e)
		return e
	}
	e.Status = s.answer.status
	switch body := s.answer.body; {
	case s.answer.withheld() != "":
		e.Answer = s.answer.withheld()
	case !utf8.Valid(body):
		e.Answer, e.Encoding = base64.StdEncoding.EncodeToString([]byte(hide(string(body[:min(len(body), mostRecorded)])))), "base64"
	default:
		e.Answer = r.judge.masker.maskNamed(hide(shown(body)))
	}
	if s.answer.sum = maphash.String(bodySeed, e.Answer); len(s.answer.body) > mostRecorded { // of which the report has the beginning
		s.answer.sum = maphash.Bytes(bodySeed, s.answer.body)
	}
	if usual := usualReason(s.answer.status); s.answer.reason != usual {
		_, phrase, _ := strings.Cut(s.answer.reason, " ")
		e.AnswerReason = hide(phrase)
	}
	e.AnswerEarly, e.AnswerHeader, e.AnswerTrailer = r.fields(s.answer.early), r.fields(s.answer.header), r.fields(s.answer.trailer)
	e.Cut = s.answer.truncated || len(s.answer.body) > mostRecorded
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
			out = append(out, r.judge.masker.mask(name)+": "+r.judge.masker.maskField(name, value))
		}
	}
	return out
}

// shownField is the value of a header field as it may be shown.
func (c *client) shownField(name, value string) string {
	if _, configured := c.own[http.CanonicalHeaderKey(name)]; configured || name == c.field {
		return "***"
	}
	return value
}

// shown is a body as text: what is not UTF-8 is escaped, what is long is cut.
func shown(body []byte) string {
	text := string(body[:min(len(body), mostRecorded)])
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\uFFFD")
	}
	if len(body) > mostRecorded {
		text += fmt.Sprintf("... (%d bytes)", len(body))
	}
	return text
}
