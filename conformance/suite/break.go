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
	suffix     string      // of the case's id
}

// splitByAlso returns a breaker for each set of other rules that the violations
// break. Usually that set is empty. A target that enforces one of the other rules
// refuses the request for it, so that each set must be shown by itself.
func (b breaker) splitByAlso() []breaker {
	var out []breaker
	for _, v := range b.violations {
		i := slices.IndexFunc(out, func(o breaker) bool { return slices.Equal(o.violations[0].Also, v.Also) })
		if i < 0 {
			single := b
			if single.violations = nil; len(out) > 0 {
				single.suffix = fmt.Sprintf("-and-others-%d", len(out))
			}
			i, out = len(out), append(out, single)
		}
		out[i].violations = append(out[i].violations, v)
	}
	if len(out) == 0 {
		return []breaker{b}
	}
	return out
}

// isShownBy reports whether a case breaks the rule together with the same other
// rules.
func (b breaker) isShownBy(c Case) bool {
	return c.Rule == b.rule && (len(b.violations) == 0 || slices.Equal(c.Also, b.violations[0].Also))
}

// violation is a documented way to break a cross-field rule.
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
	level openapi.Level // if it is not the rule's
}

// anchorsOf are the places of the request that rules are about, each with its rules.
func (s *part) anchorsOf() []*anchor {
	var out []*anchor
	byKey := map[string]*anchor{}
	for _, r := range s.doc.Rules {
		if r.Parameter != nil || Excluded(s.op, r, false) != "" {
			continue
		}
		object, at, b := s.breaker(r)
		if b.at == "" && r.Kind == openapi.Keyword {
			continue // the body as a whole: a JSON Patch cannot make another
		}
		member, context := s.anchorContext(r, b)
		key := object + " " + at + " " + member
		if byKey[key] == nil {
			byKey[key] = &anchor{object: object, at: at, maxItems: s.maxItemsOf(at), source: s.citation(object), member: member, contextSteps: context}
			out = append(out, byKey[key])
		}
		byKey[key].rules = append(byKey[key].rules, b)
	}
	return out
}

// anchorContext is the member that a keyword is about, and the steps by which the
// document makes a request accept it; nothing for a member that any request may have.
func (s *part) anchorContext(r *openapi.Rule, b breaker) (member string, context []step) {
	if r.Kind != openapi.Keyword || r.Keyword == "required" {
		return "", nil
	}
	c := s.memberContext(b.at)
	if c == nil || len(c.With) > 0 {
		return "", nil
	}
	return b.at, c.Patch
}

// maxItemsOf are the greatest lengths of the lists on the way to an item, each at the
// index of the item's token.
func (s *part) maxItemsOf(at string) []int {
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

// citation is the source of an object of the request, or of the nearest object
// around it that has one.
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

// breaker returns the breaker of a rule, and where it applies: the object, and the
// item of a list.
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
		if strings.HasSuffix(b.at, "/0") { // an item of a list of the object
			object = object[:strings.LastIndexByte(object, '/')]
			if openapi.Member(s.op.JSON(), b.at).Value.Type.Is("object") {
				object = b.at
			}
		}
		for _, c := range edgesOf(r, openapi.Member(s.op.JSON(), b.at), s.otherEnumValues(r)).refused {
			if c.level == "" || c.level == r.Level {
				b.choices = append(b.choices, c)
			}
		}
	}
	return object, at, b
}

// itemOf is the innermost item of a list on the way to a place; empty if there is
// none.
func itemOf(at string) string {
	if i := strings.LastIndex(at+"/", "/0/"); i >= 0 {
		return at[:i+2]
	}
	return ""
}

// breakRule makes a request that breaks the rule and nothing else; false if the drawn
// values do not.
func (b breaker) breakRule(s *part, r *rand.Rand, p anchoredRow, body any, try int) (breach, bool) {
	if b.rule.Kind == openapi.Validation {
		return b.violate(s, r, p, body, try)
	}
	out := breach{at: p.anchor.resolve(p.row.position, b.at), facts: p.facts}
	var ok bool
	member := openapi.Member(s.op.JSON(), b.at)
	switch {
	case b.rule.Keyword == "required":
		out.body, ok = removeMember(body, out.at)
	case b.rule.Keyword == "maxItems" && (p.row.slot+try)%2 == 0: // items that differ
		out.body, ok = setMember(body, out.at, s.newFiller(r, 0).drawList(member, b.at, int(*member.Value.MaxItems)+1))
	case b.rule.Keyword == "additionalProperties":
		out.at += "/" + unknownMember
		out.body, ok = setMember(body, out.at, "x")
	case len(b.choices) > 0:
		out.body, ok = setMember(body, out.at, b.choices[r.IntN(len(b.choices))].drawValue(r))
	}
	return out, ok && s.breachIs(out, b.rule, []string{out.at})
}

// drawValue returns one of the values of a choice.
func (c choice) drawValue(r *rand.Rand) any {
	if c.draw != nil {
		return c.draw(r)
	}
	if len(c.values) == 0 {
		return nil
	}
	return c.values[r.IntN(len(c.values))]
}

