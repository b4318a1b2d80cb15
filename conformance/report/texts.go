package report

import (
	"encoding/json"
	"reflect"
	"strings"
	"unicode/utf8"
)

// toUTF8 returns a report whose texts are all UTF-8, because JSON has no others. Invalid
// bytes are replaced as encoding/json does, but before anything is computed from the texts,
// so that a report that is read back says the same. Valid values are shared with the
// original.
func toUTF8(r *Report) *Report {
	copied := *r
	copied.Environment = reencode(r.Environment)
	fixed, _ := validTexts(reflect.ValueOf(copied))
	valid, _ := fixed.Interface().(Report) // it is a copy of one
	return &valid
}

// reencode is a value as it is read back from its JSON; the value itself if it cannot be
// encoded, which writing it will report.
func reencode(value any) any {
	var out any
	data, err := json.Marshal(value)
	if err != nil || json.Unmarshal(data, &out) != nil {
		return value
	}
	return out
}

// validTexts returns a value in which all texts are UTF-8, and whether it differs. It walks
// all members by reflection, so that members added later are not forgotten.
func validTexts(v reflect.Value) (reflect.Value, bool) {
	switch v.Kind() {
	case reflect.String:
		if utf8.ValidString(v.String()) {
			return v, false
		}
		out := reflect.New(v.Type()).Elem()
		out.SetString(replaceInvalid(v.String()))
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
			continue // the fields of a time.Time
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

// replaceInvalid replaces every invalid byte, as encoding/json does.
func replaceInvalid(s string) string {
	var b strings.Builder
	for _, r := range s { // an invalid byte is utf8.RuneError, one at a time
		b.WriteRune(r)
	}
	return b.String()
}
