package suite

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/openapi"
)

// breaker breaks a rule in a request that keeps it.
type breaker struct {
	rule       *openapi.Rule
	at         string // JSON Pointer of the member that a keyword is about
	choices    []choice
	violations []violation // of a cross-field rule
	suffix     string      // in an id
}

// apart are breakers of the rule that break it each with other rules: none, as a
// rule, and those without which an implementation refuses for them.
func (b breaker) apart() []breaker {
	var out []breaker
	for _, v := range b.violations {
		i := slices.IndexFunc(out, func(o breaker) bool { return slices.Equal(o.violations[0].Also, v.Also) })
		if i < 0 {
			one := b
			if one.violations = nil; len(out) > 0 {
				one.suffix = fmt.Sprintf("-and-others-%d", len(out))
			}
			i, out = len(out), append(out, one)
		}
		out[i].violations = append(out[i].violations, v)
	}
	if len(out) == 0 {
		return []breaker{b}
	}
	return out
}

// made reports whether a case breaks the rule with the same others.
func (b breaker) made(c Case) bool {
	return c.Rule == b.rule && (len(b.violations) == 0 || slices.Equal(c.Also, b.violations[0].Also))
}

// violation is a way to break a cross-field rule.
type violation struct {
	openapi.Violate
	steps []step
}

// breach is a request that breaks a rule.
type breach struct {
	body  any
	at    string // the member to blame
	also  []string
	facts openapi.Facts
	level openapi.Level // unlike the rule's
}

// anchorsOf are the places of a request that rules are about, each with its rules.
func (s *part) anchorsOf() []*anchor {
	var out []*anchor
	byKey := map[string]*anchor{}
	for _, r := range s.doc.Rules {
		if r.Parameter != nil || Excluded(s.op, r, false) != "" {
			continue
		}
		object, at, b := s.breaker(r)
		if b.at == "" && r.Kind == openapi.Keyword {
			continue // the body itself: a JSON Patch makes no other
		}
		member, given := s.contextOf(r, b)
		key := object + " " + at + " " + member
		if byKey[key] == nil {
			byKey[key] = &anchor{object: object, at: at, most: s.most(at), source: s.citation(object), member: member, given: given}
			out = append(out, byKey[key])
		}
		byKey[key].rules = append(byKey[key].rules, b)
	}
	return out
}

// contextOf is the member that a keyword is about, and what the document says has
// to be changed for it to be accepted; nothing for a member that is accepted
// anywhere.
func (s *part) contextOf(r *openapi.Rule, b breaker) (member string, given []step) {
	if r.Kind != openapi.Keyword || r.Keyword == "required" {
		return "", nil
	}
	c := s.given(b.at)
	if c == nil || len(c.With) > 0 {
		return "", nil
	}
	return b.at, c.Patch
}

// most are the numbers of items of the lists on the way to an item, each where
// the item's token stands.
func (s *part) most(at string) []int {
	tokens := strings.Split(at, "/")
	out := make([]int, len(tokens))
	for i, token := range tokens {
		if token != "0" {
			continue
		}
		out[i] = 3
		if most := openapi.Member(s.op.JSON(), strings.Join(tokens[:i], "/")).Value.MaxItems; most != nil {
			out[i] = int(*most)
		}
	}
	return out
}

// citation is the source of an object of the request.
func (s *part) citation(object string) string {
	for ; ; object = object[:strings.LastIndexByte(object, '/')] {
		schema := openapi.Member(s.op.JSON(), object).Value
		for _, keyword := range []string{"type", "required"} {
			if r := s.doc.Keyword(schema, keyword, ""); r != nil {
				return r.Source
			}
		}
		if object == "" {
			return ""
		}
	}
}

