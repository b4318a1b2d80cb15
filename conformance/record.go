package conformance

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/vpnconform/vpnconform/conformance/report"
)

// mostRecorded is the number of bytes of a body that a report keeps.
const mostRecorded = 64 << 10

// record keeps an exchange for the report, without its secrets.
func (r *runner) record(out outgoing, s sent) report.Exchange {
	hide := func(text string) string { return mask(text, r.judge.secrets) }
	e := report.Exchange{
		Method: out.method, URL: out.url, Request: hide(shown(out.body)),
		After: s.begun.Sub(r.start), Took: s.took,
	}
	for _, name := range slices.Sorted(maps.Keys(out.header)) {
		if value := out.header[name]; value != "" {
			e.RequestHeader = append(e.RequestHeader, name+": "+r.client.shownField(name, value))
		}
	}
	if s.err != nil {
		e.Error = hide(s.err.Error())
		return e
	}
	e.Status, e.Answer = s.answer.status, hide(shown(s.answer.body))
	for _, name := range slices.Sorted(maps.Keys(s.answer.header)) {
		for _, value := range s.answer.header[name] {
			e.AnswerHeader = append(e.AnswerHeader, hide(name+": "+value))
		}
	}
	return e
}

// shownField is the value of a header field as it may be shown.
func (c *client) shownField(name, value string) string {
	if _, configured := c.own[http.CanonicalHeaderKey(name)]; configured || name == "X-Auth-Token" {
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
