package fault

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/conformance/reference/internal/problem"
	"github.com/vpnconform/vpnconform/openapi"
)

// freeText is a member of a request that is a text of a set of characters.
type freeText struct {
	at     string // JSON Pointer; the first item stands for all
	schema *openapi3.Schema
	bases  []any // accepted requests that have it
}

// freeTexts finds the texts of a request whose characters are chosen freely:
// two texts that have nothing to do with each other are both accepted.
func (w *world) freeTexts(m *materials) []freeText {
	var out []freeText
	for _, member := range members(w.op.JSON(), "") {
		if !member.schema.Type.Is("string") || len(member.schema.Enum) > 0 {
			continue
		}
		t := freeText{at: member.at, schema: member.schema}
		for _, body := range m.accepted {
			if lookup(body, t.at) != nil {
				t.bases = append(t.bases, body)
			}
		}
		if w.with(t, "aB1-aB1-a") != nil && w.with(t, "Zy9-xW8-b") != nil {
			out = append(out, t)
		}
	}
	return out
}

// with is an accepted request with a text; nil if there is none, or if nobody
// says that it is accepted.
func (w *world) with(t freeText, text string) any {
	if unclaimed(t.schema, text) {
		return nil
	}
	for _, base := range t.bases {
		if body := put(base, t.at, text); len(w.asked(body).broken) == 0 {
			return body
		}
	}
	return nil
}

// texts are those of a member in a request, of all items.
func (t freeText) texts(body any) []string {
	var out []string
	for _, at := range concretes(body, t.at) {
		if text, ok := lookup(body, at).(string); ok {
			out = append(out, text)
		}
	}
	return out
}

// concretes are the places in a body that a JSON Pointer means in which 0
// stands for every item.
func concretes(body any, pointer string) []string {
	places := []string{""}
	for _, token := range strings.Split(pointer, "/")[1:] {
		var next []string
		for _, place := range places {
			list, isList := lookup(body, place).([]any)
			if token != "0" || !isList {
				next = append(next, place+"/"+token)
				continue
			}
			for i := range list {
				next = append(next, fmt.Sprintf("%s/%d", place, i))
			}
		}
		places = next
	}
	return slices.DeleteFunc(places, func(place string) bool { _, there := match.Lookup(body, place); return !there })
}

// narrow is a kind of text that an implementation refuses.
type narrow struct {
	name, says string
	refuses    func(text string) bool
	texts      []string // that are refused, the first accepted of which shows it
}

// class is a set of characters.
type class struct {
	name string
	in   func(r rune) bool
}

var classes = []class{
	{"lower", func(r rune) bool { return r >= 'a' && r <= 'z' }},
	{"upper", func(r rune) bool { return r >= 'A' && r <= 'Z' }},
	{"digit", func(r rune) bool { return r >= '0' && r <= '9' }},
	{"blank", func(r rune) bool { return r == ' ' }},
	{"special", func(r rune) bool {
		return r > ' ' && r <= '~' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}},
	{"beyond-ascii", func(r rune) bool { return r > unicode.MaxASCII }},
}

// narrows are the kinds of texts that a member may have and an implementation
// may refuse.
func (t freeText) narrows() []narrow {
	var out []narrow
	shape := func(name, says, pattern string, texts ...string) {
		is := regexp.MustCompile(`^(?:` + pattern + `)$`)
		out = append(out, narrow{name, says, is.MatchString, texts})
	}
	shape("digits", "digits alone", `[0-9]+`, "12345678", "20260131", "1")
	shape("number", "a number", `[+-]?[0-9]*\.?[0-9]+([eE][+-]?[0-9]+)?`, "-12.5", "1.5", "1e3", "007")
	shape("boolean", "true or false", `(?i:true|false)`, "true", "false")
	shape("null", "null", `(?i:null|none|nil)`, "null", "none")
	shape("ipv4", "an IPv4 address", `[0-9]+(\.[0-9]+){3}`, "10.0.0.1", "192.0.2.7")
	shape("email", "an e-mail address", `[^@]+@[^@]+\.[^@]+`, "vpn@site.example", "Vpn1@site.example")
	shape("uuid", "an identifier", `[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}`, "2c9d6b1e-0000-4000-8000-0000000000ef", "2C9D6b1e-0000-4000-8000-0000000000ef")
	shape("leading-digit", "a digit in front", `[0-9].*`, "1aB-aB1-a")
	shape("leading-hyphen", "a hyphen in front", `-.*`, "-aB1-aB1a")
	shape("leading-period", "a period in front", `\..*`, ".aB1-aB1a")
	shape("blanks-inside", "two blanks inside", `[^ ].*  .*[^ ]`, "aB1  aB1-a")
	if t.schema.MaxLength != nil {
		most := int(*t.schema.MaxLength)
		var long []string
		for _, letter := range []string{"ü", "é", "ñ"} {
			long = append(long, strings.Repeat(letter, most))
		}
		out = append(out, narrow{"long-in-bytes", "more bytes than it may have characters", func(s string) bool { return len(s) > most }, long})
	}
	return append(out, t.atPlaces()...)
}