// breachIs reports whether a breach breaks its rule and those of also, and nothing
// else. Changed are the places where it differs from an accepted request; only they
// are judged again.
func (s *part) breachIs(is breach, r *openapi.Rule, changed []string) bool {
	return s.doc.BreaksJust(s.op, is.body, is.facts, openapi.Violate{Also: is.also}.Breaks(r), changed)
}

// violate breaks a cross-field rule as the document does, with other values: a list
// of another length, other texts and numbers. An implementation that compares with
// the documented values alone then does not refuse it.
func (b breaker) violate(s *part, r *rand.Rand, p anchoredRow, body any, try int) (breach, bool) {
	if len(b.violations) == 0 {
		return breach{}, false
	}
	v := b.violations[(p.row.slot+try)%len(b.violations)]
	facts := p.facts
	if !sameFacts(v.Facts, s.doc.Facts) {
		if facts = v.Facts; !sameFacts(p.facts, s.doc.Facts) || !s.isAccepted(body, facts) {
			return breach{}, false // the twin would not be accepted at that target
		}
	}
	out := breach{body: body, also: v.Also, facts: facts, at: p.anchor.resolve(p.row.position, b.at+b.rule.Fields[0])}
	changed := []string{}
	if !sameFacts(facts, p.facts) {
		changed = nil // any rule may read the facts
	}
	before := body
	for _, step := range v.steps {
		before = out.body
		pointer := p.anchor.resolve(p.row.position, step.Path)
		next, ok := s.applyStep(out.body, step, pointer, p.row.variant)
		if !ok {
			return breach{}, false
		}
		if out.body = next; changed != nil {
			changed = append(changed, strings.TrimSuffix(pointer, "/-"))
		}
	}
	list, adds := strings.CutSuffix(v.steps[len(v.steps)-1].Path, "/-")
	drawn, n, _ := s.redrawList(r, before, list, 1+p.row.slot%(usualItems-1))
	for _, among := range []struct {
		body any
		pair []int
	}{
		{drawn, []int{p.row.slot % 2, n - 1 - p.row.slot/2%2}}, // every kind of pair in turn
		{out.body, r.Perm(lengthAt(out.body, list))},
	} {
		for _, repeats := range repeatMembers(among.body, list, among.pair) {
			if adds && s.breachIs(breach{body: repeats, also: out.also, facts: out.facts}, b.rule, changed) {
				out.body = repeats
				return out, true
			}
		}
	}
	for _, pointer := range changed {
		if longer, _, ok := s.redrawList(r, out.body, pointer, r.IntN(usualItems)); ok && s.breachIs(breach{body: longer, also: out.also, facts: out.facts}, b.rule, changed) {
			out.body = longer
			return out, true
		}
	}
	m := mutator{Rand: r, xor: r.Uint32(), texts: map[string]string{}}
	other := out
	for _, pointer := range changed {
		if value, ok := match.Lookup(other.body, pointer); ok && pointer != s.kind {
			other.body, _ = setMember(other.body, pointer, m.mutate(value))
		}
	}
	if s.breachIs(other, b.rule, changed) {
		return other, true
	}
	return out, s.breachIs(out, b.rule, changed)
}

// applyStep applies one step of a violation to a request that differs from the
// example the step was written for: another kind, or other members beside it.
func (s *part) applyStep(body any, step step, pointer string, v variant) (any, bool) {
	value, err := match.Decode(step.Value)
	_, there := match.Lookup(body, pointer)
	object, isObject := value.(map[string]any)
	switch {
	case step.Op == "remove":
		if !there {
			return body, true
		}
		return removeMember(body, pointer)
	case err != nil:
		return body, false
	case pointer == s.kind:
		return body, value == v.name // other kinds have rows of their own
	case there && isObject && len(object) == 0:
		return body, true // the container is there
	case strings.HasSuffix(pointer, "/-"):
		list, ok := match.Lookup(body, strings.TrimSuffix(pointer, "/-"))
		items, isList := list.([]any)
		if !ok || !isList {
			return body, false
		}
		return setMember(body, strings.TrimSuffix(pointer, "/-"), append(slices.Clone(items), value))
	}
	return setMember(body, pointer, value)
}

// redrawList draws the items of an existing list anew, at most as many as the schema
// and usualItems allow, and returns their number.
func (s *part) redrawList(r *rand.Rand, body any, pointer string, n int) (any, int, bool) {
	list, _ := match.Lookup(body, pointer)
	member := openapi.Member(s.op.JSON(), pointer)
	if _, ok := list.([]any); !ok || member == nil {
		return nil, 0, false
	}
	most := usualItems
	if member.Value.MaxItems != nil {
		most = min(most, int(*member.Value.MaxItems))
	}
	n = 1 + n%most
	out, ok := setMember(body, pointer, s.newFiller(r, 0).drawList(member, pointer, n))
	return out, n, ok
}

// lengthAt is the number of items of the list at a place; 0 if there is none.
func lengthAt(body any, at string) int {
	list, _ := match.Lookup(body, at)
	items, _ := list.([]any)
	return len(items)
}

// repeatMembers copies a member of one item of a pair to the other: a body for each
// member. It finds the member that a rule wants to be unique.
func repeatMembers(body any, at string, pair []int) []any {
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
		if next, ok := setMember(body, at, others); ok {
			out = append(out, next)
		}
	}
	return out
}
