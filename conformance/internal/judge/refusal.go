package judge

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/conformance/internal/excerpt"
	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
	"github.com/vpnconform/vpnconform/openapi"
)

// mostNamed is the number of members that a message may name and still say which one it
// is about: a message that lists all members would otherwise name the right one. No
// documented message names more than two.
const mostNamed = 8

// isNotInName reports whether a character cannot be part of a member's name.
func isNotInName(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// judgeNothingCreated checks that the body of a refusal shows no created object, under
// whatever name.
func (j *Judge) judgeNothingCreated(f *Findings, c suite.Case, body any) {
	pointer, found := j.findCreated(body, "")
	if found == nil {
		return
	}
	f.add(report.Difference{
		Pointer: "/body" + pointer, Kind: "unexpected", Got: excerpt.JSON(found), Want: "nothing that was created",
		Why: "a request that is refused creates nothing", Level: c.Level, Source: c.Source,
	}, c.Rule)
}

// findCreated finds an object of the answer to an accepted request, with a value that the
// server chose: an echo of the request alone does not show a creation.
func (j *Judge) findCreated(body any, at string) (string, any) {
	switch v := body.(type) {
	case map[string]any:
		for place, object := range j.objects {
			if isCreated(object, v, at == place) {
				return at, v
			}
		}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if pointer, found := j.findCreated(v[name], at+"/"+match.Escape(name)); found != nil {
				return pointer, found
			}
		}
	case []any:
		for i, item := range v {
			if pointer, found := j.findCreated(item, fmt.Sprintf("%s/%d", at, i)); found != nil {
				return pointer, found
			}
		}
	}
	return "", nil
}

// isCreated reports whether a value has several of the members that an object of the
// answer always has, one of them chosen by the server. At the object's documented place
// one unique member is enough.
func isCreated(object *openapi3.Schema, value map[string]any, inPlace bool) bool {
	const several = 3
	has, chosen, unique := 0, false, false
	for _, name := range object.Required {
		if value[name] == nil {
			continue
		}
		has++
		member := openapi.Member(object.Properties[name], "").Value
		assigned, _ := member.Extensions["x-server-assigned"].(bool)
		echo, _ := member.Extensions["x-echo"].(bool)
		chosen = chosen || assigned && !echo
		unique = unique || member.Extensions["x-unique"] != nil
	}
	return inPlace && unique || chosen && has >= several
}

// objectsOf are the objects at the top of an answer, by their JSON Pointers.
func objectsOf(s *openapi3.SchemaRef) map[string]*openapi3.Schema {
	out := map[string]*openapi3.Schema{}
	if s == nil {
		return out
	}
	for name, property := range s.Value.Properties {
		if member := openapi.Member(property, ""); len(member.Value.Required) > 0 {
			out["/"+match.Escape(name)] = member.Value
		}
	}
	return out
}

// collectNames collects the names of all members below a schema.
func collectNames(s *openapi3.SchemaRef, names map[string]bool) {
	if s == nil {
		return
	}
	s = openapi.Member(s, "")
	for name, member := range s.Value.Properties {
		names[name] = true
		collectNames(member, names)
	}
	if s.Value.Items != nil {
		collectNames(s.Value.Items, names)
	}
}

// fieldsOf are the names of the members that a rule is about, the one to blame first;
// none if the rule is about no member of the request.
func fieldsOf(op openapi.Operation, r *openapi.Rule) []string {
	switch {
	case r.Parameter != nil:
		return []string{r.Parameter.Name}
	case len(r.Fields) > 0:
		return r.Names()
	}
	at, _ := openapi.Find(op.JSON(), r.Schema)
	if r.Member != "" {
		at += "/" + r.Member
	}
	at = strings.TrimSuffix(at, "/0")
	if at == "" {
		return nil
	}
	return []string{at[strings.LastIndexByte(at, '/')+1:]}
}
