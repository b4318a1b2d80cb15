package generator

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// canEncode reports whether generated functions write values of a shape. encoding/json writes the others: Go types with
// their own methods, and maps and fractions, for which generated code would not be faster.
func canEncode(s *shape) bool { return canEncodeInside(s, nil) }

func canEncodeInside(s *shape, above []*shape) bool {
	if slices.Contains(above, s) {
		return true // decided further up
	}
	above = append(above, s)
	switch s.kind {
	case text, textEnum, boolean, integer:
		return !s.nullable
	case list:
		return !s.pointer && !s.nullable && canEncodeInside(s.item, above)
	case object:
		free := s.schema.AdditionalProperties
		return !s.nullable && free.Schema == nil && !slices.ContainsFunc(s.members, func(m member) bool { return !canEncodeInside(m.shape, above) })
	}
	return false
}

// answerType matches the type of an answer with a JSON body, encodeCall and writeCall the statements that write it.
var (
	answerType = regexp.MustCompile(`type (\w+JSONResponse) struct \{\s*Body\s+(\w+)\s`)
	encodeCall = regexp.MustCompile(`var buf bytes\.Buffer\s+if err := json\.NewEncoder\(&buf\)\.Encode\(response\.Body\); err != nil \{\s+return err\s+\}`)
	writeCall  = regexp.MustCompile(`_, err := buf\.WriteTo\(w\)`)
)

// encoders returns encode.gen.go: for every shape in an answer a function that writes it as JSON. It also returns the
// text of the server with calls of these functions.
func encoders(p *plan, b *shapes, server string) (file, answers string, err error) {
	e := newEmitter(p, b)
	for _, match := range answerType.FindAllStringSubmatch(server, -1) {
		s := b.resolve(match[2])
		if s == nil || s.kind != object || !canEncode(s) {
			continue
		}
		head := "func (response " + match[1] + ") Visit"
		before, after, found := strings.Cut(server, head)
		if !found {
			continue // a shared response; its uses have types of their own
		}
		encode, write := encodeCall.FindStringIndex(after), writeCall.FindStringIndex(after)
		if encode == nil || write == nil || write[0] < encode[1] {
			return "", "", fmt.Errorf("%s does not write its answer as expected", match[1])
		}
		server = before + head + after[:encode[0]] +
			"data := append(append" + s.stem + "(make([]byte, 0, usualAnswer), &response.Body), '\\n')" +
			after[encode[1]:write[0]] + "_, err := w.Write(data)" + after[write[1]:]
		e.writeAppend(s)
		e.writeDeferred()
	}
	return e.text.String(), server, nil
}

// writeAppend writes the function that appends an object or a list.
func (e *emitter) writeAppend(s *shape) {
	if !e.claimFunction("append" + s.stem) {
		return
	}
	e.line("// append%s appends %s as JSON, the bytes that encoding/json writes.", s.stem, withArticle(s.stem))
	if s.kind == list {
		e.line("func append%s(b []byte, items %s) []byte {", s.stem, s.goType)
		e.line("if items == nil {\nreturn append(b, \"null\"...)\n}\nstart := len(b)\nfor i := range items {\nb = append(b, ',')")
		e.appendValue(s.item, "items[i]")
		e.line("}\nreturn enclose(b, start, '[', ']')\n}\n")
		return
	}
	e.line("func append%s(b []byte, v *%s) []byte {\nstart := len(b)", s.stem, s.goType)
	for _, m := range s.members {
		place, nothing := "v."+m.field, m.absentValue()
		omitted := m.omits && nothing != ""
		if omitted {
			e.line("if %s != %s {", place, nothing)
		}
		e.line("b = append(b, `,%s:`...)", quoteJSON(m.name))
		switch {
		case m.pointer && !omitted: // required, so nil is written as null
			e.line("if %s == nil {\nb = append(b, \"null\"...)\n} else {", place)
			e.appendValue(m.shape, "*"+place)
			e.line("}")
		case m.pointer:
			e.appendValue(m.shape, "*"+place)
		default:
			e.appendValue(m.shape, place)
		}
		if omitted {
			e.line("}")
		}
	}
	e.line("return enclose(b, start, '{', '}')\n}\n")
}

// appendValue writes the statement that appends the value at a place.
func (e *emitter) appendValue(s *shape, place string) {
	switch s.kind {
	case text, textEnum:
		e.line("b = appendText(b, %s)", toString(s, place))
	case boolean:
		e.line("b = strconv.AppendBool(b, %s)", place)
	case integer:
		e.line("b = strconv.AppendInt(b, int64(%s), 10)", place)
	case object:
		e.deferred = append(e.deferred, func() { e.writeAppend(s) })
		if name, ok := strings.CutPrefix(place, "*"); ok {
			e.line("b = append%s(b, %s)", s.stem, name)
		} else {
			e.line("b = append%s(b, &%s)", s.stem, place)
		}
	case list:
		e.deferred = append(e.deferred, func() { e.writeAppend(s) })
		e.line("b = append%s(b, %s)", s.stem, place)
	}
}

// quoteJSON writes a member's name as JSON, inside a raw Go string.
func quoteJSON(name string) string { return strings.ReplaceAll(fmt.Sprintf("%q", name), "`", `\u0060`) }
