package generator

import (
	"fmt"
	"go/ast"
	"go/types"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
)

// operationParameters are those of an operation, with the Go fields that take them.
type operationParameters struct {
	operation
	fields []parameterField
}

// parameterField is a parameter and the field of the request object that takes it.
type parameterField struct {
	parameter
	shape   *shape // nil if it is bound by package runtime
	goType  string
	place   string // in Go: request.Params.Limit
	pointer bool
}

// bindings finds the fields of all parameters: those of a path in the request object, which stands in the server, the
// others in the object of parameters.
func (b *shapes) bindings(server *ast.File) {
	objects := map[string]*ast.StructType{}
	for _, declaration := range server.Decls {
		if d, ok := declaration.(*ast.GenDecl); ok {
			for _, spec := range d.Specs {
				if t, ok := spec.(*ast.TypeSpec); ok {
					objects[t.Name.Name], _ = t.Type.(*ast.StructType)
				}
			}
		}
	}
	for _, op := range b.plan.operations {
		if len(op.parameters) == 0 {
			continue
		}
		bound := operationParameters{operation: op}
		params, _ := b.beneath(ast.NewIdent(op.name + "Params")).(*ast.StructType)
		for _, v := range op.parameters {
			object, place := params, "request.Params."
			if v.In == openapi3.ParameterInPath {
				object, place = objects[op.name+"RequestObject"], "request."
			}
			bound.fields = append(bound.fields, b.binding(op, v, fieldOf(object, v.Name), place))
		}
		b.parameters = append(b.parameters, bound)
	}
}

// fieldOf returns the field of a struct that has a name in JSON.
func fieldOf(object *ast.StructType, name string) *ast.Field {
	for _, field := range object.Fields.List {
		if field.Tag != nil {
			tag, _ := strconv.Unquote(field.Tag.Value)
			if given, _, _ := strings.Cut(reflect.StructTag(tag).Get("json"), ","); given == name {
				return field
			}
		}
	}
	return nil
}

func (b *shapes) binding(op operation, v parameter, field *ast.Field, place string) parameterField {
	f := parameterField{parameter: v, place: place + field.Names[0].Name}
	goType := field.Type
	if star, ok := goType.(*ast.StarExpr); ok {
		goType, f.pointer = star.X, true
	}
	stem, id := op.name+goName(v.Name), op.id+"."+v.Name
	if s := b.ofParameter(v.Schema, goType, stem, id); formOf(v.Parameter) != bound {
		f.shape = s
		if s.kind == list {
			elements, _ := b.beneath(goType).(*ast.ArrayType)
			s.item = b.ofParameter(s.schema.Items, elements.Elt, stem+"Item", id+".items")
		}
	} else {
		f.goType = s.goType
	}
	return f
}

// ofParameter returns the shape of a parameter, which is its own even where the schema is that of another value: its
// rules have other ids.
func (b *shapes) ofParameter(ref *openapi3.SchemaRef, goType ast.Expr, stem, path string) *shape {
	for b.stems[stem] {
		stem += "2"
	}
	b.stems[stem] = true
	schema := wrapped(ref)
	s := &shape{goType: types.ExprString(goType), schema: schema, stem: stem, path: path, parameter: true, values: b.plan.constants[schema]}
	if ident, ok := b.beneath(goType).(*ast.Ident); ok {
		s.basic = ident.Name
	}
	s.kind = kindOf(ref, schema, s.basic)
	return s
}

// binds writes the functions that read the parameters of every operation.
func (e *emitter) binds() {
	for _, op := range e.shapes.parameters {
		e.comment("read%sParameters reads the parameters of a request and holds them against the document.", op.name)
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
				e.bind(op, field)
			}
		}
		e.line("return request, f.result()\n}\n")
	}
}

// location is where a violation of a parameter is.
func (f parameterField) location() string { return f.In + "/" + escapeToken(f.Name) }

// wildcard is the name of a parameter of the path in the pattern of the router.
func (f parameterField) wildcard() string { return codegen.SanitizeGoIdentifier(f.Name) }

// bind writes how a parameter is read.
func (e *emitter) bind(op operationParameters, f parameterField) {
	place := f.place
	if f.pointer {
		place = "value"
	}
	isList, isPath := f.shape.kind == list, f.In == openapi3.ParameterInPath
	switch {
	case isList:
		e.line("if items := %s; items != nil {", f.items())
	case isPath:
		e.line("if text := %s; text != \"\" {", f.text())
	default:
		e.line("if text, n := %s; n == 1 {", f.text())
	}
	limited := isList && (counted(f.shape) || f.shape.schema.UniqueItems || judgedText(f.shape.item)) || !isList && judgedText(f.shape)
	if limited {
		e.line("mark := len(f.found)")
	}
	declares := f.pointer && !assigned(f.shape)
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
	e.absent(op, f)
	e.line("}")
}

// absent writes what is done when a parameter is not there.
func (e *emitter) absent(op operationParameters, f parameterField) {
	literal, ok := e.defaultText(f.shape)
	switch {
	case f.Required:
		r := rule{op.id + "." + f.Name + ".required", f.Name + " is present"}
		if known := e.plan.document.Rule(r.id); known != nil {
			r.message = known.Message
		}
		e.line("} else {\nf.addAt(%q, %s)", f.location(), r.args())
	case !ok:
	case f.pointer:
		e.line("} else {\nvalue := %s\n%s = &value", literal, f.place)
	default:
		e.line("} else {\n%s = %s", f.place, literal)
	}
}

// text writes the call that returns a parameter, and but for one of the path how often it is there.
func (f parameterField) text() string {
	switch f.In {
	case openapi3.ParameterInPath:
		return fmt.Sprintf("r.PathValue(%q)", f.wildcard())
	case openapi3.ParameterInQuery:
		return fmt.Sprintf("query.text(%q)", f.Name)
	}
	return fmt.Sprintf("headerText(r.Header, %q)", http.CanonicalHeaderKey(f.Name))
}

