package suite

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/openapi"
)

// step is an operation of a JSON Patch.
type step struct {
	Op    string          `json:"op"`
	From  string          `json:"from,omitempty"`
	Path  string          `json:"path"`
	Value json.RawMessage `json:"value,omitempty"`
}

// stepOf returns a step with a value.
func stepOf(op, path string, value any) (step, error) {
	data, err := json.Marshal(value)
	return step{Op: op, Path: path, Value: data}, err
}

// setting is the context of a member: an example, the steps that change it, and the
// objects that the target is expected to have.
type setting struct {
	Example string         `json:"example"`
	Patch   []step         `json:"patch"`
	With    map[string]any `json:"with"`
}

// contexts are the examples, each unchanged and then with the context that the document
// gives the member. An unchanged example comes first, so that a case is about its
// member and nothing else.
func (d *deriver) contexts(at string) []setting {
	names := d.part.doc.Examples(d.part.op)
	context := d.part.memberContext(at)
	var all []setting
	for _, name := range names {
		all = append(all, setting{Example: name})
		if context != nil {
			all = append(all, setting{name, context.Patch, context.With})
		}
	}
	return all
}

// memberContext is the context that the document gives a member; nil if there is none.
func (s *part) memberContext(at string) *setting {
	member := openapi.Member(s.op.JSON(), at)
	if member == nil || member.Value.Extensions["x-context"] == nil {
		return nil
	}
	data, err := json.Marshal(member.Value.Extensions["x-context"])
	var c setting
	if err != nil || json.Unmarshal(data, &c) != nil {
		return nil // then no request is found, which is an error
	}
	object := at[:strings.LastIndexByte(at, '/')]
	for i := range c.Patch {
		c.Patch[i].Path = object + c.Patch[i].Path
	}
	return &c
}

// applySteps applies the steps of a context to a body. Place maps the path of each
// step to the place in the body.
func applySteps(body any, steps []step, place func(string) string) (any, bool) {
	for _, step := range steps {
		value, err := match.Decode(step.Value)
		next, ok := setMember(body, place(step.Path), value)
		if err != nil || !ok {
			return nil, false
		}
		body = next
	}
	return body, true
}

// isUnclaimed reports whether no source says what becomes of a value of the member.
func (d *deriver) isUnclaimed(at string, value any) bool {
	s := openapi.Member(d.part.op.JSON(), at)
	return s != nil && d.part.doc.Unsettled(s.Value, value)
}

// change returns the steps that write a value into an example, that remove it, or that
// keep an existing one. Containers that the example lacks are added first.
func (d *deriver) change(c setting, at, op string, value any) ([]step, bool) {
	body := d.part.decoded[c.Example]
	var steps []step
	for missing := firstMissing(body, at); missing != "" && missing != at; missing = firstMissing(body, at) {
		around, err := stepOf("add", missing, sampleOf(openapi.Member(d.part.op.JSON(), missing), 0))
		if err != nil {
			return nil, false
		}
		steps = append(steps, around)
		if body, err = d.part.applyToExample(c.Example, steps); err != nil {
			return nil, false
		}
	}
	if len(c.Patch) > 0 {
		var err error
		steps = append(steps, c.Patch...)
		if body, err = d.part.applyToExample(c.Example, steps); err != nil {
			return nil, false
		}
	}
	there := firstMissing(body, at) == ""
	name := "add"
	switch {
	case op == "remove" && there:
		return append(steps, step{Op: "remove", Path: at}), true
	case op == "remove", op == "keep" && there: // unchanged
		return steps, true
	case there:
		name = "replace"
	}
	last, err := stepOf(name, at, value)
	return append(steps, last), err == nil
}

// firstMissing returns the first place on the way to "at" that a body lacks; empty if
// it lacks none.
func firstMissing(body any, at string) string {
	pointer := ""
	for _, token := range strings.Split(at, "/")[1:] {
		pointer += "/" + token
		if _, ok := match.Lookup(body, pointer); !ok {
			return pointer
		}
	}
	return ""
}

// applyToExample applies steps to the body of an example.
func (s *part) applyToExample(example string, steps []step) (any, error) {
	patch, err := json.Marshal(steps)
	if err != nil {
		return nil, err
	}
	return s.doc.Violated(s.op, openapi.Violate{Example: example, Patch: patch})
}

// requestOf makes the request of an example and steps.
func requestOf(example string, steps []step, facts openapi.Facts) (openapi.Violate, error) {
	patch := []byte("[]")
	if len(steps) > 0 {
		var err error
		if patch, err = json.Marshal(steps); err != nil {
			return openapi.Violate{}, err
		}
	}
	return openapi.Violate{Example: example, Patch: patch, Facts: facts}, nil
}

// brokenRules returns the ids of the rules that a request breaks, sorted. For a request
// that cannot be made it returns the error's text, which is not the id of a rule.
func (s *part) brokenRules(request openapi.Violate) []string {
	body, err := s.doc.Violated(s.op, request)
	if err != nil {
		return []string{err.Error()}
	}
	return sortIDs(s.doc.Broken(s.op, body, request.Facts))
}

// breaksJust reports whether a request breaks exactly the rules with the given ids and
// leaves nothing open. It judges only the places that the patch changes, because the
// documented request breaks no rule; at another target it judges the whole request.
func (s *part) breaksJust(request openapi.Violate, ids []string) bool {
	body, err := s.doc.Violated(s.op, request)
	var steps []step
	if err != nil || json.Unmarshal(request.Patch, &steps) != nil {
		return false
	}
	if !sameFacts(request.Facts, s.doc.Facts) {
		return slices.Equal(sortIDs(s.doc.Broken(s.op, body, request.Facts)), ids) && len(s.doc.LeavesOpen(s.op, body, request.Facts)) == 0
	}
	return s.doc.BreaksJust(s.op, body, request.Facts, ids, changedBy(steps))
}

// changedBy are the places that steps change. For an item that is added or removed it is
// the list, in which other items may move.
func changedBy(steps []step) []string {
	out := make([]string, 0, len(steps))
	for _, s := range steps {
		place := s.Path
		if i := strings.LastIndexByte(place, '/'); s.Op != "replace" && i >= 0 && strings.Trim(place[i+1:], "-0123456789") == "" {
			place = place[:i]
		}
		if out = append(out, place); s.From != "" {
			out = append(out, s.From)
		}
	}
	return out
}

// sortIDs sorts ids in place and returns them.
func sortIDs(ids []string) []string {
	slices.Sort(ids)
	return ids
}

// sameFacts reports whether facts are equal.
func sameFacts(a, b openapi.Facts) bool { return reflect.DeepEqual(a, b) }

// words writes the name of a case as words.
func words(name string) string { return strings.ReplaceAll(name, "-", " ") }
