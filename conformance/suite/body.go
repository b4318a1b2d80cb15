package suite

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/openapi"
)

// place is the JSON Pointer of the container of the members: the item, or the object.
func (a *anchor) place() string {
	if a.at != "" {
		return a.at
	}
	return a.object
}

// resolve replaces the first item of each list in a pointer by the item that a row is
// about.
func (a *anchor) resolve(p itemPosition, pointer string) string {
	if a.at == "" {
		return pointer
	}
	tokens, way := strings.Split(pointer, "/"), strings.Split(a.at, "/")
	for i := range min(len(tokens), len(way)) {
		if tokens[i] != way[i] {
			break
		}
		if tokens[i] == "0" {
			tokens[i] = strconv.Itoa(p.index(p.length(a.maxItems[i])))
		}
	}
	return strings.Join(tokens, "/")
}

// drawBody draws an accepted request of a row; false if there is none.
func (s *part) drawBody(a *anchor, row surroundings, f *filler) (any, bool) {
	body := row.variant.bare
	if row.mode == modeComplete {
		body = s.fillObject(body, s.op.JSON(), "", f)
	}
	body, ok := s.reach(a, row, body, f)
	if !ok {
		return nil, false
	}
	object := a.resolve(row.position, a.object)
	if value, there := match.Lookup(body, object); there && row.mode != modeAlone {
		body, _ = setMember(body, object, s.fillObject(value, openapi.Member(s.op.JSON(), a.object), a.object, f))
	}
	anchored := a.resolve(row.position, a.place())
	if a.member != "" {
		if body, ok = s.addAnchoredMember(a, body, f); !ok {
			return nil, false
		}
		body, ok = s.repair(body, s.doc.Facts, a.member)
		return body, ok
	}
	if body, ok = s.repair(body, s.doc.Facts, anchored); !ok {
		return nil, false
	}
	if value, there := match.Lookup(body, anchored); there && row.mode == modeAlone && anchored != "" {
		body = s.stripBelow(body, value, anchored, s.kind)
	}
	return body, true
}

// addAnchoredMember adds the member that an anchor is about, after the steps of its
// context.
func (s *part) addAnchoredMember(a *anchor, body any, f *filler) (any, bool) {
	body, ok := applySteps(body, a.contextSteps, func(at string) string { return at })
	if !ok {
		return nil, false
	}
	return setMember(body, a.member, f.drawValue(openapi.Member(s.op.JSON(), a.member), a.member))
}

// fillObject adds the members that an object and the objects in it lack.
func (s *part) fillObject(value any, schema *openapi3.SchemaRef, at string, f *filler) any {
	object, ok := value.(map[string]any)
	if !ok {
		return value
	}
	schema = openapi.Member(schema, "")
	out := f.drawMembers(schema, at, object)
	for _, name := range slices.Sorted(maps.Keys(object)) { // the drawn values depend on the order
		member := object[name]
		if out[name] = member; schema.Value.Properties[name] != nil {
			out[name] = s.fillObject(member, schema.Value.Properties[name], at+"/"+match.Escape(name), f)
		}
	}
	return out
}

// reach makes the objects and lists on the way to an anchor, the lists as long as the
// row demands.
func (s *part) reach(a *anchor, row surroundings, body any, f *filler) (any, bool) {
	way := strings.Split(a.place(), "/")
	pointer, zero := "", ""
	var ok bool
	for i, token := range way[1:] {
		if token == "0" {
			n := row.position.length(a.maxItems[i+1])
			list := f.drawList(openapi.Member(s.op.JSON(), zero), zero, n)
			if body, ok = setMember(body, pointer, list); !ok {
				return nil, false
			}
			pointer, zero = pointer+"/"+strconv.Itoa(row.position.index(n)), zero+"/0"
			continue
		}
		pointer, zero = pointer+"/"+token, zero+"/"+token
		_, there := match.Lookup(body, pointer)
		if member := openapi.Member(s.op.JSON(), zero); !there && member.Value.Type.Is("object") {
			if body, ok = setMember(body, pointer, map[string]any{}); !ok {
				return nil, false
			}
		}
	}
	return body, true
}

// repair removes the members that break a rule, or that leave open whether the request
// is accepted. It returns false if the request is wrong without them too, or if all of
// them are on the way to one of the given places. Drawn values may contradict each
// other; removing a few optional members is cheaper than drawing all of them again.
func (s *part) repair(body any, facts openapi.Facts, ways ...string) (any, bool) {
	for range 16 {
		wrong, ok := s.membersToBlame(body, facts)
		if !ok || len(wrong) == 0 {
			return body, ok
		}
		removed := false
		for _, pointer := range wrong {
			if slices.ContainsFunc(ways, func(way string) bool { return strings.HasPrefix(way+"/", pointer+"/") }) {
				continue
			}
			if less, ok := removeMember(body, pointer); ok {
				body, removed = less, true
				break
			}
		}
		if !removed {
			return nil, false
		}
	}
	return nil, false
}

// membersToBlame are the members that make a request break a rule or leave one open,
// followed by the members that the rule reads; false if there is none to name.
func (s *part) membersToBlame(body any, facts openapi.Facts) ([]string, bool) {
	if broken := s.doc.CheckRequest(s.op, body, facts); len(broken) > 0 {
		slices.SortStableFunc(broken, func(a, b openapi.Violation) int { return strings.Compare(a.Pointer, b.Pointer) }) // those of the schema come in any order
		out := []string{broken[0].Pointer}
		if r := broken[0].Rule; r != nil && r.Kind == openapi.Validation {
			object := broken[0].Pointer[:len(broken[0].Pointer)-len(r.Fields[0])]
			for _, field := range slices.Concat(r.Fields, r.Reads()) {
				out = append(out, object+field)
			}
		}
		return out, true
	}
	open := s.doc.LeavesOpen(s.op, body, facts)
	if len(open) == 0 {
		return nil, true
	}
	r := s.doc.Rule(open[0])
	if r == nil {
		return []string{open[0]}, true // a value
	}
	var out []string
	at, _ := openapi.Find(s.op.JSON(), r.Schema)
	for _, object := range s.expandItems(body, at) {
		for _, field := range r.Fields {
			out = append(out, object+field)
		}
	}
	return out, len(out) > 0
}

// expandItems are the places in a value that a pointer leads to if its 0 stands for
// any item.
func (s *part) expandItems(value any, pointer string) []string {
	out := []string{""}
	for _, token := range strings.Split(pointer, "/")[1:] {
		var next []string
		for _, at := range out {
			found, _ := match.Lookup(value, at)
			items, isList := found.([]any)
			if token != "0" || !isList {
				next = append(next, at+"/"+token)
				continue
			}
			for i := range items {
				next = append(next, at+"/"+strconv.Itoa(i))
			}
		}
		out = next
	}
	return out
}

// sortedNames are the member names of several objects, each once.
func sortedNames(objects ...map[string]any) []string {
	names := map[string]bool{}
	for _, object := range objects {
		for name := range object {
			names[name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}
