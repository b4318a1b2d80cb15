package generator

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/openapi/source"
)

// emitter writes one of the files that do not come from oapi-codegen. Its methods that begin with write emit whole
// declarations, all others statements of the current function.
type emitter struct {
	plan     *plan
	shapes   *shapes
	text     strings.Builder
	written  map[string]bool             // functions that are written or planned
	deferred []func()                    // writes what follows the current function
	holders  map[*openapi3.Schema]string // names of the functions that check values without a type

	patterns patterns
}

func newEmitter(p *plan, b *shapes) emitter {
	return emitter{
		plan: p, shapes: b, written: map[string]bool{}, holders: map[*openapi3.Schema]string{},
		patterns: patterns{functions: map[string]string{}, classes: map[string]string{}},
	}
}

func (e *emitter) line(format string, args ...any) { fmt.Fprintf(&e.text, format+"\n", args...) }

// comment writes a paragraph of a comment, wrapped.
func (e *emitter) comment(format string, args ...any) {
	e.text.WriteString(wrap("// "+fmt.Sprintf(format, args...)) + "\n")
}

// claimFunction reports whether a function is not written yet, and marks it as written.
func (e *emitter) claimFunction(name string) bool {
	if e.written[name] {
		return false
	}
	e.written[name] = true
	return true
}

// writeDeferred writes the deferred functions.
func (e *emitter) writeDeferred() {
	for len(e.deferred) > 0 {
		write := e.deferred[0]
		e.deferred = e.deferred[1:]
		write()
	}
}

// decoders returns decode.gen.go: for every named shape a function that reads it from JSON.
func decoders(p *plan, b *shapes) string {
	e := newEmitter(p, b)
	for _, s := range b.order {
		e.writeDecode(s)
		e.writeDeferred()
	}
	e.writeBinds()
	return e.text.String()
}

// writeDecode writes the exported function of a named shape and the functions that it calls.
func (e *emitter) writeDecode(s *shape) {
	name := s.goType
	e.comment("Decode%s reads %s from JSON and checks it against the document. It returns all violations, or the value when "+
		"there are none. The texts in the value are parts of one copy of data, which lives as long as one of them.", name, withArticle(name))
	e.line("func Decode%s(data []byte) (*%s, Violations) {\nr := newReader(data)", name, name)
	switch {
	case s.hasValues():
		e.line("v := new(%s)\nread%s(&r, &v.object, &v.values)", combinedType(s), s.stem)
	case s.kind == object:
		e.line("v := new(%s)\nread%s(&r, v)", name, s.stem)
	default:
		e.line("v := new(%s)", name)
		if s.nullable {
			e.line("if !r.null() {")
		}
		if s.kind == list || s.kind == mapping || s.kind == free {
			e.line("*v = read%s(&r)", s.stem)
		} else {
			e.readValue(s, "*v")
		}
		if s.nullable {
			e.line("}")
		}
	}
	e.line("if violations := r.end(); violations != nil {\nreturn nil, violations\n}")
	if s.hasValues() {
		e.line("return &v.object, nil\n}\n")
	} else {
		e.line("return v, nil\n}\n")
	}
	e.writeRead(s)
}

// writeRead writes the function that reads an object, a list or a map, once.
func (e *emitter) writeRead(s *shape) {
	if !e.claimFunction("read" + s.stem) {
		return
	}
	switch s.kind {
	case object:
		e.writeStorage(s)
		e.writeReadObject(s)
	case list:
		e.writeReadList(s)
	case mapping:
		e.writeReadMap(s)
	case free:
		e.writeReadFree(s)
	}
}

func (e *emitter) rule(s *shape, keyword string) string { return e.plan.keywordRule(s, keyword).args() }

// combinedType returns the name of the struct of an object and its values.
func combinedType(s *shape) string { return lowerFirst(s.goType) + "AndValues" }

// valuesType returns the name of the struct of an object's values.
func valuesType(s *shape) string { return lowerFirst(s.goType) + "Values" }

// writeStorage writes the two structs with the values of an object.
func (e *emitter) writeStorage(s *shape) {
	if !s.hasValues() {
		return
	}
	e.comment("%s holds what the optional members of %s point to.", valuesType(s), withArticle(s.goType))
	e.line("type %s struct {", valuesType(s))
	for _, m := range s.members {
		switch {
		case !m.isStored():
		case m.kind == object:
			e.line("%s %s", m.field, valuesType(m.shape))
		default:
			e.line("%s %s", m.field, m.goType)
		}
	}
	e.line("}\n")
	e.comment("%s is %s in one piece of memory.", combinedType(s), withArticle(s.goType))
	e.line("type %s struct {\nobject %s\nvalues %s\n}\n", combinedType(s), s.goType, valuesType(s))
}

