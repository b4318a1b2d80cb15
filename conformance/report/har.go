package report

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// WriteHAR renders the exchanges of a report as an HTTP Archive 1.2, which the network panels
// of browsers open, in the order of their start. The comment of an entry names its case. An
// answer that broke off has status 0, and the reason in _error. Secrets are masked as
// everywhere in a report, and sizes are those of the masked bodies.
func WriteHAR(w io.Writer, r *Report) error {
	type exchange struct {
		*Exchange
		comment string
	}
	var all []exchange
	for _, result := range r.Results {
		for i := range result.Exchanges {
			comment := fmt.Sprintf("%s, request %d of %d", result.Case, i+1, len(result.Exchanges))
			if step := result.Exchanges[i].Step; step != "" {
				comment += ", " + step
			}
			all = append(all, exchange{&result.Exchanges[i], comment})
		}
	}
	slices.SortStableFunc(all, func(a, b exchange) int { return cmp.Compare(a.After, b.After) })
	out := newPage(w)
	creator, err := jsonLine(harCreator{"vpnconform", r.Kit})
	if err != nil {
		return err
	}
	out.put("{\"log\": {\"version\": \"1.2\", \"creator\": %s, \"pages\": [], \"entries\": [", creator)
	for i, e := range all {
		line, err := jsonLine(harEntryOf(e.Exchange, r.Started, e.comment))
		if err != nil {
			return err
		}
		out.put("%s%s", separator(i), line)
	}
	out.put("\n]}}\n")
	return out.Flush()
}

// separator stands before an element of a JSON array with one element a line.
func separator(i int) string {
	return comma(i) + "\n"
}

// jsonLine is a value as JSON on one line, in which everything that could steer a terminal
// is escaped. Such characters occur only in strings, where JSON allows the escapes.
func jsonLine(value any) (string, error) {
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(value); err != nil {
		return "", err
	}
	return Inert(strings.TrimSuffix(b.String(), "\n")), nil
}

type harCreator struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// harEntry is an exchange. The names of this and the types below are those of HAR 1.2.
type harEntry struct {
	Started  string      `json:"startedDateTime"`
	Time     float64     `json:"time"` // ms
	Request  harRequest  `json:"request"`
	Response harResponse `json:"response"`
	Cache    struct{}    `json:"cache"`
	Timings  harTimings  `json:"timings"`
	Type     string      `json:"_resourceType"` // category in Chromium's filter
	Comment  string      `json:"comment"`
}

type harRequest struct {
	Method      string     `json:"method"`
	URL         string     `json:"url"`
	Version     string     `json:"httpVersion"`
	Cookies     []harField `json:"cookies"`
	Headers     []harField `json:"headers"`
	Query       []harField `json:"queryString"`
	Post        *harPost   `json:"postData,omitempty"`
	HeadersSize int        `json:"headersSize"`
	BodySize    int        `json:"bodySize"`
}

type harPost struct {
	MIMEType string `json:"mimeType"`
	Text     string `json:"text"`
}

type harResponse struct {
	Status      int        `json:"status"`
	StatusText  string     `json:"statusText"`
	Version     string     `json:"httpVersion"`
	Cookies     []harField `json:"cookies"`
	Headers     []harField `json:"headers"`
	Content     harContent `json:"content"`
	RedirectURL string     `json:"redirectURL"`
	HeadersSize int        `json:"headersSize"`
	BodySize    int        `json:"bodySize"`
	Error       string     `json:"_error,omitempty"`
}

type harContent struct {
	Size     int    `json:"size"`
	MIMEType string `json:"mimeType"`
	Text     string `json:"text"`
	Encoding string `json:"encoding,omitempty"` // base64 for a body that is not text
}

type harField struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// harTimings are in milliseconds. The whole duration of an exchange counts as waiting: its
// parts are not measured.
type harTimings struct {
	Send    float64 `json:"send"`
	Wait    float64 `json:"wait"`
	Receive float64 `json:"receive"`
}

// notKnown is the size of something that was not measured.
const notKnown = -1

// harEntryOf is the entry of an exchange.
func harEntryOf(e *Exchange, began time.Time, comment string) harEntry {
	took := milliseconds(e.Took)
	entry := harEntry{
		Started: began.Add(e.After).UTC().Format("2006-01-02T15:04:05.000Z"),
		Time:    took, Timings: harTimings{Wait: took}, Type: "fetch", Comment: comment,
		Request: harRequest{
			Method: e.Method, URL: e.URL, Version: "unknown",
			Cookies: []harField{}, Headers: harFields(e.RequestHeader), Query: harQuery(e.URL),
			HeadersSize: notKnown, BodySize: len(e.Request),
		},
		Response: harResponse{
			Status: e.Status, StatusText: cmp.Or(e.AnswerReason, http.StatusText(e.Status)), Version: "unknown",
			Cookies: []harField{}, Headers: harFields(e.AnswerHeader),
			Content:     harContent{harSize(e), cmp.Or(harHeader(e.AnswerHeader, "Content-Type"), "x-unknown"), e.Answer, e.Encoding},
			RedirectURL: harHeader(e.AnswerHeader, "Location"), HeadersSize: notKnown, BodySize: harSize(e),
			Error: e.Error,
		},
	}
	if e.Error != "" {
		entry.Response.Status, entry.Response.StatusText, entry.Response.BodySize = 0, "", notKnown
	}
	if e.Request != "" {
		entry.Request.Post = &harPost{cmp.Or(harHeader(e.RequestHeader, "Content-Type"), "x-unknown"), e.Request}
	}
	return entry
}

// harSize is the length of an answer's body.
func harSize(e *Exchange) int {
	if e.Encoding == "base64" {
		if body, err := base64.StdEncoding.DecodeString(e.Answer); err == nil {
			return len(body)
		}
	}
	return len(e.Answer)
}

func milliseconds(d time.Duration) float64 { return float64(max(d, 0)) / float64(time.Millisecond) }

func harFields(header []string) []harField {
	fields := []harField{}
	for _, field := range header {
		name, value, _ := strings.Cut(field, ": ")
		fields = append(fields, harField{name, value})
	}
	return fields
}

// harHeader is the value of a header field, empty if it is not there.
func harHeader(header []string, want string) string {
	for _, field := range header {
		if name, value, _ := strings.Cut(field, ": "); strings.EqualFold(name, want) {
			return value
		}
	}
	return ""
}

func harQuery(address string) []harField {
	fields := []harField{}
	u, err := url.Parse(address)
	if err != nil {
		return fields
	}
	query := u.Query()
	for _, name := range slices.Sorted(maps.Keys(query)) {
		for _, value := range query[name] {
			fields = append(fields, harField{name, value})
		}
	}
	return fields
}
