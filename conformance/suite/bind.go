package suite

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/conformance/environment"
	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/openapi"
	"github.com/vpnconform/vpnconform/openapi/source"
)

// Bound is a case in an environment: the request to send and the answer to expect.
type Bound struct {
	Body    []byte // of the request, compact
	Request any    // Body, decoded
	Golden  any    // the expected body of the answer, decoded; nil unless the case is an example
	Facts   openapi.Facts

	// Before are the requests that set the case up, in their order.
	Before []Before

	// Parameters are the parameters that are sent beside the body, by name.
	Parameters map[string]string

	Key string // the secret of the request, if it is long enough to be found in answers
}

// Before is a request that was carried out before the one under test.
type Before struct {
	Operation openapi.Operation
	Request   any  // body, decoded
	Beside    bool // it made another object than the one that the case is about
}

// MissingError says what the environment lacks for a case to be tried.
type MissingError struct{ What string }

func (e *MissingError) Error() string { return "the environment has no " + e.What }

// Bind replaces the documented texts by those of the environment's objects, and the
// documented secret by the given one unless that is empty. It takes the first objects
// with which the request breaks exactly the rules that the case says: an object has
// rules of its own, and a request that is accepted with one object may be refused with
// another. [Case.Turn] says with which object the search begins. The error is a
// *[MissingError] if the environment has no suitable object.
func (s *part) Bind(c Case, e environment.Environment, psk string) (Bound, error) {
	if c.Wire.Credentials != "" && !e.HasCredentials() {
		return Bound{}, &MissingError{"credentials (token_env, or a header field such as Authorization)"}
	}
	if s.op.JSON() == nil {
		return Bound{Facts: s.doc.Facts}, nil
	}
	body, err := s.doc.Violated(s.op, c.Change)
	if err != nil {
		return Bound{}, fmt.Errorf("%s: request: %w", c.ID, err)
	}
	choices, err := s.objectChoices(c, e)
	if err != nil {
		return Bound{}, err
	}
	var missing *MissingError
	for chosen := range choices {
		found, err := binding{part: s, c: c, facts: chosen, psk: psk}.bind(body)
		if err == nil {
			return found, nil
		}
		var lacks *MissingError
		if !errors.As(err, &lacks) {
			return Bound{}, err
		}
		if missing == nil || len(lacks.What) > len(missing.What) { // the one that says the most
			missing = lacks
		}
	}
	return Bound{}, missing
}

// binding is a case with certain objects of the environment.
type binding struct {
	*part
	c     Case
	facts openapi.Facts // the objects
	psk   string
}

// bind makes the request, or says what the objects lack for it.
func (b binding) bind(body any) (Bound, error) {
	if what := b.missingFact(); what != "" {
		return Bound{}, &MissingError{what}
	}
	values, err := b.mapTexts(body)
	if err != nil {
		return Bound{}, err
	}
	for _, drawn := range []map[string]string{b.drawn, nil} {
		bound := Bound{Facts: b.facts}
		if b.c.Golden != nil && drawn != nil {
			continue // a documented request stays as it is
		}
		var changed []string
		bound.Request, changed = b.rewriteRequest(body, values, drawn)
		removed, ok := b.judgeRequest(&bound, changed)
		if !ok {
			continue
		}
		return b.finish(bound, values, removed)
	}
	what := asWords(cmp.Or(strings.Join(b.kindFacts(), " and "), "object"))
	if broken := b.c.Breaks(); len(broken) > 0 {
		return Bound{}, &MissingError{what + " where the request breaks " + strings.Join(broken, " and ") + " and nothing else"}
	}
	return Bound{}, &MissingError{what + " where the request breaks no rule"}
}

// missingFact says which value the case demands of an object, unlike the documented
// one, and the object does not have; empty if it lacks none.
func (b binding) missingFact() string {
	for _, f := range b.doc.Kinds() {
		wanted, _ := b.c.Change.Facts[f.Name].(map[string]any)
		usual, _ := b.doc.Facts[f.Name].(map[string]any)
		has, named := b.facts[f.Name].(map[string]any)
		var out []string
		for _, name := range slices.Sorted(maps.Keys(wanted)) {
			if text, ok := wanted[name].(string); ok && named && text != usual[name] && text != has[name] {
				out = append(out, name+" "+text)
			}
		}
		if len(out) > 0 {
			return asWords(f.Name) + " with " + strings.Join(out, " and ")
		}
	}
	return ""
}

// asWords writes a name as words.
func asWords(name string) string { return strings.ReplaceAll(name, "_", " ") }

