package source

import (
	"bytes"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// File is one document in YAML or JSON. It is not changed after Read and is
// safe for concurrent use.
type File struct {
	name    string
	json    []byte
	places  map[string]place  // by pointer
	written map[string]string // scalars that JSON writes in another way, by pointer
}

// place is where a value stands in the file, and its offset in the JSON. 32 bits are
// enough, and there are thousands of places.
type place struct {
	line, column           int32 // of the member's name, if it has one
	valueLine, valueColumn int32
	offset                 int32
}

// Read reads a document in YAML or JSON. The name stands in messages only. The
// error is [Faults].
func Read(name string, data []byte) (*File, error) {
	if !utf8.Valid(data) {
		line := 1
		for text := range bytes.Lines(data) {
			if !utf8.Valid(text) {
				break
			}
			line++
		}
		return nil, Faults{{File: name, Line: line, Message: "want UTF-8"}}
	}
	root, fault := parse(data)
	if fault == nil && root == nil {
		return &File{name: name}, nil
	}
	r := &reader{places: map[string]place{}, written: map[string]string{}, aliases: map[node]bool{}}
	if fault == nil {
		r.document(root)
		fault = r.fault
	}
	if fault != nil {
		fault.File = name
		return nil, Faults{*fault}
	}
	return &File{name: name, json: r.json, places: r.places, written: r.written}, nil
}

// Name returns the file's name.
func (f *File) Name() string { return f.name }

// Empty reports whether the file has no value, at most comments.
func (f *File) Empty() bool { return f.json == nil }

// JSON returns a copy of the document in JSON, nil for an empty file.
func (f *File) JSON() []byte { return bytes.Clone(f.json) }

// Place returns the line and column, 1-based, of the value at a JSON Pointer
// or of the nearest value around it. A member stands where its name does.
func (f *File) Place(pointer string) (line, column int) {
	at := f.nearestPlace(pointer)
	return int(at.line), int(at.column)
}

// Fault returns a fault of the value at a JSON Pointer. If there is no such value,
// the place is that of the nearest value around it.
func (f *File) Fault(pointer, format string, args ...any) Fault {
	line, column := f.Place(pointer)
	return Fault{File: f.name, Line: line, Column: column, Pointer: pointer, Message: fmt.Sprintf(format, args...)}
}

func (f *File) nearestPlace(pointer string) place {
	for {
		at, ok := f.places[pointer]
		if ok || pointer == "" {
			return at
		}
		pointer = pointer[:max(0, strings.LastIndexByte(pointer, '/'))]
	}
}

// Texts yields the members of that name that are texts, with their JSON
// Pointers, in no order.
func (f *File) Texts(name string) iter.Seq2[string, string] {
	end := "/" + Escape(name)
	return func(yield func(pointer, text string) bool) {
		for pointer, at := range f.places {
			if !strings.HasSuffix(pointer, end) || f.json[at.offset] != '"' {
				continue
			}
			token, err := jsontext.NewDecoder(bytes.NewBuffer(f.json[at.offset:])).ReadToken()
			if err == nil && !yield(pointer, token.String()) {
				return
			}
		}
	}
}

// Escape writes a member's name as a token of a JSON Pointer.
func Escape(name string) string {
	if !strings.ContainsAny(name, "~/") {
		return name
	}
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}

// Unescape reads a token of a JSON Pointer. It is not a [strings.Replacer], which
// copies every token.
func Unescape(token string) string {
	return strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
}

// Lookup follows a JSON Pointer into decoded JSON. It reports whether the
// pointer leads to a value, which may be null.
func Lookup(value any, pointer string) (any, bool) {
	_, rest, inside := strings.Cut(pointer, "/")
	for inside {
		var token string
		token, rest, inside = strings.Cut(rest, "/")
		switch v := value.(type) {
		case map[string]any:
			member, ok := v[Unescape(token)]
			if !ok {
				return nil, false
			}
			value = member
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(v) {
				return nil, false
			}
			value = v[i]
		default:
			return nil, false
		}
	}
	return value, true
}
