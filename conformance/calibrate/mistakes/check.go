package mistakes

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// checker collects what is wrong with a request.
type checker struct {
	call  *Call
	hooks Hooks
	env   Site
	found []Violation
}

// report notes a violation, unless a mistake overlooks it.
func (k *checker) report(v Violation) {
	if k.hooks.Ignore != nil && k.hooks.Ignore(k.call, v) {
		return
	}
	k.found = append(k.found, v)
}

// fail reports that a member of an object breaks a rule.
func (k *checker) fail(o object, member, aspect, text string) {
	value, _ := o.get(member)
	k.report(Violation{
		Rule: join(o.path, member) + "." + aspect, Member: join(o.place, member),
		Text: text, Value: value, Index: o.index, Of: o.of,
	})
}

// failItem reports that one item of a list breaks a rule.
func (k *checker) failItem(o object, member string, i int, aspect, text string) {
	list, _ := o.list(member)
	k.report(Violation{
		Rule: join(o.path, member) + "." + aspect, Member: fmt.Sprintf("%s[%d]", join(o.place, member), i),
		Text: text, Value: list[i], Index: i, Of: len(list), Outer: o.index, OuterOf: o.of,
	})
}

// string checks that a member, if it is there, is a string, and returns it.
func (k *checker) string(o object, member string) (string, bool) {
	v, ok := o.get(member)
	if !ok {
		return "", false
	}
	s, ok := v.(string)
	if !ok {
		k.fail(o, member, "type", "must be a string")
	}
	return s, ok
}

// length checks the number of characters of a member.
func (k *checker) length(o object, member string, low, high int) {
	if s, ok := o.text(member); ok {
		if n := utf8.RuneCountInString(s); n < low || n > high {
			k.fail(o, member, "length", fmt.Sprintf("must have %d to %d characters", low, high))
		}
	}
}

// form checks that a member matches an expression.
func (k *checker) form(o object, member, aspect string, form *regexp.Regexp, text string) {
	if s, ok := o.text(member); ok && !form.MatchString(s) {
		k.fail(o, member, aspect, text)
	}
}

// choice checks that a member is one of the listed strings.
func (k *checker) choice(o object, member string, values ...string) {
	if s, ok := k.string(o, member); ok && !slices.Contains(values, s) {
		k.fail(o, member, "enum", "must be one of "+strings.Join(values, ", "))
	}
}

// number checks that a member is a whole number within a range.
func (k *checker) number(o object, member string, low, high int64) {
	v, ok := o.get(member)
	if !ok {
		return
	}
	n, ok := v.(json.Number)
	whole, err := n.Int64()
	switch {
	case !ok || err != nil && !errors.Is(err, strconv.ErrRange):
		k.fail(o, member, "type", "must be an integer")
	case whole < low:
		k.fail(o, member, "min", fmt.Sprintf("must be at least %d", low))
	case whole > high:
		k.fail(o, member, "max", fmt.Sprintf("must be at most %d", high))
	}
}

// array checks that a member, if it is there, is an array of at most so many
// items.
func (k *checker) array(o object, member string, most int) []any {
	v, ok := o.get(member)
	if !ok {
		return nil
	}
	list, ok := v.([]any)
	if !ok {
		k.fail(o, member, "type", "must be an array")
		return nil
	}
	if len(list) > most {
		k.fail(o, member, "count", fmt.Sprintf("must have at most %d items", most))
	}
	return list
}

// strings checks an array of strings, each by a check of its own, and returns
// how many there are.
func (k *checker) strings(o object, member string, most int, check func(i int, text string)) int {
	list := k.array(o, member, most)
	for i, item := range list {
		if s, ok := item.(string); ok {
			check(i, s)
		} else {
			k.failItem(o, member, i, "type", "must be a string")
		}
	}
	return len(list)
}

// objects checks an array of objects and returns it.
func (k *checker) objects(o object, member string, most int) []object {
	list := k.array(o, member, most)
	var objects []object
	for i, item := range list {
		m, ok := item.(map[string]any)
		if !ok {
			k.failItem(o, member, i, "type", "must be an object")
			continue
		}
		objects = append(objects, object{
			path: join(o.path, member), place: fmt.Sprintf("%s[%d]", join(o.place, member), i),
			index: i, of: len(list), members: m,
		})
	}
	return objects
}

// nested checks that a member, if it is there, is an object, and returns it.
func (k *checker) nested(o object, member string) object {
	if v, ok := o.get(member); ok {
		if _, ok := v.(map[string]any); !ok {
			k.fail(o, member, "type", "must be an object")
		}
	}
	return o.object(member)
}