// rewriteRequest writes the environment's texts into a body and returns the places
// that changed. Drawn are further texts to replace.
func (b binding) rewriteRequest(body any, values, drawn map[string]string) (any, []string) {
	all := maps.Clone(drawn)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, values)
	var changed []string
	out := replaceTexts(body, all, "", &changed)
	return out, slices.DeleteFunc(changed, func(at string) bool { return textAt(out, at) == b.psk }) // the key keeps its rules
}

// judgeRequest reports whether the request breaks exactly the rules that the case says,
// and leaves nothing open unless the case is open. With these objects it may be open
// whether a member is accepted; such a member is removed and its place returned, unless
// the case is about it.
func (b binding) judgeRequest(bound *Bound, changed []string) (removed []string, ok bool) {
	s := b.part
	moved := !sameFacts(bound.Facts, b.c.Change.Facts)
	for range 4 {
		wrong := b.c.brokenPlaces()
		breaks, open := s.doc.Rejudge(s.op, bound.Request, bound.Facts, moved, b.c.Breaks(), append(changed, removed...), wrong)
		if len(wrong) > 0 && slices.Contains(changed, wrong[0]) { // it may be wrong for another reason now
			breaks = slices.Equal(sortIDs(s.doc.Broken(s.op, bound.Request, bound.Facts)), b.c.Breaks())
		}
		if b.c.Open {
			return removed, breaks && len(s.doc.LeavesOpen(s.op, bound.Request, bound.Facts)) > 0
		}
		if len(open) == 0 {
			return removed, breaks
		}
		r := s.doc.Rule(open[0])
		if r == nil {
			return nil, false
		}
		at, _ := openapi.Find(s.op.JSON(), r.Schema)
		for _, field := range r.Fields {
			pointer := at + field
			if b.isAbout(pointer) {
				return nil, false
			}
			if less, ok := removeMember(bound.Request, pointer); ok {
				bound.Request, removed = less, append(removed, pointer)
			}
		}
	}
	return nil, false
}

// isAbout reports whether the case is about a member, which then must not be removed. An
// accepted case about an object stays about it when one of its members is removed.
func (b binding) isAbout(pointer string) bool {
	within := strings.HasPrefix(b.c.Place+"/", pointer+"/")
	around := strings.HasPrefix(pointer+"/", b.c.Place+"/")
	return b.c.Place != "" && (within || around && !b.c.Accepted())
}

// finish writes the body, and the expected answer.
func (b binding) finish(bound Bound, values map[string]string, removed []string) (Bound, error) {
	var err error
	if b.c.Request == nil || len(removed) > 0 {
		bound.Body, err = match.Encode(bound.Request)
	} else if bound.Body, err = b.writePrinted(values); err == nil {
		bound.Request, err = match.Decode(bound.Body)
	}
	if err != nil {
		return Bound{}, fmt.Errorf("%s: request: %w", b.c.ID, err)
	}
	const shortest = 8
	if key := textAt(bound.Request, b.secret); len(key) >= shortest {
		bound.Key = key
	}
	if b.c.Golden == nil {
		return bound, nil
	}
	golden, err := match.Decode(b.c.Golden)
	if err != nil {
		return Bound{}, fmt.Errorf("%s: golden file: %w", b.c.ID, err)
	}
	b.rewriteGolden(golden)
	bound.Golden = replaceTexts(golden, values, "", new([]string))
	for _, pointer := range removed {
		if without, ok := removeMember(bound.Golden, pointer); ok {
			bound.Golden = without
		}
	}
	return bound, nil
}

// writePrinted writes the documented request in the form of the page, which may mask
// the secret.
func (b binding) writePrinted(values map[string]string) ([]byte, error) {
	documented, err := match.Decode(b.c.Request)
	if err != nil {
		return nil, err
	}
	var pairs []string
	if key := textAt(documented, b.secret); key != "" && b.psk != "" { // an empty text would match everywhere
		pairs = append(pairs, quote(key), quote(b.psk))
	}
	for from, to := range values {
		pairs = append(pairs, quote(from), quote(to))
	}
	var out bytes.Buffer
	err = json.Compact(&out, []byte(strings.NewReplacer(pairs...).Replace(string(b.c.Request))))
	return out.Bytes(), err
}

