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
// map[string]any. It refuses what RFC 8259 forbids or leaves to chance, a
// member given twice, invalid UTF-8, a byte-order mark and anything after the
// value, and says at which byte.
func Decode(data []byte) (any, error) {
	if len(data) == 0 {
		return nil, errors.New("no JSON: the body is empty")
	}
	var v any
	err := jsonv2.Unmarshal(data, &v, jsonv2.WithUnmarshalers(
		jsonv2.UnmarshalFromFunc(func(dec *jsontext.Decoder, v *any) error {
			if dec.PeekKind() != jsontext.KindNumber {
				return errors.ErrUnsupported // decode it as usual
			}
			number, err := dec.ReadValue()
			*v = json.Number(number)
			return err
		})))
	var syntax *jsontext.SyntacticError
	switch {
	case errors.As(err, &syntax):
		return nil, fmt.Errorf("no JSON at byte %d%s: %w", syntax.ByteOffset, within(syntax.JSONPointer), syntax.Err)
	case err != nil:
		return nil, fmt.Errorf("no JSON: %w", err)
	}
	return v, nil
}

func within(pointer jsontext.Pointer) string {
	if pointer == "" {
		return ""
	}
	return " (in " + string(pointer) + ")"
}

// Encode writes a value as JSON in one line, without escapes that it does not need.
func Encode(value any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(value)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
