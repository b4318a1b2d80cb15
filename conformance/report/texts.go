package report

import (
	"encoding/json"
	"reflect"
	"strings"
	"unicode/utf8"
)

// inUTF8 is a report whose texts are all UTF-8: JSON has no others. Of one that
// is not, every byte that is no part of a character is replaced, as JSON itself
// would do it, but before anything is drawn from the texts: what is read back then
// says the same. What is valid is shared with the report.
func inUTF8(r *Report) *Report {
	copied := *r
	copied.Environment = asJSON(r.Environment)
	fixed, _ := validTexts(reflect.ValueOf(copied))
	valid, _ := fixed.Interface().(Report) // it is a copy of one
	return &valid
}

// asJSON is a value as it is read from its JSON; itself if it has none, which who
// writes it says.
func asJSON(value any) any {
	var out any
	data, err := json.Marshal(value)
	if err != nil || json.Unmarshal(data, &out) != nil {
		return value
	}
	return out
}

// validTexts returns a value in which all texts are UTF-8, and whether it is
// another one. It goes over every member that there is, so that none is forgotten
// that comes later.
func validTexts(v reflect.Value) (reflect.Value, bool) {
	switch v.Kind() {
	case reflect.String:
		if utf8.ValidString(v.String()) {
			return v, false
		}
		out := reflect.New(v.Type()).Elem()
		out.SetString(eachInvalid(v.String()))
		return out, true
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return v, false
		}
		inner, changed := validTexts(v.Elem())
		if !changed {
			return v, false
		}
		out := reflect.New(v.Type()).Elem()
		if v.Kind() == reflect.Interface {
			out.Set(inner)
			return out, true
		}
		out.Set(reflect.New(v.Type().Elem()))
		out.Elem().Set(inner)
		return out, true
	case reflect.Slice:
		return validItems(v)
	case reflect.Map:
		return validMembers(v)
	case reflect.Struct:
		return validFields(v)
	}
	return v, false
}

func validItems(v reflect.Value) (reflect.Value, bool) {
	out, changed := v, false
	for i := range v.Len() {
		item, other := validTexts(v.Index(i))
		if !other {
			continue
		}
		if !changed {
			out, changed = reflect.MakeSlice(v.Type(), v.Len(), v.Len()), true
			reflect.Copy(out, v)
		}
		out.Index(i).Set(item)
	}
	return out, changed
}

func validMembers(v reflect.Value) (reflect.Value, bool) {
	changed := false
	out := reflect.MakeMap(v.Type())
	for members := v.MapRange(); members.Next(); {
		key, otherKey := validTexts(members.Key())
		value, otherValue := validTexts(members.Value())
		changed = changed || otherKey || otherValue
		out.SetMapIndex(key, value)
	}
	if !changed {
		return v, false
	}
	return out, true
}

func validFields(v reflect.Value) (reflect.Value, bool) {
	out, changed := v, false
	for i := range v.NumField() {
		if !v.Type().Field(i).IsExported() {
			continue // those of a time
		}
		field, other := validTexts(v.Field(i))
		if !other {
			continue
		}
		if !changed {
			out, changed = reflect.New(v.Type()).Elem(), true
			out.Set(v)
		}
		out.Field(i).Set(field)
	}
	return out, changed
}

// eachInvalid replaces every byte that is no part of a character, as
// encoding/json does.
func eachInvalid(s string) string {
	var b strings.Builder
	for _, r := range s { // an invalid byte is utf8.RuneError, one at a time
		b.WriteRune(r)
	}
	return b.String()
}
