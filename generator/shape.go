package generator

import (
	"go/ast"
	"go/types"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// kind is how a value is read and checked.
type kind int

const (
	anything   kind = iota // any JSON value
	foreign                // a Go type with its own UnmarshalJSON: x-go-type
	object                 // a struct
	mapping                // a map whose values have one schema
	free                   // a map[string]any
	list                   // a slice
	text                   // a string
	converted              // a JSON string that a Go type parses: time.Time
	boolean                // a bool
	integer                // an integer type
	number                 // a float type
	textEnum               // a string with constants
	numberEnum             // an integer with constants
)

// shape is a schema together with the Go type that oapi-codegen gave it. All emitters write from shapes, so that no
// emitter has to guess the names and pointers of another tool.
type shape struct {
	kind     kind
	goType   string // without the star of a pointer: []string, DpdMsg
	basic    string // the predeclared type beneath it, for the kinds that have one: string, int32
	schema   *openapi3.Schema
	nullable bool
	stem     string // the end of the names of its functions: DpdTimeout
	path     string // the beginning of the ids of rules that the document does not name: Dpd.timeout

	item    *shape     // of a list or a map, or of the members of an object that it does not name
	pointer bool       // whether the items are pointers
	holes   bool       // whether the items may be null
	members []member   // of an object, in the order of the document
	values  []constant // of an enumeration
	more    []string   // required members of an object or a map without a schema of their own

	owner parameterOwner // of a parameter, or an item of one

	rules []crossField // over several members of an object
	read  bool         // a rule over several members reads it
}

// member is a member of an object.
type member struct {
	*shape
	name     string // in JSON
	field    string // in Go
	pointer  bool
	required bool
	nullable bool // here, or everywhere by its schema
	omits    bool // encoding/json leaves out its zero value
}

// isStored reports whether a member points to a value in the struct of values beside its object. One allocation then
// serves all optional members.
func (m member) isStored() bool {
	return m.pointer && m.kind != object || m.kind == object && !m.pointer && m.hasValues()
}

// absentValue returns the Go value of an absent member, empty if no value stands for absence.
func (m member) absentValue() string {
	switch {
	case m.pointer || isNilable(m.kind):
		return "nil"
	case m.kind == text || m.kind == textEnum:
		return `""`
	case m.kind == integer || m.kind == number || m.kind == numberEnum:
		return "0"
	}
	return ""
}

// hasValues reports whether an object needs a struct of values.
func (s *shape) hasValues() bool { return slices.ContainsFunc(s.members, member.isStored) }

// shapes finds the shapes of the types in a file. A schema with a type of its own has one shape.
type shapes struct {
	plan   *plan
	types  map[string]*ast.TypeSpec
	named  map[*openapi3.Schema]*shape
	stems  map[string]bool // already used
	order  []*shape        // the named ones, in the order of the file
	bodies []body

	parameters []operationParameters
}

// body is the type of a request's body.
type body struct {
	name  string // BorrowJSONRequestBody
	shape *shape
}

func newShapes(p *plan, file *ast.File) *shapes {
	b := &shapes{plan: p, types: map[string]*ast.TypeSpec{}, named: map[*openapi3.Schema]*shape{}, stems: map[string]bool{}}
	specs := typeSpecs(file)
	for _, t := range specs {
		b.types[t.Name.Name] = t
	}
	for _, t := range specs {
		named, ok := p.goTypes[t.Name.Name]
		if _, isName := t.Type.(*ast.Ident); !ok || t.Assign.IsValid() && isName {
			continue
		}
		s := b.shapeOf(named.ref, ast.NewIdent(t.Name.Name), t.Name.Name, named.prefix)
		switch s.kind {
		case object, list, mapping, free:
			b.order = append(b.order, s)
		}
	}
	for _, given := range p.bodies {
		s := b.named[unwrap(given.ref)]
		if s == nil {
			s = b.shapeOf(given.ref, ast.NewIdent(given.name), given.name, given.prefix)
		}
		if !slices.Contains(b.order, s) {
			b.order = append(b.order, s)
		}
		b.bodies = append(b.bodies, body{given.name, s})
	}
	return b
}

// typeSpecs returns the types that a file declares.
func typeSpecs(file *ast.File) []*ast.TypeSpec {
	var specs []*ast.TypeSpec
	for _, declaration := range file.Decls {
		if d, ok := declaration.(*ast.GenDecl); ok {
			for _, spec := range d.Specs {
				if t, ok := spec.(*ast.TypeSpec); ok {
					specs = append(specs, t)
				}
			}
		}
	}
	return specs
}

// jsonTag returns the name and the options in the json tag of a field, empty if it has none.
func jsonTag(field *ast.Field) (name, options string) {
	if field.Tag != nil {
		tag, _ := strconv.Unquote(field.Tag.Value)
		name, options, _ = strings.Cut(reflect.StructTag(tag).Get("json"), ",")
	}
	return name, options
}

// resolve returns the shape of a named type, through aliases.
func (b *shapes) resolve(name string) *shape {
	for _, s := range b.order {
		if s.goType == name {
			return s
		}
	}
	if t, ok := b.types[name]; ok && t.Assign.IsValid() {
		if target, ok := t.Type.(*ast.Ident); ok {
			return b.resolve(target.Name)
		}
	}
	return nil
}

// shapeOf returns the shape of a schema with a Go type.
func (b *shapes) shapeOf(ref *openapi3.SchemaRef, goType ast.Expr, stem, path string) *shape {
	schema := unwrap(ref)
	if s, ok := b.named[schema]; ok {
		return s
	}
	name := types.ExprString(goType)
	given := b.plan.goTypes[name]
	isNamed := given.schema == schema
	if isNamed {
		stem, path = name, given.prefix
	}
	for b.stems[stem] {
		stem += "2"
	}
	b.stems[stem] = true
	s := &shape{goType: name, schema: schema, nullable: schema.Nullable, stem: stem, path: path}
	if isNamed {
		b.named[schema] = s
	}
	beneath := b.underlying(goType)
	if ident, ok := beneath.(*ast.Ident); ok {
		s.basic = ident.Name
	}
	s.kind = kindOf(ref, schema, s.basic)
	switch s.kind {
	case object:
		b.findMembers(s, beneath.(*ast.StructType), given.prefix)
	case textEnum, numberEnum:
		s.values = b.plan.constants[schema]
	case list:
		b.findItems(s, schema.Items, beneath.(*ast.ArrayType).Elt, "Item", ".items")
	case mapping, free:
		s.more = b.plan.required[schema]
	}
	switch s.kind {
	case mapping:
		b.findItems(s, schema.AdditionalProperties.Schema, beneath.(*ast.MapType).Value, "Value", ".*")
	}
	return s
}

// findItems finds the shape of the items of a list or a map.
func (b *shapes) findItems(s *shape, ref *openapi3.SchemaRef, goType ast.Expr, suffix, path string) {
	if star, ok := goType.(*ast.StarExpr); ok {
		goType, s.pointer = star.X, true
	}
	s.item, s.holes = b.shapeOf(ref, goType, s.stem+suffix, s.path+path), isNullable(ref)
}

// isNullable reports whether a schema allows null, itself or inside an allOf of one.
func isNullable(ref *openapi3.SchemaRef) bool {
	s := ref.Value
	for !s.Nullable && len(s.AllOf) == 1 {
		s = s.AllOf[0].Value
	}
	return s.Nullable
}

// underlying returns the type expression in the declaration of a named type.
func (b *shapes) underlying(goType ast.Expr) ast.Expr {
	for {
		ident, ok := goType.(*ast.Ident)
		if !ok || b.types[ident.Name] == nil {
			return goType
		}
		goType = b.types[ident.Name].Type
	}
}

func kindOf(ref *openapi3.SchemaRef, s *openapi3.Schema, basic string) kind {
	if _, ok := textExtension(ref, "x-go-type"); ok {
		return foreign
	}
	switch {
	case len(s.Enum) > 0 && basic == "string":
		return textEnum
	case len(s.Enum) > 0:
		return numberEnum
	case s.Type.Is("string") && basic == "string":
		return text
	case s.Type.Is("string"):
		return converted
	case s.Type.Is("boolean"):
		return boolean
	case s.Type.Is("integer"):
		return integer
	case s.Type.Is("number"):
		return number
	case s.Type.Is("array") && s.Items != nil:
		return list
	case len(s.Properties) > 0:
		return object
	case s.AdditionalProperties.Schema != nil:
		return mapping
	case s.Type.Is("object"):
		return free
	}
	return anything
}

// findMembers finds the members of an object by the tags of its struct.
func (b *shapes) findMembers(s *shape, fields *ast.StructType, prefix string) {
	byName, omits := map[string]*ast.Field{}, map[string]bool{}
	for _, field := range fields.Fields.List {
		if name, options := jsonTag(field); name != "" {
			byName[name], omits[name] = field, strings.HasPrefix(options, "omit")
		}
	}
	for _, name := range b.plan.members[s.schema] {
		field := byName[name]
		m := member{name: name, field: field.Names[0].Name, nullable: isNullable(s.schema.Properties[name]), required: slices.Contains(b.plan.required[s.schema], name), omits: omits[name]}
		goType := field.Type
		if star, ok := goType.(*ast.StarExpr); ok {
			goType, m.pointer = star.X, true
		}
		m.shape = b.shapeOf(s.schema.Properties[name], goType, prefix+goName(name), prefix+"."+name)
		s.members = append(s.members, m)
	}
	if more := s.schema.AdditionalProperties.Schema; more != nil {
		for _, field := range fields.Fields.List {
			if goType, ok := field.Type.(*ast.MapType); ok && len(field.Names) == 1 && field.Names[0].Name == "AdditionalProperties" {
				b.findItems(s, more, goType.Value, "Value", ".*")
			}
		}
	}
	for _, name := range b.plan.required[s.schema] {
		if s.schema.Properties[name] == nil {
			s.more = append(s.more, name)
		}
	}
}

// decodersOfBodies replaces the names of the functions that decode bodies of requests by those of the bodies' types.
func (b *shapes) decodersOfBodies(server string) string {
	var pairs []string
	for _, body := range b.bodies {
		pairs = append(pairs, "Decode"+body.name+")", "Decode"+body.shape.goType+")")
	}
	return strings.NewReplacer(pairs...).Replace(server)
}