// breaker returns what breaks a rule, and where: the object, and the item of a
// list.
func (s *part) breaker(r *openapi.Rule) (object, at string, b breaker) {
	b.rule = r
	b.at, _ = openapi.Find(s.op.JSON(), r.Schema)
	object = b.at
	switch {
	case r.Kind == openapi.Validation:
		for _, v := range r.Violate {
			var steps []step
			if json.Unmarshal(v.Patch, &steps) == nil && len(steps) > 0 && (v.Level == "" || v.Level == r.Level) {
				b.violations = append(b.violations, violation{v, steps})
				at = itemOf(steps[len(steps)-1].Path)
			}
		}
	case r.Keyword == "required":
		b.at += "/" + match.Escape(r.Member)
		at = itemOf(object)
	default:
		at = itemOf(b.at)
		object = b.at[:max(strings.LastIndexByte(b.at, '/'), 0)]
		if strings.HasSuffix(b.at, "/0") { // an item, of the list in an object
			object = object[:strings.LastIndexByte(object, '/')]
			if openapi.Member(s.op.JSON(), b.at).Value.Type.Is("object") {
				object = b.at
			}
		}
		for _, c := range edgesOf(r, openapi.Member(s.op.JSON(), b.at), s.ofOthers(r)).refused {
			if c.level == "" || c.level == r.Level {
				b.choices = append(b.choices, c)
			}
		}
	}
	return object, at, b
}

// itemOf is the innermost item of a list on the way to a place, empty if there is
// none.
func itemOf(at string) string {
	if i := strings.LastIndex(at+"/", "/0/"); i >= 0 {
		return at[:i+2]
	}
	return ""
}

// breaks makes a request that breaks the rule and nothing else, if what is drawn
// does.
func (b breaker) breaks(s *part, r *rand.Rand, p ring, body any, try int) (breach, bool) {
	if b.rule.Kind == openapi.Validation {
		return b.violate(s, r, p, body, try)
	}
	out := breach{at: p.anchor.concrete(p.row.place, b.at), facts: p.facts}
	var ok bool
	member := openapi.Member(s.op.JSON(), b.at)
	switch {
	case b.rule.Keyword == "required":
		out.body, ok = without(body, out.at)
	case b.rule.Keyword == "maxItems" && (p.row.slot+try)%2 == 0: // items that differ
		out.body, ok = with(body, out.at, s.newFiller(r, 0).list(member, b.at, int(*member.Value.MaxItems)+1))
	case b.rule.Keyword == "additionalProperties":
		out.at += "/" + unknownMember
		out.body, ok = with(body, out.at, "x")
	case len(b.choices) > 0:
		out.body, ok = with(body, out.at, b.choices[r.IntN(len(b.choices))].drawn(r))
	}
	return out, ok && s.breachIs(out, b.rule, []string{out.at})
}

// drawn is one of the values of a choice.
func (c choice) drawn(r *rand.Rand) any {
	if c.draw != nil {
		return c.draw(r)
	}
	if len(c.values) == 0 {
		return nil
	}
	return c.values[r.IntN(len(c.values))]
}

// breachIs reports whether a request breaks a rule and those beside it, and
// nothing else, given the places where it differs from one that is accepted.
func (s *part) breachIs(is breach, r *openapi.Rule, changed []string) bool {
	return s.doc.BreaksJust(s.op, is.body, is.facts, openapi.Violate{Also: is.also}.Breaks(r), changed)
}

