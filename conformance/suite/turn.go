package suite

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/conformance/environment"
	"github.com/vpnconform/vpnconform/openapi"
)

// objectChoices yields the objects of an environment that a request can name, one of
// each fact, in the order in which a case tries them: those like the documented ones
// first, unless it is the turn of another kind. Where several are of one kind, a case in
// drawn surroundings begins with any of them. Where the document tells no kinds apart,
// the first object is the only choice. A request that names nothing has one choice.
func (s *part) objectChoices(c Case, e environment.Environment) (iter.Seq[openapi.Facts], error) {
	var facts []openapi.Fact
	var objects [][]environment.Object // of each
	for _, f := range s.doc.Kinds() {
		if !s.namesObjectOf(f) {
			continue
		}
		list := s.orderObjects(c, f, e.Objects[f.Name])
		if len(list) == 0 {
			return nil, &MissingError{asWords(f.Name)}
		}
		facts, objects = append(facts, f), append(objects, list)
	}
	return func(yield func(openapi.Facts) bool) {
		for n := 0; ; n++ { // each number stands for a choice: its digits are places in the lists
			rest, chosen := n, openapi.Facts{}
			for i := len(facts) - 1; i >= 0; i-- {
				chosen[facts[i].Name] = environment.Fact(facts[i], objects[i][rest%len(objects[i])])
				rest /= len(objects[i])
			}
			if rest > 0 || n > 0 && len(facts) == 0 || !yield(chosen) {
				return
			}
		}
	}, nil
}

// orderObjects are the objects of a fact in the order in which a case tries them.
func (s *part) orderObjects(c Case, f openapi.Fact, objects []environment.Object) []environment.Object {
	kinds := s.kindsOf(f, objects)
	if len(kinds) == 0 {
		return objects[:min(len(objects), 1)]
	}
	turn, begin := c.Turn, 0
	if c.inSurroundings {
		begin = placeNumber(c.ID)
	}
	if len(kinds) > turns {
		turn += turns * begin
	}
	turn %= len(kinds)
	var out []environment.Object
	for _, kind := range slices.Concat(kinds[turn:], kinds[:turn]) {
		at := begin % len(kind)
		out = slices.Concat(out, kind[at:], kind[:at])
	}
	return out
}

// kindsOf are the objects of a fact, grouped by kind, the kind of the documented object
// first; none if the document tells no kinds apart.
func (s *part) kindsOf(f openapi.Fact, objects []environment.Object) [][]environment.Object {
	names := kindMembers(f.Schema)
	if len(names) == 0 {
		return nil
	}
	unlike := func(object environment.Object) int { // number of different members
		n := 0
		for _, name := range names {
			if fmt.Sprint(memberOf(s.doc.Facts[f.Name], name)) != fmt.Sprint(object[name]) {
				n++
			}
		}
		return n
	}
	var kinds [][]environment.Object
	for _, object := range objects {
		i := slices.IndexFunc(kinds, func(kind []environment.Object) bool { return kindOf(kind[0], names) == kindOf(object, names) })
		if i < 0 {
			i, kinds = len(kinds), append(kinds, nil)
		}
		kinds[i] = append(kinds[i], object)
	}
	slices.SortStableFunc(kinds, func(a, b []environment.Object) int { return unlike(a[0]) - unlike(b[0]) })
	return kinds
}

// namesObjectOf reports whether a request names objects of a fact.
func (b *base) namesObjectOf(f openapi.Fact) bool {
	return slices.ContainsFunc(b.requestNames, func(n openapi.Named) bool { return n.Fact == f.Name && len(n.Path) == 0 })
}

// kindFacts are the names of the facts whose objects are of several kinds and which a
// request names.
func (b *base) kindFacts() []string {
	var out []string
	for _, f := range b.doc.Kinds() {
		if len(kindMembers(f.Schema)) > 0 && b.namesObjectOf(f) {
			out = append(out, f.Name)
		}
	}
	return out
}

// kindMembers are the members of an object that say its kind, sorted: those that have an
// enumeration.
func kindMembers(s *openapi3.SchemaRef) []string {
	var out []string
	s = openapi.Member(s, "")
	for name, property := range s.Value.Properties {
		if len(openapi.Member(property, "").Value.Enum) > 0 {
			out = append(out, name)
		}
	}
	return sortIDs(out)
}

// kindOf is the kind of an object, by those members.
func kindOf(object any, names []string) string {
	values := make([]string, len(names))
	for i, name := range names {
		if value := memberOf(object, name); value != nil {
			values[i] = fmt.Sprint(value)
		}
	}
	return strings.Join(values, "/")
}