// mapTexts maps the documented texts by which a request names objects, and its secret,
// to those of the environment.
func (b binding) mapTexts(body any) (map[string]string, error) {
	values := map[string]string{}
	for _, f := range b.doc.Kinds() {
		if own, ok := b.facts[f.Name].(map[string]any); ok {
			if err := b.pairObjects(values, f.Schema, b.c.Change.Facts[f.Name], own, asWords(f.Name), body); err != nil {
				return nil, err
			}
		}
	}
	if b.secret != "" && b.psk != "" {
		values[textAt(b.decoded[b.c.Change.Example], b.secret)] = b.psk
	}
	delete(values, "") // a text that the example lacks replaces nothing
	return values, nil
}

// pairObjects maps the texts of a documented object, and of the items that it lists, to
// those of another object. An item is paired with one of its own kind; where the
// document tells no kinds apart, with the one at its position.
func (b binding) pairObjects(values map[string]string, s *openapi3.SchemaRef, documented, own any, what string, body any) error {
	values[openapi.Key(s, documented)] = openapi.Key(s, own)
	for _, name := range slices.Sorted(maps.Keys(openapi.Member(s, "").Value.Properties)) {
		items := openapi.Member(s, "/"+source.Escape(name)+"/0")
		theirs, ok := memberOf(documented, name).([]any)
		if items == nil || !ok {
			continue
		}
		list, _ := memberOf(own, name).([]any)
		for i, one := range theirs {
			key := openapi.Key(items, one)
			like, ok := findCounterpart(items, list, i, one)
			if !ok && mentions(body, key) {
				return &MissingError{fmt.Sprintf("number %d of the %s of %s %s", i+1, asWords(name), what, openapi.Key(s, own))}
			}
			if !ok {
				continue
			}
			if err := b.pairObjects(values, items, one, like, asWords(name), body); err != nil {
				return err
			}
		}
	}
	return nil
}

// findCounterpart is the item of a list that takes the place of a documented one.
func findCounterpart(s *openapi3.SchemaRef, list []any, position int, documented any) (any, bool) {
	names := kindMembers(s)
	for _, item := range list {
		if len(names) > 0 && kindOf(item, names) == kindOf(documented, names) {
			return item, true
		}
	}
	if position < len(list) && strings.Trim(kindOf(list[position], names), "/") == "" {
		return list[position], true
	}
	return nil, false
}

// rewriteGolden replaces what a golden file shows of the documented objects by what the
// environment's objects have.
func (b binding) rewriteGolden(golden any) {
	for _, n := range b.answerNames {
		shown, _ := match.Lookup(golden, n.Pointer)
		documented, own := n.Texts(b.doc, b.c.Change.Facts[n.Fact]), n.Texts(b.doc, b.facts[n.Fact])
		for i, text := range documented {
			if text == shown && i < len(own) {
				replaceText(golden, n.Pointer, own[i])
				break
			}
		}
	}
}

// replaceText writes a text to a place of a body, if its object exists.
func replaceText(body any, pointer, text string) {
	at := strings.LastIndexByte(pointer, '/')
	object, _ := match.Lookup(body, pointer[:at])
	if members, ok := object.(map[string]any); ok {
		members[source.Unescape(pointer[at+1:])] = text
	}
}

// textAt returns the text at a place, empty if there is none.
func textAt(value any, pointer string) string {
	found, _ := match.Lookup(value, pointer)
	text, _ := found.(string)
	return text
}

// memberOf is a member of an object, nil if there is none.
func memberOf(object any, name string) any {
	members, _ := object.(map[string]any)
	return members[name]
}

// mentions reports whether a text stands somewhere in a value.
func mentions(value any, text string) bool {
	data, err := match.Encode(value)
	return err == nil && bytes.Contains(data, []byte(quote(text)))
}

// quote writes a text as JSON.
func quote(text string) string {
	data, _ := match.Encode(text) // a text has no error
	return string(data)
}

// idLength is the length of an identifier.
const idLength = 36

// replaceTexts replaces texts of a value, and identifiers within its texts. It appends
// the places that changed.
func replaceTexts(value any, texts map[string]string, at string, changed *[]string) any {
	switch v := value.(type) {
	case string:
		out, ok := texts[v]
		if !ok {
			out = v
			for from, own := range texts {
				if len(from) >= idLength && len(v) >= idLength { // an identifier with something around it
					out = strings.ReplaceAll(out, from, own)
				}
			}
		}
		if out != v {
			*changed = append(*changed, at)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = replaceTexts(item, texts, at+"/"+strconv.Itoa(i), changed)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, member := range v {
			out[name] = replaceTexts(member, texts, at+"/"+match.Escape(name), changed)
		}
		return out
	}
	return value
}
