package fault

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/vpnconform/vpnconform/openapi"
)

// way is a way for a request to come.
type way struct {
	name, says string
	came       func(q *asked) bool
	witness    func(body any) []probe
}

// escapedName matches a member whose name is written with an escape.
var escapedName = regexp.MustCompile(`"[^"\\]*\\(?:[^"\\]|\\.)*"\s*:`)

// ways are those in which a rule may be forgotten. That the connection is a
// fresh one is seen from its address.
func ways() []way {
	written := func(write func([]byte) []byte) func(any) []probe {
		return func(body any) []probe { return []probe{{body: body, write: write}} }
	}
	field := func(name, value string) func(any) []probe {
		return func(body any) []probe { return []probe{{body: body, header: map[string]string{name: value}}} }
	}
	return []way{
		{"with-charset", "with a charset in Content-Type", func(q *asked) bool {
			return strings.Contains(q.request.Header.Get("Content-Type"), ";")
		}, field("Content-Type", "application/json; charset=utf-8")},
		{"without-charset", "without a charset in Content-Type", func(q *asked) bool {
			return !strings.Contains(q.request.Header.Get("Content-Type"), ";")
		}, written(nil)},
		{"chunked", "in chunks", func(q *asked) bool { return q.request.ContentLength < 0 }, func(body any) []probe {
			return []probe{{body: body, chunked: true}}
		}},
		{"in-one-piece", "with a Content-Length", func(q *asked) bool { return q.request.ContentLength >= 0 }, written(nil)},
		{"pretty", "in several lines", func(q *asked) bool { return bytes.ContainsRune(bytes.TrimSpace(q.raw), '\n') }, written(pretty)},
		{"compact", "in one line", func(q *asked) bool { return !bytes.ContainsRune(bytes.TrimSpace(q.raw), '\n') }, written(nil)},
		{"in-other-order", "with members in another order than that of the alphabet", func(q *asked) bool { return !sortedNames(q.raw) }, written(backwards)},
		{"in-order", "with members in the order of the alphabet", func(q *asked) bool { return sortedNames(q.raw) }, written(nil)},
		{"escaped", "with names written with escapes", func(q *asked) bool { return escapedName.Match(q.raw) }, written(escaped)},
		{"unescaped", "with names written without escapes", func(q *asked) bool { return !escapedName.Match(q.raw) }, written(nil)},
		{"fresh", "on a fresh connection", func(q *asked) bool { return !q.kept }, written(nil)},
		{"kept", "on a kept connection", func(q *asked) bool { return q.kept }, func(body any) []probe { return []probe{{body: body}, {body: body}} }},
	}
}

// inTransports are the faults of a rule that is forgotten when a request comes
// in one way.
func (d *breaches) inTransports(w *world) []Fault {
	var out []Fault
	for _, t := range ways() {
		i := slices.IndexFunc(d.cloud, func(q *asked) bool { return t.shownBy(w, q) })
		if i < 0 {
			continue
		}
		body := d.cloud[i].body
		out = append(out, Fault{
			ID: "rule/" + d.rule.ID + "/not-" + t.name, Kind: "not-" + t.name, Rule: d.rule.ID, Within: true,
			Breaks:  "a request is accepted that comes " + t.says + " although not: " + d.rule.Message,
			make:    notEnforced(d.rule, t.came),
			witness: func() []probe { return t.witness(body) },
		})
	}
	return out
}

// shownBy tells whether a request can come in this way.
func (t way) shownBy(w *world, q *asked) bool {
	probes := t.witness(q.body)
	r, err := w.requestOf(probes[len(probes)-1])
	if err != nil {
		return false
	}
	sent := *q
	sent.request, sent.raw, sent.kept = r, read(r), len(probes) > 1
	return t.came(&sent)
}

// pretty writes a body in several lines.
func pretty(body []byte) []byte {
	var out bytes.Buffer
	if json.Indent(&out, body, "", "  ") != nil || !bytes.ContainsRune(out.Bytes(), '\n') {
		return append([]byte{'\n'}, bytes.ReplaceAll(body, []byte("["), []byte("[\n"))...)
	}
	return out.Bytes()
}

