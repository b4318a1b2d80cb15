package openapi

import (
	"cmp"
	"errors"
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

// locate finds the places of all values. The fault is one of YAML's syntax.
func locate(data []byte) (positions, *Fault) {
	var document yaml.Node
	if err := yaml.Unmarshal(data, &document); err != nil {
		return nil, syntaxFault(data, err)
	}
	if len(document.Content) != 1 {
		return nil, &Fault{Message: "want one YAML document"}
	}
	p := positions{"": {1, 1}}
	p.walk(document.Content[0], "")
	return p, nil
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

func (p positions) walk(node *yaml.Node, pointer string) {
	switch node.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			key := node.Content[i]
			member := pointer + "/" + escape(key.Value)
			p[member] = position{key.Line, key.Column}
			p.walk(node.Content[i+1], member)
		}
	case yaml.SequenceNode:
		for i, v := range node.Content {
			item := pointer + "/" + strconv.Itoa(i)
			p[item] = position{v.Line, v.Column}
			p.walk(v, item)
		}
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
