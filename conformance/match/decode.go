package match

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Decode reads one JSON value: nil, bool, string, json.Number, []any or
// map[string]any. It refuses JSON that RFC 8259 forbids or that readers take
// differently: duplicate members, invalid UTF-8, a byte-order mark and anything after
// the value. The error names the byte.
func Decode(data []byte) (any, error) {
	if len(data) == 0 {
		return nil, errors.New("no JSON: the body is empty")
	}
	var v any
	err := jsonv2.Unmarshal(data, &v, jsonv2.WithUnmarshalers(
		jsonv2.UnmarshalFromFunc(func(dec *jsontext.Decoder, v *any) (err error) {
			*v, err = read(dec)
			return err
		})))
	var syntax *jsontext.SyntacticError
	switch {
	case errors.As(err, &syntax):
		return nil, fmt.Errorf("no JSON at byte %d%s: %w", syntax.ByteOffset, placeOf(syntax.JSONPointer), syntax.Err)
	case err != nil:
		return nil, fmt.Errorf("no JSON: %w", err)
	}
	return v, nil
}

// read reads the next value. Letting jsonv2 read everything but numbers takes nearly
// twice as long.
func read(dec *jsontext.Decoder) (any, error) {
	token, err := dec.ReadToken()
	if err != nil {
		return nil, err
	}
	switch token.Kind() {
	case jsontext.KindNumber:
		return json.Number(token.String()), nil
	case jsontext.KindString:
		return token.String(), nil
	case jsontext.KindTrue, jsontext.KindFalse:
		return token.Bool(), nil
	case jsontext.KindBeginObject:
		return readMembers(dec)
	case jsontext.KindBeginArray:
		return readItems(dec)
	}
	return nil, nil // null
}

func readMembers(dec *jsontext.Decoder) (any, error) {
	members := map[string]any{}
	for dec.PeekKind() != jsontext.KindEndObject {
		token, err := dec.ReadToken()
		if err != nil {
			return nil, err
		}
		name := token.String() // before the next token takes its place
		if members[name], err = read(dec); err != nil {
			return nil, err
		}
	}
	_, err := dec.ReadToken()
	return members, err
}

func readItems(dec *jsontext.Decoder) (any, error) {
	items := []any{}
	for dec.PeekKind() != jsontext.KindEndArray {
		item, err := read(dec)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	_, err := dec.ReadToken()
	return items, err
}

// placeOf names the place of a mistake.
func placeOf(pointer jsontext.Pointer) string {
	if pointer == "" {
		return ""
	}
	return " (in " + string(pointer) + ")"
}

// Encode writes a value as JSON in one line, without needless escapes.
func Encode(value any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(value)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
