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

// place is the JSON Pointer of what is around the members: the item, or the
// object.
func (a *anchor) place() string {
	if a.at != "" {
		return a.at
	}
	return a.object
}

// concrete leads to a place in the item that a row is about, given the pointer
// that takes the first item of every list.
func (a *anchor) concrete(p place, pointer string) string {
	if a.at == "" {
		return pointer
	}
	tokens, way := strings.Split(pointer, "/"), strings.Split(a.at, "/")
	for i := range min(len(tokens), len(way)) {
		if tokens[i] != way[i] {
			break
		}
		if tokens[i] == "0" {
			tokens[i] = strconv.Itoa(p.index(p.length(a.most[i])))
		}
	}
	return strings.Join(tokens, "/")
}

// body draws an accepted request of a row; false if there is none.
func (s *part) body(a *anchor, row surroundings, f *filler) (any, bool) {
	body := row.variant.bare
	if row.mode == complete {
		body = s.filled(body, s.op.JSON(), "", f)
	}
	body, ok := s.reach(a, row, body, f)
	if !ok {
		return nil, false
	}
	object := a.concrete(row.place, a.object)
	if value, there := match.Lookup(body, object); there && row.mode != alone {
		body, _ = with(body, object, s.filled(value, openapi.Member(s.op.JSON(), a.object), a.object, f))
	}
	anchored := a.concrete(row.place, a.place())
	if a.member != "" {
		if body, ok = s.inContext(a, body, f); !ok {
			return nil, false
		}
		body, ok = s.repaired(body, s.doc.Facts, a.member)
		return body, ok
	}
	if body, ok = s.repaired(body, s.doc.Facts, anchored); !ok {
		return nil, false
	}
	if value, there := match.Lookup(body, anchored); there && row.mode == alone && anchored != "" {
		body = s.strip(body, value, anchored, s.kind)
	}
	return body, true
}

// inContext gives a request the member that an anchor is about, and what goes
// with it.
func (s *part) inContext(a *anchor, body any, f *filler) (any, bool) {
	body, ok := stepped(body, a.given, func(at string) string { return at })
	if !ok {
		return nil, false
	}
	return with(body, a.member, f.value(openapi.Member(s.op.JSON(), a.member), a.member))
}

// filled adds what an object and the objects in it lack.
func (s *part) filled(value any, schema *openapi3.SchemaRef, at string, f *filler) any {
	object, ok := value.(map[string]any)
	if !ok {
		return value
	}
	schema = openapi.Member(schema, "")
	out := f.members(schema, at, object)
	for _, name := range slices.Sorted(maps.Keys(object)) { // what is drawn depends on the order
		member := object[name]
		if out[name] = member; schema.Value.Properties[name] != nil {
			out[name] = s.filled(member, schema.Value.Properties[name], at+"/"+match.Escape(name), f)
		}
	}
	return out
}

// reach makes the objects and lists on the way to an anchor, the lists as long as
// the row has them.
func (s *part) reach(a *anchor, row surroundings, body any, f *filler) (any, bool) {
	way := strings.Split(a.place(), "/")
	pointer, zero := "", ""
	var ok bool
	for i, token := range way[1:] {
		if token == "0" {
			n := row.place.length(a.most[i+1])
			list := f.list(openapi.Member(s.op.JSON(), zero), zero, n)
			if body, ok = with(body, pointer, list); !ok {
				return nil, false
			}
			pointer, zero = pointer+"/"+strconv.Itoa(row.place.index(n)), zero+"/0"
			continue
		}
		pointer, zero = pointer+"/"+token, zero+"/"+token
		_, there := match.Lookup(body, pointer)
		if member := openapi.Member(s.op.JSON(), zero); !there && member.Value.Type.Is("object") {
			if body, ok = with(body, pointer, map[string]any{}); !ok {
				return nil, false
			}
		}
	}
	return body, true
}

// repaired returns a request without the members that are wrong in it, or that
// leave open whether it is accepted; false if it is wrong without them, or if all
// of them are on the way to a place.
func (s *part) repaired(body any, facts openapi.Facts, ways ...string) (any, bool) {
	for range 16 {
		wrong, ok := s.wrongMembers(body, facts)
		if !ok || len(wrong) == 0 {
			return body, ok
		}
		removed := false
		for _, pointer := range wrong {
			if slices.ContainsFunc(ways, func(way string) bool { return strings.HasPrefix(way+"/", pointer+"/") }) {
				continue
			}
			if less, ok := without(body, pointer); ok {
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

// wrongMembers are the members to blame for what a request breaks or leaves open,
// and then those that the rule reads; false if that cannot be told.
func (s *part) wrongMembers(body any, facts openapi.Facts) ([]string, bool) {
	if broken := s.doc.CheckRequest(s.op, body, facts); len(broken) > 0 {
		slices.SortStableFunc(broken, func(a, b openapi.Violation) int { return strings.Compare(a.Pointer, b.Pointer) }) // the schema's come in any order
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
	for _, object := range s.concretes(body, at) {
		for _, field := range r.Fields {
			out = append(out, object+field)
		}
	}
	return out, len(out) > 0
}

// concretes are the places in a value that a pointer leads to when its 0 stands
// for any item.
func (s *part) concretes(value any, pointer string) []string {
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

// sortedNames are the names of the members of several objects, each once.
func sortedNames(objects ...map[string]any) []string {
	names := map[string]bool{}
	for _, object := range objects {
		for name := range object {
			names[name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}
