package generator

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// writeBinds writes the functions that read the parameters of every operation.
func (e *emitter) writeBinds() {
	for _, op := range e.shapes.parameters {
		e.comment("read%sParameters reads the parameters of a request and checks them against the document.", op.name)
		e.line("func read%sParameters(r *http.Request) (request %sRequestObject, violations Violations) {\nvar f findings", op.name, op.name)
		for _, field := range op.fields {
			if field.In == openapi3.ParameterInQuery && field.shape != nil {
				e.line("query := f.readQuery(r.URL.RawQuery)")
				break
			}
		}
		for _, field := range op.fields {
			if field.shape == nil {
				e.bindRuntime(op, field)
			} else {
				e.writeBind(op, field)
			}
		}
		e.line("return request, f.result()\n}\n")
	}
}

// writeBind writes statements that read a parameter.
func (e *emitter) writeBind(op operationParameters, f parameterField) {
	place := f.place
	if f.pointer {
		place = "value"
	}
	isList, isPath := f.shape.kind == list, f.In == openapi3.ParameterInPath
	switch {
	case isList:
		e.line("if items := %s; items != nil {", f.itemsCall())
	case isPath:
		e.line("if text := %s; text != \"\" {", f.textCall())
	default:
		e.line("if text, n := %s; n == 1 {", f.textCall())
	}
	limited := isList && (limitsCount(f.shape) || f.shape.schema.UniqueItems || textNeedsCheck(f.shape.item)) || !isList && textNeedsCheck(f.shape)
	if limited {
		e.line("mark := len(f.found)")
	}
	declares := f.pointer && !readsByAssignment(f.shape)
	if declares {
		e.line("var value %s", f.shape.goType)
	}
	if isList {
		e.bindItems(f.shape, place)
	} else {
		e.bindText(f.shape, place, f.pointer && !declares)
	}
	if limited {
		e.line("f.placeAt(mark, %q)", f.location())
	}
	if f.pointer {
		e.line("%s = &value", f.place)
	}
	if !isList && !isPath {
		e.line("} else if n > 1 {\nf.repeated(%q, %q)", f.location(), f.Name)
	}
	e.writeAbsent(op, f)
	e.line("}")
}

// writeAbsent writes the branch for a missing parameter: a violation or its default.
func (e *emitter) writeAbsent(op operationParameters, f parameterField) {
	literal, ok := e.defaultText(f.shape)
	switch {
	case f.Required:
		r := rule{op.id + "." + f.Name + ".required", f.Name + " is present"}
		if known := e.plan.parameterRule(parameterOwner{op.id, f.Parameter}, nil, "required"); known != nil {
			r = rule{known.ID, known.Message}
		}
		e.line("} else {\nf.addAt(%q, %s)", f.location(), r.args())
	case !ok:
	case f.pointer:
		e.line("} else {\nvalue := %s\n%s = &value", literal, f.place)
	default:
		e.line("} else {\n%s = %s", f.place, literal)
	}
}

// textCall returns the call that reads the text of a parameter. Except for the path it also returns how often the
// parameter was sent.
func (f parameterField) textCall() string {
	switch f.In {
	case openapi3.ParameterInPath:
		return fmt.Sprintf("r.PathValue(%q)", f.wildcard())
	case openapi3.ParameterInQuery:
		return fmt.Sprintf("query.text(%q)", f.Name)
	}
	if f.In == openapi3.ParameterInCookie {
		return fmt.Sprintf("cookieText(r, %q)", f.Name)
	}
	return fmt.Sprintf("headerText(r.Header, %q)", http.CanonicalHeaderKey(f.Name))
}

// itemsCall returns the call that reads the items of a parameter.
func (f parameterField) itemsCall() string {
	switch {
	case f.In == openapi3.ParameterInPath:
		return fmt.Sprintf(`strings.Split(r.PathValue(%q), ",")`, f.wildcard())
	case f.In == openapi3.ParameterInHeader:
		return fmt.Sprintf("headerList(r.Header, %q)", http.CanonicalHeaderKey(f.Name))
	case formOf(f.Parameter) == repeatedList:
		return fmt.Sprintf("query.list(%q)", f.Name)
	case f.Style == openapi3.SerializationSpaceDelimited:
		return fmt.Sprintf(`query.list(%q, "%%20", "+")`, f.Name)
	case f.Style == openapi3.SerializationPipeDelimited:
		return fmt.Sprintf(`query.list(%q, "|", "%%7C", "%%7c")`, f.Name)
	}
	return fmt.Sprintf(`query.list(%q, ",")`, f.Name)
}

// textNeedsCheck reports whether a text of a parameter can break a rule.
func textNeedsCheck(s *shape) bool { return s.kind != text && s.kind != anything || hasCheck(s) }

// bindItems writes statements that read the items of a parameter into a list.
func (e *emitter) bindItems(s *shape, place string) {
	item := s.item
	if item.kind == text && !hasCheck(item) && s.goType == "[]string" {
		e.line("%s = items", place)
	} else {
		judges := textNeedsCheck(item)
		e.line("%s = make(%s, len(items))\nfor i, text := range items {", place, s.goType)
		if judges {
			e.line("mark := len(f.found)")
		}
		e.bindText(item, place+"[i]", false)
		if judges {
			e.line("f.withinItem(mark, i)")
		}
		e.line("}")
	}
	if s.schema.UniqueItems {
		compared := "items"
		if item.kind == number {
			compared = place
		}
		e.line("if len(f.found) == mark && repeats(%s) {\nf.insert(mark, %s)\n}", compared, e.rule(s, "uniqueItems"))
	}
	if limitsCount(s) {
		e.line("count%s(&f, mark, len(items))", s.stem)
	}
}

