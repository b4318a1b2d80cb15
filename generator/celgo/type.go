package celgo

import (
	"cmp"
	"unicode"
)

// Kind is what a value is to a rule.
type Kind int

// The kinds. A rule can ask only whether a member of kind Opaque is present.
const (
	Opaque Kind = iota
	Bool
	Int
	Double
	String
	Object
	List
)

// String returns the kind as it stands in messages.
func (k Kind) String() string {
	return [...]string{"an opaque value", "a bool", "an int", "a double", "a string", "an object", "a list"}[k]
}

// Type describes how a value of the rule's world looks in Go.
type Type struct {
	Kind Kind

	// GoName is the Go type's name, such as CreateVpnConnectionStyle or int32. Empty means bool, int64, float64 or
	// string. An object needs one only where the rule chooses between lists of it.
	GoName string

	Fields map[string]Field // of an object, by JSON name
	Elem   *Type            // of a list
}

// Field is a member of an object.
type Field struct {
	GoName string
	Type   *Type

	// Optional says that the member may be absent. Then it is a Pointer, or its type is a list or opaque.
	Optional bool

	// Pointer says that the Go field is a pointer, nil when the member is absent. A list or an opaque value without
	// Pointer is nil itself. A Pointer that is not Optional is never nil where the rule is asked.
	Pointer bool
}

// Variable is a name that the rule reads, and the Go operand that stands for it: for an object a struct or a pointer
// to one, never nil.
type Variable struct {
	Name, Go string
	Type     *Type
}

// The types without a name, and the int of len.
var (
	boolType   = &Type{Kind: Bool}
	intType    = &Type{Kind: Int}
	doubleType = &Type{Kind: Double}
	stringType = &Type{Kind: String}
	lenType    = &Type{Kind: Int, GoName: "int"}
)

// goName returns the type as Go writes it.
func (t *Type) goName() string {
	if t == nil {
		return ""
	}
	if t.Kind == List {
		return "[]" + t.Elem.goName()
	}
	return cmp.Or(t.GoName, t.basicType().GoName, [...]string{Bool: "bool", Int: "int64", Double: "float64", String: "string", List: ""}[t.Kind])
}

// basicType returns the type without its name.
func (t *Type) basicType() *Type {
	switch t.Kind {
	case Bool:
		return boolType
	case Int:
		return intType
	case Double:
		return doubleType
	case String:
		return stringType
	}
	return t
}

// equals reports whether two types are one Go type.
func (t *Type) equals(u *Type) bool {
	if t == nil || u == nil {
		return t == u
	}
	if t.Kind == List && u.Kind == List {
		return t.Elem.equals(u.Elem)
	}
	return t == u || t.Kind == u.Kind && t.Kind != Object && t.goName() == u.goName()
}

// lowerFirst makes a local name of an exported one: VgwIP becomes vgwIP, IPAddress ipAddress.
func lowerFirst(name string) string {
	runes := []rune(name)
	for i, r := range runes {
		if !unicode.IsUpper(r) || i > 0 && i+1 < len(runes) && !unicode.IsUpper(runes[i+1]) {
			break
		}
		runes[i] = unicode.ToLower(r)
	}
	return string(runes)
}