// writeReadObject writes the function that reads an object.
func (e *emitter) writeReadObject(s *shape) {
	parameters := "r *reader, v *" + s.goType
	if s.hasValues() {
		parameters += ", values *" + valuesType(s)
	}
	e.comment("read%s reads %s.", s.stem, withArticle(s.goType))
	e.line("func read%s(%s) {", s.stem, parameters)
	e.line("if !r.object(%s) {\nreturn\n}", e.rule(s, "type"))
	words := (len(s.members) + len(s.more) + 63) / 64
	for i := range words {
		e.line("var seen%s uint64", seenSuffix(i))
	}
	if limitsCount(s) {
		e.line("count := 0")
	}
	if len(s.rules) > 0 || limitsCount(s) || isClosed(s) && s.hasRules() {
		e.line("start := len(r.found)")
	}
	e.line("var unknown names")
	e.line("for r.member() {\nname, mark := r.name, len(r.found)")
	if limitsCount(s) {
		e.line("count++")
	}
	e.line("switch name {")
	for i, m := range s.members {
		e.line("case %q:\nif r.again(&seen%s, 1<<%d) {\nbreak\n}", m.name, seenSuffix(i/64), i%64)
		e.readMember(m)
	}
	for i, name := range s.more {
		i += len(s.members)
		e.line("case %q:\nif r.again(&seen%s, 1<<%d) {\nbreak\n}", name, seenSuffix(i/64), i%64)
		if s.item != nil {
			e.readAdditional(s)
		} else {
			e.line("r.skip()")
		}
	}
	e.line("default:")
	if s.item != nil {
		e.line("if !unknown.add(r) {\nr.twice()\nbreak\n}")
		e.readAdditional(s)
	} else if isClosed(s) {
		e.line("r.unknown(&unknown)\nr.within(mark, name)\nr.insert(mark, %s)\ncontinue", e.rule(s, "additionalProperties"))
	} else {
		e.line("r.unknown(&unknown)")
	}
	e.line("}\nr.within(mark, name)\n}")
	e.writeRequired(s)
	if limitsCount(s) {
		e.line("count%s(&r.findings, start, count)", s.stem)
	}
	if len(s.rules) > 0 {
		e.line("judge%s(&r.findings, start, v)", s.stem)
	}
	if (limitsCount(s) || isClosed(s)) && s.hasRules() {
		e.line("r.settle(start)")
	}
	e.line("}\n")
}

// readAdditional writes statements that read a member that an object does not name.
func (e *emitter) readAdditional(s *shape) {
	e.readInside(s, "item")
	e.line("if v.AdditionalProperties == nil {\nv.AdditionalProperties = map[string]%s{}\n}", additionalType(s))
	e.line("v.AdditionalProperties[name] = item")
}

// additionalType returns the Go type of the members that an object does not name.
func additionalType(s *shape) string {
	if s.pointer {
		return "*" + s.item.goType
	}
	return s.item.goType
}

// seenSuffix returns the end of the name of the variable for a group of 64 members: each bit says that a member was seen.
func seenSuffix(i int) string {
	if i == 0 {
		return ""
	}
	return fmt.Sprint(i + 1)
}

// writeRequired writes the checks that no required member is missing.
func (e *emitter) writeRequired(s *shape) {
	for i, m := range s.members {
		if m.required {
			e.line("if seen%s&(1<<%d) == 0 {", seenSuffix(i/64), i%64)
			e.line("r.addAt(%q, %s)\n}", "/"+source.Escape(m.name), e.plan.requiredRule(s, m.name).args())
		}
	}
	for i, name := range s.more {
		i += len(s.members)
		e.line("if seen%s&(1<<%d) == 0 {", seenSuffix(i/64), i%64)
		e.line("r.addAt(%q, %s)\n}", "/"+source.Escape(name), e.plan.requiredRule(s, name).args())
	}
}

// writeRequiredKeys writes the checks that no required key of a map is missing.
func (e *emitter) writeRequiredKeys(s *shape, findings, items string) {
	for _, name := range s.more {
		e.line("if _, ok := %s[%q]; !ok {", items, name)
		e.line("%s.addAt(%q, %s)\n}", findings, "/"+source.Escape(name), e.plan.requiredRule(s, name).args())
	}
}

// withArticle writes a name behind its article.
func withArticle(name string) string {
	if strings.ContainsRune("AEIOU", rune(name[0])) {
		return "an " + name
	}
	return "a " + name
}

// lowerFirst makes a name begin with a small letter.
func lowerFirst(name string) string {
	first, size := utf8.DecodeRuneInString(name)
	return string(unicode.ToLower(first)) + name[size:]
}
