package openapi

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	yamlparser "github.com/goccy/go-yaml/parser"
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

// locate finds the places of all values. The fault is one of YAML's syntax.
func locate(data []byte) (positions, *Fault) {
	file, err := yamlparser.ParseBytes(data, 0)
	if err != nil {
		fault := &Fault{Message: err.Error()}
		var at yaml.Error
		if errors.As(err, &at) {
			fault.Message = at.GetMessage()
			fault.Line, fault.Column = at.GetToken().Position.Line, at.GetToken().Position.Column
		}
		return nil, fault
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		return nil, &Fault{Message: "want one YAML document"}
	}
	p := positions{"": {1, 1}}
	p.walk(file.Docs[0].Body, "")
	return p, nil
}

func (p positions) walk(node ast.Node, pointer string) {
	switch n := node.(type) {
	case *ast.MappingNode:
		for _, v := range n.Values {
			p.walk(v, pointer)
		}
	case *ast.MappingValueNode:
		token := n.Key.GetToken()
		member := pointer + "/" + escape(token.Value)
		p[member] = position{token.Position.Line, token.Position.Column}
		p.walk(n.Value, member)
	case *ast.SequenceNode:
		for i, v := range n.Values {
			item := pointer + "/" + strconv.Itoa(i)
			token := v.GetToken()
			p[item] = position{token.Position.Line, token.Position.Column}
			p.walk(v, item)
		}
	case *ast.AnchorNode:
		p.walk(n.Value, pointer)
	}
}

var (
	escaper   = strings.NewReplacer("~", "~0", "/", "~1")
	unescaper = strings.NewReplacer("~1", "/", "~0", "~")
)

// escape writes a member's name as a token of a JSON Pointer.
func escape(name string) string { return escaper.Replace(name) }

// order returns the names of the members below a pointer as they stand.
func order[V any](p positions, members map[string]V, pointer string) []string {
	names := slices.Collect(maps.Keys(members))
	slices.SortFunc(names, func(a, b string) int {
		at, bt := p.of(pointer+"/"+escape(a)), p.of(pointer+"/"+escape(b))
		return cmp.Or(at.line-bt.line, at.column-bt.column, strings.Compare(a, b))
	})
	return names
}
