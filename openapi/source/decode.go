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
// null sets the zero value. An empty file leaves it as it is. The error is
// [Faults]: every value of the wrong kind, and the first unknown member.
func (f *File) Decode(into any) error {
	if f.Empty() {
		return nil
	}
	var faults Faults
	kinds := json.UnmarshalFromFunc(func(dec *jsontext.Decoder, into any) error {
		want, got := wantedKind(into), kindOf(dec.PeekKind())
		if want == "" || got == want || got == "null" || got == "" {
			return errors.ErrUnsupported // the usual way
		}
		value, err := dec.ReadValue()
		if err != nil {
			return err
		}
		pointer := string(dec.StackPointer())
		faults = append(faults, f.faultOfValue(pointer, f.mismatch(pointer, want, got, value)))
		return nil
	})
	err := json.Unmarshal(f.json, into, json.RejectUnknownMembers(true), json.WithUnmarshalers(kinds))
	var wrong *json.SemanticError
	switch {
	case errors.Is(err, json.ErrUnknownName) && errors.As(err, &wrong):
		faults = append(faults, f.Fault(string(wrong.JSONPointer), "there is no such member"))
	case errors.As(err, &wrong):
		faults = append(faults, f.faultOfValue(string(wrong.JSONPointer), fmt.Sprintf("wrong value: %v", cmp.Or(wrong.Err, err))))
	case err != nil:
		faults = append(faults, f.Fault("", "%v", err))
	}
	if len(faults) > 0 {
		return faults.Sorted()
	}
	return nil
}

// mismatch says what is wrong with a value of the wrong kind. Where a text is wanted
// it asks for quotes, because the file does not show that YAML took a text for
// something else: 0123 is eighty-three.
func (f *File) mismatch(pointer, want, got string, value jsontext.Value) string {
	if want == "a text" && (got == "a number" || got == "a boolean") {
		return fmt.Sprintf("want a text, put %s in quotes", cmp.Or(f.written[pointer], string(value)))
	}
	return fmt.Sprintf("want %s, got %s", want, got)
}

// faultOfValue returns a fault at the place of a value instead of its name.
func (f *File) faultOfValue(pointer, message string) Fault {
	at := f.nearestPlace(pointer)
	return Fault{File: f.name, Line: int(at.valueLine), Column: int(at.valueColumn), Pointer: pointer, Message: message}
}

// wantedKind returns the kind of JSON that fills a Go value; empty if several do.
func wantedKind(into any) string {
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
