package reference

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/vpnconform/vpnconform/openapi"
)

// ofPairs are the faults of two rules that say the same of two members, while a
// third one speaks of both members: when the two are forgotten, the third still
// refuses what breaks one of them. What breaks both alike is accepted.
func (w *world) ofPairs(m *materials) []Fault {
	var out []Fault
	for i, a := range w.doc.Rules {
		for _, b := range w.doc.Rules[i+1:] {
			if !w.twins(a, b) {
				continue
			}
			body := w.both(m, a, b)
			if body == nil {
				continue
			}
			out = append(out, Fault{
				ID: "rule/" + a.ID + "/not-enforced-in-both", Kind: "hidden-by-another", Rule: a.ID,
				Breaks: "a request is accepted that breaks two rules alike, where another one hides either alone: " + a.Message + "; " + b.Message,
				make:   lenient(func(q *asked) bool { return q.breaksBoth(a, b) }), witness: sent(body),
			})
		}
	}
	return out
}

// breaksBoth tells whether a request breaks two rules, and no other, and whether
// the two members are alike enough for a rule of both to hold: blocks are one
// block.
func (q *asked) breaksBoth(a, b *openapi.Rule) bool {
	brokenA, brokenB := "", ""
	for _, v := range q.broken {
		switch v.Rule {
		case a:
			brokenA = v.Pointer
		case b:
			brokenB = v.Pointer
		default:
			return false
		}
	}
	if brokenA == "" || brokenB == "" {
		return false
	}
	one, errOne := netip.ParsePrefix(fmt.Sprint(lookup(q.body, brokenA)))
	other, errOther := netip.ParsePrefix(fmt.Sprint(lookup(q.body, brokenB)))
	return errOne != nil || errOther != nil || one.Masked() == other.Masked() && one != other
}

// blamedBy is the member that a cross-field rule blames; empty for any other.
func blamedBy(r *openapi.Rule) string {
	if r.Kind != openapi.Validation || len(r.Fields) != 1 {
		return ""
	}
	return strings.TrimPrefix(r.Fields[0], "/")
}

// hides tells whether a rule speaks of the members of both others.
func hides(r, a, b *openapi.Rule) bool {
	if r == nil || r.Kind != openapi.Validation || r.Schema != a.Schema {
		return false
	}
	names := r.Names()
	return r != a && r != b && slices.Contains(names, blamedBy(a)) && slices.Contains(names, blamedBy(b))
}

// twins tells whether two rules say the same of two members of one object, of
// which a third one speaks together.
func (w *world) twins(a, b *openapi.Rule) bool {
	one, other := blamedBy(a), blamedBy(b)
	if one == "" || other == "" || one == other || a.Schema != b.Schema {
		return false
	}
	return strings.ReplaceAll(a.Program.Expression(), one, other) == b.Program.Expression() &&
		slices.ContainsFunc(w.doc.Rules, func(r *openapi.Rule) bool { return hides(r, a, b) })
}

// both is a request that breaks both rules alike; nil if there is none.
func (w *world) both(m *materials, a, b *openapi.Rule) any {
	object, _ := openapi.Find(w.op.JSON(), a.Schema)
	one, other := object+"/"+blamedBy(a), object+"/"+blamedBy(b)
	for _, p := range m.rules[a] {
		values := []any{partner(lookup(p, one))}
		for _, q := range m.rules[b] {
			values = append(values, lookup(q, other))
		}
		for _, value := range values {
			if body := put(p, other, value); value != nil && lookup(p, other) != nil && w.asked(body).breaksBoth(a, b) {
				return body
			}
		}
	}
	return nil
}

// partner is the address at the other end of a block of four; nil if the value
// is no block.
func partner(value any) any {
	block, err := netip.ParsePrefix(fmt.Sprint(value))
	if err != nil || !block.Addr().Is4() {
		return nil
	}
	bytes := block.Addr().As4()
	bytes[3] ^= 3
	return netip.PrefixFrom(netip.AddrFrom4(bytes), block.Bits()).String()
}
