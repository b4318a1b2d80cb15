package openapi

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	goccy "github.com/goccy/go-yaml"
	goccyparser "github.com/goccy/go-yaml/parser"
	"go.yaml.in/yaml/v3" // four times as fast as goccy/go-yaml, and linked by cel-go anyway
)

// position is a place in a YAML file, 1-based.
type position struct{ line, column int }

// positions tells where each value of a document stands, by JSON Pointer. A
// member stands where its key does.
type positions map[string]position

// of returns the place of pointer or of the nearest value around it.
func (p positions) of(pointer string) position {
	for {
		if at, ok := p[pointer]; ok || pointer == "" {
			return at
		}
		pointer = pointer[:strings.LastIndexByte(pointer, '/')]
	}
}

// read finds the places of all values of a document in YAML, and writes it as JSON: kin-openapi reads that four times as
// fast. The fault is one of YAML's syntax.
func read(data []byte) (*reader, *Fault) {
	var document yaml.Node
	if err := yaml.Unmarshal(data, &document); err != nil {
		return nil, syntaxFault(data, err)
	}
	if len(document.Content) != 1 {
		return nil, &Fault{Message: "want one YAML document"}
	}
	r := &reader{at: positions{"": {1, 1}}, aliases: map[*yaml.Node]bool{}, rules: map[string]string{}}
	r.value(document.Content[0], "")
	return r, r.fault
}

// syntaxFault says where YAML is broken, as exactly as the slower parser can.
func syntaxFault(data []byte, err error) *Fault {
	var at goccy.Error
	if _, exact := goccyparser.ParseBytes(data, 0); errors.As(exact, &at) {
		place := at.GetToken().Position
		return &Fault{Line: place.Line, Column: place.Column, Message: at.GetMessage()}
	}
	return &Fault{Message: strings.TrimPrefix(err.Error(), "yaml: ")} // names the line
}

// reader writes YAML as JSON and remembers where each value stands.
type reader struct {
	at      positions
	json    []byte
	depth   int
	aliases map[*yaml.Node]bool // that the value stands in
	aliased int                 // values that stand in any
	rules   map[string]string   // expressions, by pointer
	fault   *Fault
}

// Limits of a document: how deep values stand in each other, and how many come of aliases.
const (
	maxDepth   = 200
	maxAliased = 100_000
)

func (r *reader) value(node *yaml.Node, pointer string) {
	if len(r.aliases) > 0 {
		r.aliased++
	}
	switch {
	case r.fault != nil:
		return
	case r.depth == maxDepth:
		r.refuse(node, "", fmt.Sprintf("values stand more than %d deep in each other", maxDepth))
		return
	case r.aliased > maxAliased:
		r.refuse(node, pointer, fmt.Sprintf("aliases make more than %d values", maxAliased))
		return
	}
	r.depth++
	defer func() { r.depth-- }()
	switch node.Kind {
	case yaml.MappingNode:
		r.json = append(r.json, '{')
		for i := 0; i+1 < len(node.Content); i += 2 {
			r.member(node.Content[i], node.Content[i+1], pointer, i == 0)
		}
		r.json = append(r.json, '}')
	case yaml.SequenceNode:
		r.json = append(r.json, '[')
		for i, v := range node.Content {
			if i > 0 {
				r.json = append(r.json, ',')
			}
			item := pointer + "/" + strconv.Itoa(i)
			r.at[item] = position{v.Line, v.Column}
			r.value(v, item)
		}
		r.json = append(r.json, ']')
	case yaml.AliasNode:
		r.alias(node, pointer)
	default:
		r.scalar(node, pointer)
	}
}

func (r *reader) alias(node *yaml.Node, pointer string) {
	if r.aliases[node.Alias] {
		r.refuse(node, pointer, "the alias stands in what it is an alias of")
		return
	}
	r.aliases[node.Alias] = true
	r.value(node.Alias, pointer)
	delete(r.aliases, node.Alias)
}

func (r *reader) member(key, value *yaml.Node, pointer string, first bool) {
	if key.Kind != yaml.ScalarNode || key.Tag == "!!merge" {
		r.refuse(key, pointer, "a member's name is a text, and merge keys are not read")
		return
	}
	member := pointer + "/" + escape(key.Value)
	if before, ok := r.at[member]; ok {
		r.refuse(key, member, fmt.Sprintf("the member stands in line %d already", before.line))
		return
	}
	r.at[member] = position{key.Line, key.Column}
	if !first {
		r.json = append(r.json, ',')
	}
	r.json = appendText(r.json, key.Value)
	r.json = append(r.json, ':')
	if key.Value == "rule" && strings.Contains(pointer, "/x-") {
		r.rules[member] = value.Value
	}
	r.value(value, member)
}

// scalar writes a value that has none inside. A number of JSON stays as it is written, and a date is a text.
func (r *reader) scalar(node *yaml.Node, pointer string) {
	tag := node.ShortTag()
	switch {
	case tag == "!!str" || tag == "!!timestamp":
		r.json = appendText(r.json, node.Value)
	case (tag == "!!int" || tag == "!!float") && json.Valid([]byte(node.Value)):
		r.json = append(r.json, node.Value...)
	default:
		var value any
		err := node.Decode(&value)
		var text []byte
		if err == nil {
			text, err = json.Marshal(value)
		}
		if err != nil {
			r.refuse(node, pointer, strings.TrimPrefix(err.Error(), "json: "))
		}
		r.json = append(r.json, text...)
	}
}

func (r *reader) refuse(node *yaml.Node, pointer, message string) {
	if r.fault == nil { // what follows may come of it
		r.fault = &Fault{Line: node.Line, Column: node.Column, Pointer: pointer, Message: message}
	}
}

// appendText writes a text of JSON.
func appendText(to []byte, text string) []byte {
	quoted, _ := json.Marshal(text) // a text has no error
	return append(to, quoted...)
}

var (
	escaper   = strings.NewReplacer("~", "~0", "/", "~1")
	unescaper = strings.NewReplacer("~1", "/", "~0", "~")
)

// escape writes a member's name as a token of a JSON Pointer.
func escape(name string) string { return escaper.Replace(name) }

// Ordered returns the names of an object's members as the document orders them. The pointer is that of the object.
func Ordered[V any](d *Document, members map[string]V, pointer string) []string {
	names := slices.Collect(maps.Keys(members))
	slices.SortFunc(names, func(a, b string) int {
		at, bt := d.positions.of(pointer+"/"+escape(a)), d.positions.of(pointer+"/"+escape(b))
		return cmp.Or(at.line-bt.line, at.column-bt.column, strings.Compare(a, b))
	})
	return names
}

// Fault returns a fault of the value at a JSON Pointer. Its place is that of the nearest value around it, if it is not there.
func (d *Document) Fault(pointer, format string, args ...any) Fault {
	at := d.positions.of(pointer)
	return Fault{d.name, at.line, at.column, pointer, fmt.Sprintf(format, args...)}
}
