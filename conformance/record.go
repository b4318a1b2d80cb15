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

// beginReport returns a report without results.
func (r *runner) beginReport() *report.Report {
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
		Tables: reportTables(r.doc),
		Target: r.client.Base.String(), Environment: shownEnvironment(r.env),
		Level: r.opts.Level, Seed: r.opts.Seed, Shuffled: !r.opts.Ordered, Strict: r.opts.Strict,
		Complete: all && shard.Of == 0, Shard: shard, Started: r.start.UTC(),
	}
}

// shownEnvironment is an environment as JSON, with the values of header fields masked.
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

// record makes the report's copy of an exchange, without secrets.
func (r *runner) record(out client.Request, s exchange) report.Exchange {
	hide := r.judge.Masker.Mask
	e := report.Exchange{
		Method: out.Method, URL: out.URL, Request: bodyText(out.Masked),
		After: s.start.Sub(r.start), Took: s.took,
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
		r.rooms.shortenExchange(&e)
		return e
	}
	e.Status = s.answer.Status
	switch body := s.answer.Body; {
	case s.answer.Withheld() != "":
		e.Answer = s.answer.Withheld()
	case !utf8.Valid(body):
		e.Answer, e.Encoding = base64.StdEncoding.EncodeToString([]byte(hide(string(body[:min(len(body), excerpt.MostOfBody)])))), "base64"
	default:
		e.Answer = r.judge.Masker.MaskNamed(hide(bodyText(body)))
	}
	if s.answer.Sum = maphash.String(bodySeed, e.Answer); len(s.answer.Body) > excerpt.MostOfBody { // the report has only the beginning
		s.answer.Sum = maphash.Bytes(bodySeed, s.answer.Body)
	}
	if usual := usualReason(s.answer.Status); s.answer.Reason != usual {
		_, phrase, _ := strings.Cut(s.answer.Reason, " ")
		e.AnswerReason = hide(phrase)
	}
	e.AnswerEarly, e.AnswerHeader, e.AnswerTrailer = r.maskFields(s.answer.Early), r.maskFields(s.answer.Header), r.maskFields(s.answer.Trailer)
	e.Cut = s.answer.Truncated || len(s.answer.Body) > excerpt.MostOfBody
	r.rooms.shortenExchange(&e)
	return e
}

// usualReason is the usual status line of an answer, without the version. A report keeps
// only another one.
func usualReason(status int) string { return fmt.Sprintf("%d %s", status, http.StatusText(status)) }

// maskFields are the header fields of an answer, one line each, without secrets.
func (r *runner) maskFields(header http.Header) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(header)) {
		for _, value := range header[name] {
			out = append(out, r.judge.Masker.Mask(name)+": "+r.judge.Masker.MaskField(name, value))
		}
	}
	return out
}

// bodyText is a body as text: bytes that are not UTF-8 are replaced, and a long body is
// cut.
func bodyText(body []byte) string {
	text := string(body[:min(len(body), excerpt.MostOfBody)])
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\uFFFD")
	}
	if len(body) > excerpt.MostOfBody {
		text += fmt.Sprintf("... (%d bytes)", len(body))
	}
	return text
}