// atPlaces are the texts with one character at one place: of each class, and
// the first and the last of it.
func (t freeText) atPlaces() []narrow {
	var out []narrow
	const before, after = "aB1-", "aB1-a"
	places := []struct {
		name string
		at   func(text []rune) []rune
		text func(r rune) string
	}{
		{"first", func(t []rune) []rune { return t[:1] }, func(r rune) string { return string(r) + before + after }},
		{"middle", func(t []rune) []rune { return t[1 : len(t)-1] }, func(r rune) string { return before + string(r) + after }},
		{"last", func(t []rune) []rune { return t[len(t)-1:] }, func(r rune) string { return before + after + string(r) }},
	}
	for _, c := range classes {
		inside := t.of(c)
		if len(inside) == 0 {
			continue
		}
		for _, p := range places {
			add := func(name, says string, in func(rune) bool, shown rune) {
				out = append(out, narrow{name + "-" + p.name, says, func(text string) bool {
					runes := []rune(text)
					return len(runes) > 2 && slices.ContainsFunc(p.at(runes), in)
				}, []string{p.text(shown)}})
			}
			add(c.name, "a character of class "+c.name+" at the "+p.name+" place", c.in, inside[0])
			for _, edge := range slices.Compact([]rune{inside[0], inside[len(inside)-1]}) {
				add(fmt.Sprintf("u%04x", edge), fmt.Sprintf("the character %q at the %s place", edge, p.name), func(r rune) bool { return r == edge }, edge)
			}
		}
	}
	return out
}

// of are the characters of a class that a text may have, in their order.
func (t freeText) of(c class) []rune {
	pattern, err := regexp.Compile(t.schema.Pattern)
	if err != nil {
		return nil // the document was loaded with it
	}
	var out []rune
	for r := ' '; r < 0x250; r++ {
		if text := "aB1-" + string(r) + "aB1-a"; c.in(r) && r != 0x7f && pattern.MatchString(text) && !unclaimed(t.schema, text) {
			out = append(out, r)
		}
	}
	return out
}

// ofTexts are the faults of free texts: those that are accepted and refused all
// the same, and those that come back in another form.
func (w *world) ofTexts(m *materials) []Fault {
	var out []Fault
	for _, t := range w.freeTexts(m) {
		for _, n := range t.narrows() {
			body := w.shows(t, n.texts)
			if body == nil {
				continue
			}
			out = append(out, Fault{
				ID: "text" + t.at + "/refuses-" + n.name, Kind: "narrow-text", Try: []string{schemaName(w, t) + ".*"},
				Breaks:  t.at + " is refused with " + n.says,
				make:    refusing(t.at, func(_ *wrong, _ []byte, body any) bool { return slices.ContainsFunc(t.texts(body), n.refuses) }),
				witness: sent(body),
			})
		}
		out = append(out, w.normalised(t)...)
	}
	return out
}

// schemaName is what the ids of the rules of a text begin with: that of its
// object and its own.
func schemaName(w *world, t freeText) string {
	for _, r := range w.doc.Rules {
		if r.Schema == t.schema {
			id := r.ID
			return id[:strings.LastIndexByte(id, '.')]
		}
	}
	return "*"
}

// shows is an accepted request with the first of texts that there is one with.
func (w *world) shows(t freeText, texts []string) any {
	for _, text := range texts {
		if body := w.with(t, text); body != nil {
			return body
		}
	}
	return nil
}