// escaped writes the first letter of every name as an escape.
func escaped(body []byte) []byte {
	return regexp.MustCompile(`"([a-z])([a-z0-9_]*":)`).ReplaceAllFunc(body, func(name []byte) []byte {
		return fmt.Appendf(nil, `"\u%04x%s`, name[1], name[2:])
	})
}

// backwards writes the members of every object in falling order.
func backwards(body []byte) []byte {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) != nil {
		return body
	}
	return appendBackwards(nil, value)
}

func appendBackwards(out []byte, value any) []byte {
	switch v := value.(type) {
	case map[string]any:
		out = append(out, '{')
		names := slices.Sorted(maps.Keys(v))
		slices.Reverse(names)
		for i, name := range names {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(appendBackwards(out, name), ':')
			out = appendBackwards(out, v[name])
		}
		return append(out, '}')
	case []any:
		out = append(out, '[')
		for i, item := range v {
			if i > 0 {
				out = append(out, ',')
			}
			out = appendBackwards(out, item)
		}
		return append(out, ']')
	}
	text, _ := json.Marshal(value) // what was decoded always encodes
	return append(out, text...)
}

// sortedNames tells whether the members of every object stand in the order of
// their names.
func sortedNames(body []byte) bool {
	var last []string // of every open object or list, with its kind in front
	decoder := json.NewDecoder(bytes.NewReader(body))
	value := false // the value of a member comes next
	for {
		token, err := decoder.Token()
		if err != nil {
			return true
		}
		switch token {
		case json.Delim('{'):
			last, value = append(last, "{"), false
			continue
		case json.Delim('['):
			last, value = append(last, "["), false
			continue
		case json.Delim('}'), json.Delim(']'):
			last, value = last[:len(last)-1], false
			continue
		}
		if len(last) == 0 || last[len(last)-1][0] == '[' || value {
			value = false
			continue
		}
		name := "{" + token.(string) // what stands in an object's place for a name is one
		if name < last[len(last)-1] {
			return false
		}
		last[len(last)-1], value = name, true
	}
}

// ofLaterRequests are implementations that tire: from some request on, rules of
// one kind are not enforced.
func (w *world) ofLaterRequests(m *materials) []Fault {
	var out []Fault
	for _, kind := range []openapi.Kind{openapi.Keyword, openapi.Validation} {
		body := m.breaking(w, func(r *openapi.Rule) bool { return r.Kind == kind })
		for _, n := range []int{50, 500, 1000} {
			out = append(out, Fault{
				ID: fmt.Sprintf("tired/%s-after-%d", kind, n), Kind: "later-in-the-run",
				Breaks: fmt.Sprintf("after %d requests, a request is accepted that breaks a rule of kind %s", n, kind),
				make: lenient(func(q *asked) bool {
					return q.before >= n && !slices.ContainsFunc(q.broken, func(v openapi.Violation) bool { return v.Rule == nil || v.Rule.Kind != kind })
				}),
				witness: func() []probe { return slices.Repeat([]probe{{body: body}}, n+1) },
			})
		}
	}
	return out
}

// ofUserAgents are implementations that are right for one client alone.
func (w *world) ofUserAgents(m *materials) []Fault {
	var out []Fault
	body := m.breaking(w, func(*openapi.Rule) bool { return true })
	for _, agent := range []struct {
		name, says string
		is         func(string) bool
		like       string
	}{
		{"kit", "unless User-Agent is vpnconform", func(s string) bool { return !strings.HasPrefix(s, "vpnconform") }, "curl/8"},
		{"browsers", "if User-Agent is no browser's", func(s string) bool { return !strings.HasPrefix(s, "Mozilla/") }, "curl/8"},
		{"strangers", "if User-Agent is that of net/http", func(s string) bool { return strings.HasPrefix(s, "Go-http-client/") }, "Go-http-client/1.1"},
	} {
		out = append(out, Fault{
			ID: "agent/for-" + agent.name + "-alone", Kind: "one-client-alone", Breaks: "a request that breaks rules is accepted " + agent.says,
			make:    lenient(func(q *asked) bool { return agent.is(q.request.Header.Get("User-Agent")) }),
			witness: func() []probe { return []probe{{body: body, header: map[string]string{"User-Agent": agent.like}}} },
		})
	}
	return out
}