// violate breaks a cross-field rule as the document does, with other values.
func (b breaker) violate(s *part, r *rand.Rand, p ring, body any, try int) (breach, bool) {
	if len(b.violations) == 0 {
		return breach{}, false
	}
	v := b.violations[(p.row.slot+try)%len(b.violations)]
	facts := p.facts
	if !sameFacts(v.Facts, s.doc.Facts) {
		if facts = v.Facts; !sameFacts(p.facts, s.doc.Facts) || !s.clean(body, facts) {
			return breach{}, false // its twin is not accepted there
		}
	}
	out := breach{body: body, also: v.Also, facts: facts, at: p.anchor.concrete(p.row.place, b.at+b.rule.Fields[0])}
	changed := []string{}
	if !sameFacts(facts, p.facts) {
		changed = nil // every rule may read them
	}
	before := body
	for _, step := range v.steps {
		before = out.body
		pointer := p.anchor.concrete(p.row.place, step.Path)
		next, ok := s.do(out.body, step, pointer, p.row.variant)
		if !ok {
			return breach{}, false
		}
		if out.body = next; changed != nil {
			changed = append(changed, strings.TrimSuffix(pointer, "/-"))
		}
	}
	list, adds := strings.CutSuffix(v.steps[len(v.steps)-1].Path, "/-")
	drawn, n, _ := s.longer(r, before, list, 1+p.row.slot%(usual-1))
	for _, among := range []struct {
		body any
		pair []int
	}{
		{drawn, []int{p.row.slot % 2, n - 1 - p.row.slot/2%2}}, // every kind of pair in turn
		{out.body, r.Perm(lengthAt(out.body, list))},
	} {
		for _, repeats := range repeated(among.body, list, among.pair) {
			if adds && s.breachIs(breach{body: repeats, also: out.also, facts: out.facts}, b.rule, changed) {
				out.body = repeats
				return out, true
			}
		}
	}
	for _, pointer := range changed {
		if longer, _, ok := s.longer(r, out.body, pointer, r.IntN(usual)); ok && s.breachIs(breach{body: longer, also: out.also, facts: out.facts}, b.rule, changed) {
			out.body = longer
			return out, true
		}
	}
	m := mutator{Rand: r, xor: r.Uint32(), texts: map[string]string{}}
	other := out
	for _, pointer := range changed {
		if value, ok := match.Lookup(other.body, pointer); ok && pointer != s.kind {
			other.body, _ = with(other.body, pointer, m.value(value))
		}
	}
	if s.breachIs(other, b.rule, changed) {
		return other, true
	}
	return out, s.breachIs(out, b.rule, changed)
}

// do does one step of a violation in a request of another kind, or beside other
// members, than the one that it was written for.
func (s *part) do(body any, step step, pointer string, v variant) (any, bool) {
	value, err := match.Decode(step.Value)
	_, there := match.Lookup(body, pointer)
	object, isObject := value.(map[string]any)
	switch {
	case step.Op == "remove":
		if !there {
			return body, true
		}
		return without(body, pointer)
	case err != nil:
		return body, false
	case pointer == s.kind:
		return body, value == v.name // a request of another kind is another row
	case there && isObject && len(object) == 0:
		return body, true // what is around the member is there
	case strings.HasSuffix(pointer, "/-"):
		list, ok := match.Lookup(body, strings.TrimSuffix(pointer, "/-"))
		items, isList := list.([]any)
		if !ok || !isList {
			return body, false
		}
		return with(body, strings.TrimSuffix(pointer, "/-"), append(slices.Clone(items), value))
	}
	return with(body, pointer, value)
}

// longer draws the items of a list that is there, one more than n if it may have
// so many and that is usual; it returns how many.
func (s *part) longer(r *rand.Rand, body any, pointer string, n int) (any, int, bool) {
	list, _ := match.Lookup(body, pointer)
	member := openapi.Member(s.op.JSON(), pointer)
	if _, ok := list.([]any); !ok || member == nil {
		return nil, 0, false
	}
	most := usual
	if member.Value.MaxItems != nil {
		most = min(most, int(*member.Value.MaxItems))
	}
	n = 1 + n%most
	out, ok := with(body, pointer, s.newFiller(r, 0).list(member, pointer, n))
	return out, n, ok
}

// lengthAt is the number of items of the list at a place; 0 if there is none.
func lengthAt(body any, at string) int {
	list, _ := match.Lookup(body, at)
	items, _ := list.([]any)
	return len(items)
}

// repeated gives one of a pair of items of a list a member of the other: a body for
// each member.
func repeated(body any, at string, pair []int) []any {
	list, _ := match.Lookup(body, at)
	items, _ := list.([]any)
	if len(pair) < 2 || slices.Min(pair[:2]) < 0 || slices.Max(pair[:2]) >= len(items) || pair[0] == pair[1] {
		return nil
	}
	to, ok := items[pair[0]].(map[string]any)
	from, okFrom := items[pair[1]].(map[string]any)
	if !ok || !okFrom {
		return nil
	}
	var out []any
	for _, name := range slices.Sorted(maps.Keys(from)) {
		same := maps.Clone(to)
		same[name] = from[name]
		others := slices.Clone(items)
		others[pair[0]] = same
		if next, ok := with(body, at, others); ok {
			out = append(out, next)
		}
	}
	return out
}