// refusing refuses accepted requests.
func refusing(at string, refuses func(w *wrong, raw []byte, body any) bool) func(*wrong) http.HandlerFunc {
	name := at[strings.LastIndexByte(strings.TrimSuffix(at, "/0"), '/')+1:]
	return created(func(w *wrong, request []byte, a *reply) {
		if body, err := match.Decode(request); err == nil && refuses(w, request, body) {
			a.refuse(problem.Invalid(strings.TrimSuffix(name, "/0") + " is not accepted"))
		}
	})
}

// forms are those in which a text comes back that is not the one that was sent.
var forms = []struct {
	name, says string
	write      func(string) string
	texts      []string
}{
	{"trimmed", "without blanks at its edges", strings.TrimSpace, []string{" aB1-aB1-a "}},
	{"collapsed", "with one blank for several", func(s string) string { return regexp.MustCompile(` {2,}`).ReplaceAllString(s, " ") }, []string{"aB1-  aB1-a"}},
	{"lower-cased", "in lower case", strings.ToLower, []string{"aB1-aB1-a"}},
	{"upper-cased", "in upper case", strings.ToUpper, []string{"aB1-aB1-a"}},
	{"cut-at-32", "cut off behind 32 characters", func(s string) string { return string([]rune(s)[:min(32, utf8.RuneCountInString(s))]) }, []string{strings.Repeat("aB1-", 10)}},
	{"decomposed", "with accents as characters of their own", decomposed, []string{"aB1-é-aB1"}},
	{"without-accents", "without accents", func(s string) string { return strings.Map(plainLetter, decomposed(s)) }, []string{"aB1-é-aB1"}},
	{"percent-decoded", "with plus signs as blanks", func(s string) string { return strings.ReplaceAll(s, "+", " ") }, []string{"aB1-+-aB1"}},
	{"as-number", "as numbers are written", func(s string) string {
		if n := strings.TrimLeft(s, "0"); n != "" && strings.Trim(s, "0123456789") == "" {
			return n
		}
		return s
	}, []string{"00012345"}},
	{"escaped-for-html", "with < > & and quotes escaped for HTML", func(s string) string {
		return strings.NewReplacer("'", "&#39;", `"`, "&#34;").Replace(s)
	}, []string{"aB1-'-aB1"}},
}

// decomposed writes letters with accents as a letter and an accent, as NFD does.
func decomposed(s string) string {
	const letters = "ÀA\u0300ÁA\u0301ÂA\u0302ÃA\u0303ÇC\u0327ÉE\u0301ÊE\u0302ÍI\u0301ÑN\u0303ÓO\u0301ÔO\u0302ÕO\u0303ÚU\u0301ÜU\u0308" +
		"àa\u0300áa\u0301âa\u0302ãa\u0303çc\u0327ée\u0301êe\u0302íi\u0301ñn\u0303óo\u0301ôo\u0302õo\u0303úu\u0301üu\u0308"
	runes := []rune(letters)
	var out strings.Builder
	for _, r := range s {
		if i := slices.Index(runes, r); i >= 0 && i%3 == 0 {
			out.WriteString(string(runes[i+1 : i+3]))
			continue
		}
		out.WriteRune(r)
	}
	return out.String()
}

// plainLetter drops accents.
func plainLetter(r rune) rune {
	if unicode.Is(unicode.Mn, r) {
		return -1
	}
	return r
}

// normalised are the faults of a text that comes back in another form.
func (w *world) normalised(t freeText) []Fault {
	var out []Fault
	for _, form := range forms {
		changed := slices.DeleteFunc(slices.Clone(form.texts), func(text string) bool { return form.write(text) == text })
		body := w.shows(t, changed)
		if body == nil || openapi.Member(w.op.Answer(http.StatusCreated), t.at) == nil {
			continue
		}
		out = append(out, Fault{
			ID: "text" + t.at + "/" + form.name, Kind: "normalised", Try: []string{schemaName(w, t) + ".*"}, Breaks: t.at + " comes back " + form.says,
			make: created(func(_ *wrong, request []byte, a *reply) {
				body, err := match.Decode(request)
				if err != nil {
					return
				}
				for _, at := range concretes(body, t.at) {
					text, isText := lookup(body, at).(string)
					a.edit(at, func(v any) (any, bool) { return form.write(text), isText && v == text })
				}
			}),
			witness: sent(body),
		})
	}
	return out
}
