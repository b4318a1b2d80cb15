package openapi

import (
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"strings"

	jsonpatch "github.com/evanphx/json-patch/v5"
	"github.com/getkin/kin-openapi/openapi3"
	"golang.org/x/sync/errgroup"

	"github.com/vpnconform/vpnconform/openapi/rule"
	"github.com/vpnconform/vpnconform/openapi/source"
)

// entry is a cross-field rule together with its text in the document.
type entry struct {
	rule       *Rule
	expression expression
	object     *openapi3.SchemaRef // of the rule
	scope      *rule.Scope
	prefix     string // of ids without one
}

// checkViolations checks that each cross-field rule of a request has violations, and
// that each violation breaks its rule and no other. A refusal of a request with two
// mistakes would not show which of them the target noticed.
func (p *parser) checkViolations() {
	var all []violation
	for _, w := range p.entries {
		if w.rule.Kind == Postcondition {
			if len(w.expression.Violate) > 0 {
				p.fault(w.rule.Pointer+"/violate", "only a rule of a request can be violated")
			}
			continue
		}
		op, at, found := p.findRequestWith(w.object)
		if !found {
			continue // an object of an answer
		}
		if len(w.expression.Violate) == 0 {
			p.fault(w.rule.Pointer, "violate is missing")
		}
		for i := range w.expression.Violate {
			if v, ok := p.readViolation(w, i, op, at); ok {
				w.rule.Violate = append(w.rule.Violate, v)
				all = append(all, violation{rule: w.rule, op: op, violate: v, pointer: fmt.Sprintf("%s/violate/%d", w.rule.Pointer, i)})
			}
		}
	}
	if p.trusted {
		return
	}
	p.checkExamples()
	faults := make([]string, len(all))
	var checks errgroup.Group
	checks.SetLimit(runtime.GOMAXPROCS(0))
	for i, v := range all {
		checks.Go(func() error {
			faults[i] = p.doc.describeMismatch(v.rule, v.op, v.violate)
			return nil // all faults are wanted, not the first
		})
	}
	_ = checks.Wait()
	for i, fault := range faults {
		if fault != "" {
			p.fault(all[i].pointer, "%s", fault)
		}
	}
}

// violation is a way to break a rule.
type violation struct {
	rule    *Rule
	op      Operation
	violate Violate
	pointer string
}

// findRequestWith returns the first operation whose request has an object of a
// schema, and the place of the object.
func (p *parser) findRequestWith(object *openapi3.SchemaRef) (Operation, string, bool) {
	for _, op := range p.doc.operations {
		if op.JSON() == nil {
			continue
		}
		if at, ok := Find(op.JSON(), object.Value); ok {
			return op, at, true
		}
	}
	return Operation{}, "", false
}

// Find returns the place of a schema inside another, as a JSON Pointer that takes the
// first item of an array.
func Find(inside *openapi3.SchemaRef, wanted *openapi3.Schema) (string, bool) {
	place, found := "", false
	if inside == nil {
		return "", false
	}
	walk(inside, "", map[*openapi3.Schema]bool{}, func(s *openapi3.Schema, at string) bool {
		if s == wanted {
			place, found = at, true
		}
		return !found
	})
	return place, found
}

// readViolation reads one way to break a rule.
func (p *parser) readViolation(w entry, i int, op Operation, at string) (Violate, bool) {
	entry := w.expression.Violate[i]
	v := Violate{Example: entry.Example, Level: entry.Level}
	if v.Example == "" && len(p.doc.Examples(op)) > 0 {
		v.Example = p.doc.Examples(op)[0]
	}
	v.Facts = p.doc.Facts.With(entry.With)
	for _, id := range entry.Also {
		v.Also = append(v.Also, qualify(id, w.prefix))
	}
	steps := p.surroundingSteps(op, v.Example, at)
	for _, step := range entry.Patch {
		step.Path = at + step.Path
		steps = append(steps, step)
	}
	var err error
	if v.Patch, err = json.Marshal(steps); err != nil {
		p.fault(fmt.Sprintf("%s/violate/%d", w.rule.Pointer, i), "%v", err)
		return Violate{}, false
	}
	return v, true
}

// surroundingSteps returns the steps that add the objects around a place which the
// example lacks. An example need not have every optional object.
func (p *parser) surroundingSteps(op Operation, example, at string) []patchStep {
	documented, ok := p.doc.examples[op.OperationID][example]
	if !ok {
		return nil // reported when the violation is applied
	}
	var steps []patchStep
	pointer := ""
	for _, token := range strings.Split(at, "/")[1:] {
		pointer += "/" + token
		if value, _ := source.Lookup(documented.decoded, pointer); value == nil {
			steps = append(steps, patchStep{Op: "add", Path: pointer, Value: map[string]any{}})
		}
	}
	return steps
}

// describeMismatch says which rules a violation breaks or leaves open against its
// purpose; empty if it breaks its rule alone.
func (d *Document) describeMismatch(r *Rule, op Operation, v Violate) string {
	body, err := d.Violated(op, v)
	if err != nil {
		return err.Error()
	}
	broken, unclaimed := d.Broken(op, body, v.Facts), d.LeavesOpen(op, body, v.Facts)
	slices.Sort(broken)
	switch want := v.Breaks(r); {
	case !slices.Equal(broken, want):
		return fmt.Sprintf("breaks [%s], want [%s]", strings.Join(broken, ", "), strings.Join(want, ", "))
	case r.Kind == Unclaimed && !slices.Equal(unclaimed, []string{r.ID}):
		return fmt.Sprintf("leaves [%s] open, want %s alone", strings.Join(unclaimed, ", "), r.ID)
	case r.Kind != Unclaimed && len(unclaimed) > 0:
		return fmt.Sprintf("leaves %s open, which claims nothing", strings.Join(unclaimed, ", "))
	}
	return ""
}

// Breaks returns the sorted ids of the rules that the request breaks, given the rule
// of the violation; none for a rule of x-unclaimed.
func (v Violate) Breaks(r *Rule) []string {
	if r.Kind == Unclaimed {
		return nil
	}
	out := append([]string{r.ID}, v.Also...)
	slices.Sort(out)
	return out
}

// Broken returns the ids of the rules that a request's body breaks, each once. A
// broken keyword without a rule is there with its message.
func (d *Document) Broken(op Operation, body any, facts Facts) []string {
	var ids []string
	for _, broken := range d.CheckRequest(op, body, facts) {
		id := broken.Message // of an obligation without a rule
		if broken.Rule != nil {
			id = broken.Rule.ID
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// Violated returns the decoded request of a violation; do not change it.
func (d *Document) Violated(op Operation, v Violate) (any, error) {
	documented, ok := d.examples[op.OperationID][v.Example]
	if !ok {
		return nil, fmt.Errorf("there is no example %q", v.Example)
	}
	if out, ok := applyPatch(documented.decoded, v.Patch); ok {
		return out, nil
	}
	patch, err := jsonpatch.DecodePatch(v.Patch)
	if err != nil {
		return nil, err
	}
	body, err := patch.Apply(documented.body)
	if err != nil {
		return nil, err
	}
	return decodeJSON(body)
}
