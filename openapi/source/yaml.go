package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"sort"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// node is a value of YAML.
type node = *yaml.Node

// parse returns the value of a document, nil when there is none.
func parse(data []byte) (node, *Fault) {
	root, fault := documents(data)
	if fault == nil || fault.Line > 0 {
		return root, fault
	}
	// The library names the line at which a value began, or none. The mistake is in the
	// last line of the shortest beginning of the file that it refuses in the same words.
	lines := slices.Collect(bytes.Lines(data))
	fault.Line = 1 + sort.Search(len(lines)-1, func(i int) bool {
		_, other := documents(bytes.Join(lines[:i+1], nil))
		return other != nil && other.Message == fault.Message
	})
	return nil, fault
}

// documents reads the only document of a file. A fault of syntax has no place.
func documents(data []byte) (root node, fault *Fault) {
	var first, second yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	err := callGuarded(func() error { return decoder.Decode(&first) })
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	if err == nil {
		err = callGuarded(func() error { return decoder.Decode(&second) })
	}
	switch {
	case err == nil:
		return nil, &Fault{Line: second.Line, Column: second.Column, Message: "more than one document"}
	case !errors.Is(err, io.EOF):
		return nil, &Fault{Message: lineOf.ReplaceAllString(err.Error(), "")}
	}
	root = first.Content[0]
	if root.ShortTag() == "!!null" && root.Value == "" {
		return nil, nil
	}
	return root, nil
}

// lineOf matches what the library puts before a message.
var lineOf = regexp.MustCompile(`^(yaml: |json: )(unmarshal errors:\n  )?(line \d+: )?`)

// callGuarded calls the library and returns a panic as an error. Parsers of YAML have
// panicked on strange input before, this one among them, and a strange file must
// be refused like any other wrong one.
func callGuarded(call func() error) (err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("yaml: %v", reason)
		}
	}()
	return call()
}

// Limits of a document: how deep values nest, and how many come from aliases. A
// small file could otherwise fill the memory.
const (
	maxDepth   = 200
	maxAliased = 100_000
)

// reader writes YAML as JSON and remembers where each value stands.
type reader struct {
	places  map[string]place
	written map[string]string
	json    []byte
	depth   int
	aliases map[node]bool // around the current value
	aliased int           // number of values inside aliases
	fault   *Fault
}

func (r *reader) document(root node) {
	r.places[""] = place{line: 1, column: 1, valueLine: int32(root.Line), valueColumn: int32(root.Column)}
	r.value(root, "")
}

func (r *reader) value(n node, pointer string) {
	if len(r.aliases) > 0 {
		r.aliased++
	}
	switch {
	case r.fault != nil:
		return
	case r.depth == maxDepth:
		r.refuse(n, "", "values nest more than %d deep", maxDepth)
		return
	case r.aliased > maxAliased:
		r.refuse(n, pointer, "aliases make more than %d values", maxAliased)
		return
	}
	r.depth++
	defer func() { r.depth-- }()
	switch n.Kind {
	case yaml.MappingNode:
		r.json = append(r.json, '{')
		for i := 0; i+1 < len(n.Content); i += 2 {
			r.member(n.Content[i], n.Content[i+1], pointer, i == 0)
		}
		r.json = append(r.json, '}')
	case yaml.SequenceNode:
		r.json = append(r.json, '[')
		for i, v := range n.Content {
			if i > 0 {
				r.json = append(r.json, ',')
			}
			r.put(v, v, pointer+"/"+strconv.Itoa(i))
		}
		r.json = append(r.json, ']')
	case yaml.AliasNode:
		r.alias(n, pointer)
	default:
		r.scalar(n, pointer)
	}
}

// put writes a value; at is its name, or itself if it has none.
func (r *reader) put(at, n node, pointer string) {
	r.places[pointer] = place{
		line: int32(at.Line), column: int32(at.Column), valueLine: int32(n.Line), valueColumn: int32(n.Column), offset: int32(len(r.json)),
	}
	r.value(n, pointer)
}

func (r *reader) alias(n node, pointer string) {
	if r.aliases[n.Alias] {
		r.refuse(n, pointer, "the alias contains itself")
		return
	}
	r.aliases[n.Alias] = true
	r.value(n.Alias, pointer)
	delete(r.aliases, n.Alias)
}

func (r *reader) member(key, n node, pointer string, first bool) {
	if key.Kind != yaml.ScalarNode || key.Tag == "!!merge" {
		r.refuse(key, pointer, "want a text as the name of a member; merge keys are not supported")
		return
	}
	member := pointer + "/" + Escape(key.Value)
	if before, ok := r.places[member]; ok {
		r.refuse(key, member, "the member stands in line %d already", before.line)
		return
	}
	if !first {
		r.json = append(r.json, ',')
	}
	r.json = append(appendText(r.json, key.Value), ':')
	r.put(key, n, member)
}

// scalar writes a text, a number, a boolean or null. A number of JSON stays as it is
// written, and a date is a text.
func (r *reader) scalar(n node, pointer string) {
	tag := n.ShortTag()
	switch {
	case tag == "!!str" || tag == "!!timestamp":
		r.json = appendText(r.json, n.Value)
	case (tag == "!!int" || tag == "!!float") && json.Valid([]byte(n.Value)):
		r.json = append(r.json, n.Value...)
	default:
		var value any
		err := callGuarded(func() error { return n.Decode(&value) })
		var text []byte
		if err == nil {
			text, err = json.Marshal(value)
		}
		switch {
		case err != nil && tag == "!!float":
			r.refuse(n, pointer, "JSON has no number %s", n.Value)
		case err != nil:
			r.refuse(n, pointer, "%s", lineOf.ReplaceAllString(err.Error(), ""))
		}
		r.json = append(r.json, text...)
		if string(text) != n.Value {
			r.written[pointer] = n.Value
		}
	}
}

func (r *reader) refuse(n node, pointer, format string, args ...any) {
	if r.fault == nil { // later ones may follow from the first
		r.fault = &Fault{Line: n.Line, Column: n.Column, Pointer: pointer, Message: fmt.Sprintf(format, args...)}
	}
}

// appendText appends a text as JSON.
func appendText(to []byte, text string) []byte {
	quoted, _ := json.Marshal(text) // a text has no error
	return append(to, quoted...)
}
