package reader

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// placeAt puts the place of a parameter before the pointers of the violations since the mark.
func (f *findings) placeAt(mark int, place string) {
	if len(f.found) > mark {
		f.prefix(mark, place)
	}
}

// repeated adds the violation of a parameter that is not a list and comes more than once.
func (f *findings) repeated(place, name string) {
	f.addAt(place, RuleRepeated, name+" is sent once")
}

// queryParameter is a parameter of a query. The value is still escaped, since a list is split before it is unescaped.
type queryParameter struct{ name, value string }

// query holds the parameters of a query in their order.
type query []queryParameter

// readQuery reads the query of a URL.
func (f *findings) readQuery(raw string) query {
	if raw == "" {
		return nil
	}
	q := make(query, 0, strings.Count(raw, "&")+1)
	for part := range strings.SplitSeq(raw, "&") {
		name, value, _ := strings.Cut(part, "=")
		_, malformed := url.QueryUnescape(value)
		name, err := url.QueryUnescape(name)
		switch {
		case err != nil || malformed != nil:
			f.addAt("query", RuleQuery, "the query is percent-encoded")
		case part != "":
			q = append(q, queryParameter{name, value})
		}
	}
	return q
}

// text returns the first value of a parameter, and the number of its values.
func (q query) text(name string) (text string, count int) {
	for _, p := range q {
		if p.name == name {
			if count++; count == 1 {
				text, _ = url.QueryUnescape(p.value) // it was read before
			}
		}
	}
	return text, count
}

// list returns the items of a parameter, nil if it is absent. Without separators each item is a parameter of its own;
// several separators are forms of one.
func (q query) list(name string, separators ...string) []string {
	var items []string
	for _, p := range q {
		if p.name != name {
			continue
		}
		parts := []string{p.value}
		if len(separators) > 0 {
			value := p.value
			for _, another := range separators[1:] {
				value = strings.ReplaceAll(value, another, separators[0])
			}
			parts = strings.Split(value, separators[0])
		}
		for _, part := range parts {
			item, _ := url.QueryUnescape(part) // it was read before
			items = append(items, item)
		}
	}
	return items
}

// headerText returns the first value of a header field, and the number of its values.
func headerText(header http.Header, name string) (text string, count int) {
	values := header[name]
	if len(values) == 0 {
		return "", 0
	}
	return values[0], len(values)
}

// cookieText returns the value of the first cookie of a name, and the number of cookies of the name.
func cookieText(r *http.Request, name string) (text string, count int) {
	cookies := r.CookiesNamed(name)
	if len(cookies) == 0 {
		return "", 0
	}
	return cookies[0].Value, len(cookies)
}

// headerList returns the items of a header field, which may come more than once; nil if it is absent.
func headerList(header http.Header, name string) []string {
	var items []string
	for _, value := range header[name] {
		for item := range strings.SplitSeq(value, ",") {
			items = append(items, strings.Trim(item, " \t"))
		}
	}
	return items
}

// integerIn reads an integer in the notation of JSON from a text. An integer of more than size bits breaks the second
// rule, unless that is empty, and the nearest one of size bits is returned.
func (f *findings) integerIn(text string, size int, rule, message, format, formatMessage string) (int64, bool) {
	if literal, whole := jsonNumber(text); !literal || !whole {
		f.add(rule, message)
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, size)
	if err != nil && format != "" {
		f.add(format, formatMessage)
	}
	return n, true
}

// numberIn reads a number in the notation of JSON from a text.
func (f *findings) numberIn(text, rule, message string) (float64, bool) {
	x, err := strconv.ParseFloat(text, 64)
	if literal, _ := jsonNumber(text); !literal || err != nil {
		f.add(rule, message)
		return 0, false
	}
	return x, true
}

// jsonNumber reports whether a text is a number of JSON, and whether the number has neither fraction nor exponent.
func jsonNumber(text string) (is, whole bool) {
	if text == "" || text[0] != '-' && (text[0] < '0' || text[0] > '9') {
		return false, false
	}
	r := reader{text: text}
	_, whole = r.literal()
	return !r.closed && r.at == len(text), whole
}

// booleanIn reads true or false.
func (f *findings) booleanIn(text, rule, message string) bool {
	if text != "true" && text != "false" {
		f.add(rule, message)
	}
	return text == "true"
}

// convertIn reads a text into a type that parses it.
func (f *findings) convertIn(text string, into any, rule, message string) bool {
	data, err := json.Marshal(text)
	if err != nil || !convert(text, string(data), into) {
		f.add(rule, message)
		return false
	}
	return true
}

// withBody adds the violations of a request's body to those of its parameters.
func withBody[T any](w http.ResponseWriter, r *http.Request, found Violations, decode func([]byte) (T, Violations)) Violations {
	_, err := readBody(w, r, decode)
	var violations Violations
	if !errors.As(err, &violations) {
		return found
	}
	if found = append(found, violations...); len(found) > MaxViolations {
		found = append(found[:MaxViolations], Violation{"", RuleMore, "more violations are not listed"})
	}
	return found
}