// readsByAssignment reports whether one assignment reads the text of a shape.
func readsByAssignment(s *shape) bool {
	return s.kind == text || s.kind == textEnum || s.kind == boolean
}

// bindText writes statements that read a text into a place, or into a new variable.
func (e *emitter) bindText(s *shape, place string, isNew bool) {
	sign := "="
	if isNew {
		sign = ":="
	}
	switch s.kind {
	case anything:
		e.line("%s = text", place)
	case text:
		if hasCheck(s) {
			e.line("check%s(&f, text)", s.stem)
		}
		e.line("%s %s %s", place, sign, convert(s, "string", "text"))
	case textEnum:
		e.line("%s %s value%s(&f, text)", place, sign, s.stem)
	case boolean:
		e.line("%s %s %s", place, sign, convert(s, "bool", "f.booleanIn(text, "+e.rule(s, "type")+")"))
	case converted:
		if hasCheck(s) {
			e.line("if f.convertIn(text, &%s, %s) {\ncheck%s(&f, text)\n}", place, e.rule(s, "format"), s.stem)
		} else {
			e.line("f.convertIn(text, &%s, %s)", place, e.rule(s, "format"))
		}
	case number:
		e.line("if x, ok := f.numberIn(text, %s); ok {", e.rule(s, "type"))
		if hasCheck(s) {
			e.line("check%s(&f, x)", s.stem)
		}
		e.line("%s = %s\n}", place, convert(s, "float64", "x"))
	case integer, numberEnum:
		e.bindInteger(s, place)
	}
}

func (e *emitter) bindInteger(s *shape, place string) {
	size, format, wrong := 64, `"", ""`, e.rule(s, "type")
	if s.basic == "int32" {
		size = 32
	}
	if s.kind == numberEnum {
		wrong = e.rule(s, "enum")
	} else if rule := e.formatRule(s); rule != "" {
		format = rule
	}
	e.line("if x, ok := f.integerIn(text, %d, %s, %s); ok {", size, wrong, format)
	if s.kind == numberEnum {
		e.line("%s = value%s(&f, x)\n}", place, s.stem)
		return
	}
	if hasCheck(s) {
		e.line("check%s(&f, %s)", s.stem, e.checkedInteger(s, "x"))
	}
	e.writeRangeCheck(s, "f", "x")
	e.line("%s = %s\n}", place, convert(s, "int64", "x"))
}

// bindRuntime writes statements that read a parameter with package runtime.
func (e *emitter) bindRuntime(op operationParameters, f parameterField) {
	method, _ := f.SerializationMethod()
	schema := unwrap(f.Schema)
	kind := strings.Join(schema.Type.Slice(), "")
	wrong := rule{op.id + "." + f.Name + ".type", f.Name + " has the type and the style that the document says"}
	place := "&" + f.place
	if f.In == openapi3.ParameterInQuery {
		e.line("if err := runtime.BindQueryParameterWithOptions(%q, %t, %t, %q, r.URL.Query(), %s, runtime.BindQueryParameterOptions{Type: %q, Format: %q}); err != nil {",
			method.Style, method.Explode, f.Required, f.Name, place, kind, schema.Format)
		e.line("f.addAt(%q, %s)\n}", f.location(), wrong.args())
		return
	}
	location, unescaped := "Path", ", ValueIsUnescaped: true"
	if f.In == openapi3.ParameterInHeader {
		location, unescaped = "Header", ""
		e.line("if text, n := %s; n == 1 {", f.textCall())
	} else {
		e.line("if text := %s; text != \"\" {", f.textCall())
	}
	if f.pointer {
		e.line("var value %s", f.goType)
		place = "&value"
	}
	e.line("if err := runtime.BindStyledParameterWithOptions(%q, %q, text, %s, runtime.BindStyledParameterOptions{ParamLocation: runtime.ParamLocation%s, Explode: %t, Required: %t, Type: %q, Format: %q%s}); err != nil {",
		method.Style, f.Name, place, location, method.Explode, f.Required, kind, schema.Format, unescaped)
	e.line("f.addAt(%q, %s)\n}", f.location(), wrong.args())
	if f.pointer {
		e.line("%s = &value", f.place)
	}
	if f.In == openapi3.ParameterInHeader {
		e.line("} else if n > 1 {\nf.repeated(%q, %q)", f.location(), f.Name)
	}
	e.writeAbsent(op, f)
	e.line("}")
}

// writeParameterChecks writes the functions that check parameters by their keywords.
func (e *emitter) writeParameterChecks() {
	for _, op := range e.shapes.parameters {
		for _, f := range op.fields {
			for s := f.shape; s != nil; s = s.item {
				switch s.kind {
				case text, converted:
					e.writeTextCheck(s)
				case integer, number:
					e.writeNumberCheck(s)
				case textEnum, numberEnum:
					e.writeValueFunction(s)
				}
				if limitsCount(s) {
					e.writeCountCheck(s)
				}
			}
		}
	}
}
