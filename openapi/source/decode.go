package source

import (
	"cmp"
	"encoding"
	"errors"
	"fmt"
	"reflect"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Decode fills the value that into points at; json tags name the members, and
// null leaves a value as it is made. An empty file decodes into nothing. The
// error is [Faults]: every value of a kind that its type does not want, and
// the first member that its type does not know.
func (f *File) Decode(into any) error {
	if f.Empty() {
		return nil
	}
	var faults Faults
	kinds := json.UnmarshalFromFunc(func(dec *jsontext.Decoder, into any) error {
		want, got := wants(into), kindOf(dec.PeekKind())
		if want == "" || got == want || got == "null" || got == "" {
			return errors.ErrUnsupported // the usual way
		}
		value, err := dec.ReadValue()
		if err != nil {
			return err
		}
		pointer := string(dec.StackPointer())
		faults = append(faults, f.ofValue(pointer, f.mismatch(pointer, want, got, value)))
		return nil
	})
	err := json.Unmarshal(f.json, into, json.RejectUnknownMembers(true), json.WithUnmarshalers(kinds))
	var wrong *json.SemanticError
	switch {
	case errors.Is(err, json.ErrUnknownName) && errors.As(err, &wrong):
		faults = append(faults, f.Fault(string(wrong.JSONPointer), "there is no such member"))
	case errors.As(err, &wrong):
		faults = append(faults, f.ofValue(string(wrong.JSONPointer), fmt.Sprintf("no value of its type: %v", cmp.Or(wrong.Err, err))))
	case err != nil:
		faults = append(faults, f.Fault("", "%v", err))
	}
	if len(faults) > 0 {
		return faults.Sorted()
	}
	return nil
}

// mismatch says what is wrong with a value of another kind than wanted. That
// YAML took a text for something else does not show in the file: 0123 is
// eighty-three.
func (f *File) mismatch(pointer, want, got string, value jsontext.Value) string {
	if want == "a text" && (got == "a number" || got == "a boolean") {
		return fmt.Sprintf("want a text, put %s in quotes", cmp.Or(f.written[pointer], string(value)))
	}
	return fmt.Sprintf("want %s, got %s", want, got)
}

// ofValue returns a fault that stands where the value does, not its name.
func (f *File) ofValue(pointer, message string) Fault {
	at := f.nearest(pointer)
	return Fault{f.name, int(at.valueLine), int(at.valueColumn), pointer, message}
}

// wants says of what kind a value is that fills a Go value, if only one kind does.
func wants(into any) string {
	switch into.(type) {
	case json.Unmarshaler, json.UnmarshalerFrom, encoding.TextUnmarshaler:
		return ""
	}
	switch t := reflect.TypeOf(into).Elem(); t.Kind() {
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "a boolean"
	case reflect.Struct, reflect.Map:
		return "a mapping"
	case reflect.Slice, reflect.Array:
		if t.Elem().Kind() == reflect.Uint8 {
			return "" // bytes, which are written as a text
		}
		return "a list"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64,
		reflect.Float32, reflect.Float64:
		return "a number"
	}
	return ""
}

// kindOf names a kind of JSON as messages do.
func kindOf(kind jsontext.Kind) string {
	switch kind {
	case 'n':
		return "null"
	case 't', 'f':
		return "a boolean"
	case '"':
		return "a text"
	case '0':
		return "a number"
	case '{':
		return "a mapping"
	case '[':
		return "a list"
	}
	return ""
}