// items writes the call that returns the items of a parameter.
func (f parameterField) items() string {
	switch {
	case f.In == openapi3.ParameterInPath:
		return fmt.Sprintf(`strings.Split(r.PathValue(%q), ",")`, f.wildcard())
	case f.In == openapi3.ParameterInHeader:
		return fmt.Sprintf("headerList(r.Header, %q)", http.CanonicalHeaderKey(f.Name))
	case formOf(f.Parameter) == severally:
		return fmt.Sprintf("query.list(%q)", f.Name)
	case f.Style == openapi3.SerializationSpaceDelimited:
		return fmt.Sprintf(`query.list(%q, "%%20", "+")`, f.Name)
	case f.Style == openapi3.SerializationPipeDelimited:
		return fmt.Sprintf(`query.list(%q, "|", "%%7C", "%%7c")`, f.Name)
	}
	return fmt.Sprintf(`query.list(%q, ",")`, f.Name)
}

// judgedText reports whether a text of a parameter can break a rule.
func judgedText(s *shape) bool { return s.kind != text && s.kind != anything || checked(s) }

// bindItems writes how the items of a parameter are read into a list.
func (e *emitter) bindItems(s *shape, place string) {
	item := s.item
	if item.kind == text && !checked(item) && s.goType == "[]string" {
		e.line("%s = items", place)
	} else {
		judges := judgedText(item)
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
	if counted(s) {
		e.line("count%s(&f, mark, len(items))", s.stem)
	}
}

// assigned reports whether a text is read by an assignment.
func assigned(s *shape) bool {
	return s.kind == text || s.kind == textEnum || s.kind == boolean
}

// bindText writes how a text is read into a place, or into a variable that is new.
func (e *emitter) bindText(s *shape, place string, isNew bool) {
	sign := "="
	if isNew {
		sign = ":="
	}
	switch s.kind {
	case anything:
		e.line("%s = text", place)
	case text:
		if checked(s) {
			e.line("check%s(&f, text)", s.stem)
		}
		e.line("%s %s %s", place, sign, converts(s, "string", "text"))
	case textEnum:
		e.line("%s %s value%s(&f, text)", place, sign, s.stem)
	case boolean:
		e.line("%s %s %s", place, sign, converts(s, "bool", "f.booleanIn(text, "+e.rule(s, "type")+")"))
	case converted:
		if checked(s) {
			e.line("if f.convertIn(text, &%s, %s) {\ncheck%s(&f, text)\n}", place, e.rule(s, "format"), s.stem)
		} else {
			e.line("f.convertIn(text, &%s, %s)", place, e.rule(s, "format"))
		}
	case number:
		e.line("if x, ok := f.numberIn(text, %s); ok {", e.rule(s, "type"))
		if checked(s) {
			e.line("check%s(&f, x)", s.stem)
		}
		e.line("%s = %s\n}", place, converts(s, "float64", "x"))
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
	} else if rule := e.format(s); rule != "" {
		format = rule
	}
	e.line("if x, ok := f.integerIn(text, %d, %s, %s); ok {", size, wrong, format)
	if s.kind == numberEnum {
		e.line("%s = value%s(&f, x)\n}", place, s.stem)
		return
	}
	if checked(s) {
		e.line("check%s(&f, %s)", s.stem, e.checkedInteger(s, "x"))
	}
	e.inRange(s, "f", "x")
	e.line("%s = %s\n}", place, converts(s, "int64", "x"))
}

// bindRuntime writes how package runtime reads a parameter.
func (e *emitter) bindRuntime(op operationParameters, f parameterField) {
	method, _ := f.SerializationMethod()
	schema := wrapped(f.Schema)
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
		e.line("if text, n := %s; n == 1 {", f.text())
	} else {
		e.line("if text := %s; text != \"\" {", f.text())
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
	e.absent(op, f)
	e.line("}")
}

// defaultText writes the default of a parameter as Go, if it has one.
func (e *emitter) defaultText(s *shape) (string, bool) {
	if s == nil || s.schema.Default == nil {
		return "", false
	}
	if text := e.plan.exactDefault(s.schema); text != "" {
		return constantOr(s, "int", text), true
	}
	return goValue(s, s.schema.Default), true
}

// goValue writes a value as Go, of the type that the shape has.
func goValue(s *shape, value any) string {
	switch v := value.(type) {
	case []any:
		texts := make([]string, len(v))
		for i, item := range v {
			texts[i] = goValue(s.item, item)
		}
		return s.goType + "{" + strings.Join(texts, ", ") + "}"
	case bool:
		return converts(s, "bool", strconv.FormatBool(v))
	case string:
		return constantOr(s, "string", strconv.Quote(v))
	case float64:
		return constantOr(s, "int", float(v))
	}
	return fmt.Sprint(value)
}

// constantOr returns the constant of an enumeration for a literal, otherwise the literal in the type of the shape.
func constantOr(s *shape, from, literal string) string {
	for _, c := range s.values {
		if c.Literal == literal {
			return c.Name
		}
	}
	return converts(s, from, literal)
}

// holdsParameters writes the functions that hold parameters against their keywords.
func (e *emitter) holdsParameters() {
	for _, op := range e.shapes.parameters {
		for _, f := range op.fields {
			for s := f.shape; s != nil; s = s.item {
				switch s.kind {
				case text, converted:
					e.checksText(s)
				case integer, number:
					e.checksNumber(s)
				case textEnum, numberEnum:
					e.valuesOf(s)
				}
				if counted(s) {
					e.counts(s)
				}
			}
		}
	}
}
