package openapi

import (
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/openapi/rule"
	"github.com/vpnconform/vpnconform/openapi/source"
)

// A suite makes thousands of requests that differ in one place from a request that
// was judged before. The functions below judge only the rules that read the changed
// place: judging every request whole takes several times as long as all the rest of
// making a suite.

// BreaksJust reports whether a request's body breaks exactly the rules with the
// given ids and leaves nothing open. The caller knows that the body broke no rule
// before it was changed at the given places; so only the values there are judged,
// and the cross-field rules that read them.
func (d *Document) BreaksJust(op Operation, body any, facts Facts, ids, changed []string) bool {
	body, facts = rule.Native(body), facts.toNative()
	c := checker{changed: changed}
	for _, pointer := range changed {
		d.checkAt(&c, op.JSON(), body, pointer)
	}
	c.wrongPlaces = wrongPlacesOf(c.broken)
	c.judgeObjects(d.byObject, d, op.JSON(), body, "", facts)
	for _, v := range c.broken {
		if v.Rule == nil || !slices.Contains(ids, v.Rule.ID) {
			return false
		}
	}
	for _, id := range ids {
		if !slices.ContainsFunc(c.broken, func(v Violation) bool { return v.Rule.ID == id }) {
			return false
		}
	}
	open := checker{changed: changed}
	open.judgeObjects(d.unclaimed, d, op.JSON(), body, "", facts)
	return len(open.broken) == 0 && len(d.openValues(op.JSON(), body)) == 0
}

// checkAt judges the keywords of the value at a place. If the member is missing
// there, or unknown to the document, it judges the object around it.
func (d *Document) checkAt(c *checker, s *openapi3.SchemaRef, body any, pointer string) {
	value, there := source.Lookup(body, pointer)
	member := Member(s, pointer)
	for pointer != "" && (!there || member == nil) {
		pointer = pointer[:strings.LastIndexByte(pointer, '/')]
		value, there = source.Lookup(body, pointer)
		member = Member(s, pointer)
	}
	before := len(c.broken)
	if err := member.Value.VisitJSON(value, openapi3.MultiErrors(), openapi3.DisableSchemaErrorDetails(),
		openapi3.VisitAsRequest(), openapi3.DisableReadOnlyValidation()); err != nil {
		c.broken = d.readSchemaErrors(c.broken, err)
		for i := range c.broken[before:] {
			c.broken[before+i].Pointer = pointer + c.broken[before+i].Pointer
		}
	}
	c.checkLiterals(d, member, value, pointer)
}

// Rejudge reports whether a request's body still breaks exactly the rules with the
// given ids after the values at the changed places were replaced by others of the
// same form, and the facts by others if moved is set. It also returns the ids of the
// rules that leave the body open now. It judges the rules that read one of the
// places, or a fact. Rules that cannot be decided are left out, and so are rules
// that read one of the wrong places, whose values do not keep their schemas.
func (d *Document) Rejudge(op Operation, body any, facts Facts, moved bool, ids, changed, wrong []string) (still bool, open []string) {
	body, facts = rule.Native(body), facts.toNative()
	c := checker{changed: changed, moved: moved, judged: map[*Rule]bool{}}
	for _, pointer := range wrong {
		c.wrongPlaces = append(c.wrongPlaces, strings.Split(pointer, "/"))
	}
	c.judgeObjects(d.byObject, d, op.JSON(), body, "", facts)
	still = true
	for r, holds := range c.judged {
		still = still && holds != slices.Contains(ids, r.ID)
	}
	c = checker{changed: changed, moved: moved}
	c.judgeObjects(d.unclaimed, d, op.JSON(), body, "", facts)
	for _, v := range c.broken {
		if !slices.Contains(open, v.Rule.ID) {
			open = append(open, v.Rule.ID)
		}
	}
	return still, open
}

// readsChanged reports whether a rule reads, or blames, one of the changed places in
// its object.
func (c *checker) readsChanged(r *Rule, changed []string) bool {
	if c.changed == nil || c.moved && len(r.Needs) > 0 {
		return true
	}
	for _, place := range changed {
		for _, pointer := range r.about {
			if _, ok := overlap(pointer, place); ok {
				return true
			}
		}
	}
	return false
}

// changedWithin returns the changed places in the object at a place, relative to it;
// the empty pointer means that the whole object was changed.
func (c *checker) changedWithin(at string) []string {
	var out []string
	for _, changed := range c.changed {
		if inside, ok := overlap(at, changed); ok {
			out = append(out, inside)
		}
	}
	return out
}

// overlap reports whether one of two places contains the other, with * for any item.
// It returns the pointer from a to b, empty if b is not inside a.
func overlap(a, b string) (string, bool) {
	for a != "" && b != "" {
		x, _, _ := strings.Cut(a[1:], "/")
		y, _, _ := strings.Cut(b[1:], "/")
		if x != y && x != "*" && y != "*" {
			return "", false
		}
		a, b = a[1+len(x):], b[1+len(y):]
	}
	return b, true
}
