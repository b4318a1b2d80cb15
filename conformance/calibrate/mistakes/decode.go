package mistakes

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

// object is a JSON object of the request, and where it stands.
type object struct {
	path  string // without the places of lists: policy_rules
	place string // with them: policy_rules[2]
	index int    // place in its list
	of    int    // length of its list; 0 for an object that stands in none

	members map[string]any // numbers are json.Number
}

// maxDepth is how deep a request may be nested; the page asks for four levels.
const maxDepth = 100

// decode reads exactly one JSON value. A member that comes twice is refused.
func decode(body []byte) (any, error) {
	if !utf8.Valid(body) {
		return nil, errors.New("it is not UTF-8")
	}
	if !json.Valid(body) {
		return nil, errors.New("it is not JSON")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	return decodeValue(d, 0)
}

// decodeValue reads the next value of valid JSON.
func decodeValue(d *json.Decoder, depth int) (any, error) {
	if depth > maxDepth {
		return nil, errors.New("it is nested too deeply")
	}
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('['):
		list := []any{}
		for d.More() {
			v, err := decodeValue(d, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := d.Token()
		return list, err
	case json.Delim('{'):
		members := map[string]any{}
		for d.More() {
			name, err := d.Token()
			if err != nil {
				return nil, err
			}
			key, _ := name.(string)
			if _, twice := members[key]; twice {
				return nil, errors.New("it has " + strconv.Quote(key) + " twice")
			}
			if members[key], err = decodeValue(d, depth+1); err != nil {
				return nil, err
			}
		}
		_, err := d.Token()
		return members, err
	}
	return token, nil
}

// get returns a member of the object that is there. A null is there, and of no
// type that a rule asks for.
func (o object) get(name string) (any, bool) {
	v, ok := o.members[name]
	return v, ok
}

// text returns a member that is a string.
func (o object) text(name string) (string, bool) {
	s, ok := o.members[name].(string)
	return s, ok
}

// list returns a member that is an array.
func (o object) list(name string) ([]any, bool) {
	l, ok := o.members[name].([]any)
	return l, ok
}

// object returns a member that is an object, an empty one if it is not there.
func (o object) object(name string) object {
	m, _ := o.members[name].(map[string]any)
	return object{path: join(o.path, name), place: join(o.place, name), members: m}
}

// join appends a member to a path.
func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// find returns the value at a path such as ikepolicy.dpd.timeout.
func (o object) find(path string) (any, bool) {
	for {
		name, rest, more := strings.Cut(path, ".")
		if !more {
			return o.get(name)
		}
		o, path = o.object(name), rest
	}
}

// has reports whether there is a value at a path.
func (o object) has(path string) bool {
	_, ok := o.find(path)
	return ok
}

// word returns the string at a path, or the default if there is none.
func (o object) word(path, def string) string {
	v, _ := o.find(path)
	if s, ok := v.(string); ok {
		return s
	}
	return def
}

// style returns the style that is asked for, or the default.
func (o object) style() string {
	return o.word("style", "static")
}
