package suite

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/openapi"
)

// derive adds the cases of every rule of the request, in the order of the rules:
// values at the edge that are accepted, and the first beyond it.
func (s *part) derive() {
	derivers := make([]deriver, len(s.doc.Rules))
	errs := make([]error, len(derivers))
	var deriving errgroup.Group
	deriving.SetLimit(runtime.GOMAXPROCS(0))
	for i, r := range s.doc.Rules {
		deriving.Go(func() error {
			derivers[i] = deriver{part: s, rule: r}
			errs[i] = derivers[i].derive()
			return nil // the error of every rule is wanted, not only the first
		})
	}
	_ = deriving.Wait()
	for i, d := range derivers {
		if errs[i] != nil {
			s.gaps = append(s.gaps, Gap{s.op.OperationID, d.rule.ID, errs[i].Error()})
		}
		s.Cases = append(s.Cases, d.out...)
	}
}

// Excluded returns why an operation has no case of a rule from a side. It is empty
// if the operation has to have one.
func Excluded(op openapi.Operation, r *openapi.Rule, accepted bool) string {
	if r.Operation != "" && r.Operation != op.OperationID {
		return "it binds another operation"
	}
	if r.Parameter != nil {
		return excludedParameter(r, accepted)
	}
	if r.Schema == nil || op.JSON() == nil || strings.HasPrefix(r.Keyword, "x-") {
		return "an obligation of the answer"
	}
	if _, ok := openapi.Find(op.JSON(), r.Schema); !ok {
		return "an obligation of the answer"
	}
	switch {
	case r.Keyword == "format" && r.Schema.Format == "password":
		return "an obligation of the answer"
	case r.Keyword == "default" && !accepted:
		return "a member that is absent cannot be wrong"
	case r.Keyword == "nullable" && !accepted:
		return "a permission"
	case r.Keyword == "additionalProperties" && !accepted && r.Schema.AdditionalProperties.Has == nil:
		return "a permission"
	}
	return ""
}

// unknownMember is a member name that no document has.
const unknownMember = "not_on_the_page"

// deriver collects the cases of one rule.
type deriver struct {
	part *part
	rule *openapi.Rule
	out  []Case
}

// derive derives the cases of the rule. The error says that a side has none.
func (d *deriver) derive() error {
	op := d.part.op
	if Excluded(op, d.rule, true) != "" && Excluded(op, d.rule, false) != "" {
		return nil
	}
	if op.JSON() != nil && len(d.part.decoded) == 0 {
		return errors.New("there is no example of a request to make one of")
	}
	if d.rule.Parameter != nil {
		return d.deriveParameter()
	}
	at, _ := openapi.Find(op.JSON(), d.rule.Schema)
	var err error
	switch {
	case d.rule.Kind == openapi.Validation:
		err = d.deriveCrossField()
	case d.rule.Keyword == "required":
		err = d.deriveRequired(at + "/" + match.Escape(d.rule.Member))
	case d.rule.Keyword == "default":
		err = d.addChoice(choice{name: "absent"}, true, at, "remove")
	case d.rule.Keyword == "additionalProperties" && d.rule.Schema.AdditionalProperties.Has != nil:
		if err = d.addChoice(choice{name: "known-members"}, true, at, "keep"); err == nil {
			err = d.addChoice(fixedChoice("unknown-member", "x"), false, at+"/"+unknownMember, "")
		}
	case d.rule.Keyword == "additionalProperties":
		err = d.addChoice(fixedChoice("unknown-member", "x"), true, at+"/"+unknownMember, "")
	default:
		err = d.deriveKeyword(at)
	}
	if err != nil {
		return err
	}
	for _, side := range []bool{true, false} {
		shown := slices.ContainsFunc(d.out, func(c Case) bool { return c.Accepted() == side && !c.Open })
		if !shown && Excluded(op, d.rule, side) == "" {
			return fmt.Errorf("no case is accepted: %v", side)
		}
	}
	return nil
}

// deriveRequired adds a request with the required member and one without it.
func (d *deriver) deriveRequired(member string) error {
	sample := sampleOf(openapi.Member(d.part.op.JSON(), member), 0)
	if err := d.addChoice(fixedChoice("present", sample), true, member, "keep"); err != nil {
		return err
	}
	return d.addChoice(choice{name: "missing"}, false, member, "remove")
}

// deriveKeyword adds the values at the edge of a keyword, and those beyond it.
func (d *deriver) deriveKeyword(at string) error {
	edges := edgesOf(d.rule, openapi.Member(d.part.op.JSON(), at), d.part.otherEnumValues(d.rule))
	if d.rule.Keyword == "pattern" && len(edges.accepted) > 1 { // of free texts
		edges.accepted = append(edges.accepted, everyCharacterChoices(d.rule.Schema, func(text string) bool { return !d.isUnclaimed(at, text) })...)
	}
	for _, c := range edges.accepted {
		op := ""
		if c.name == "valid" || c.name == "matching" {
			op = "keep" // the example's own value, if it has one
		}
		if err := d.addChoice(c, true, at, op); err != nil && !c.optional {
			return err
		}
	}
	for _, c := range edges.refused {
		if at == "" && c.name != "array" {
			continue // a JSON Patch cannot make another body
		}
		if err := d.addChoice(c, false, at, ""); err != nil && !c.optional {
			return err
		}
	}
	return nil
}

// addChoice adds the first request that is accepted, or that is refused for this
// rule alone. It tries every value in every context of the member: a value may be
// wrong for a second reason in one context, and then its refusal would not show
// that this rule is enforced.
func (d *deriver) addChoice(c choice, accepted bool, at, op string) error {
	values := c.values
	if len(values) == 0 {
		values = []any{nil}
	}
	values = slices.DeleteFunc(slices.Clone(values), func(value any) bool { return d.isUnclaimed(at, value) })
	if len(values) == 0 {
		return nil
	}
	contexts := d.contexts(at)
	for _, value := range values {
		for _, context := range contexts {
			steps, ok := d.change(context, at, op, value)
			if !ok {
				continue
			}
			request, err := requestOf(context.Example, steps, d.part.doc.Facts.With(context.With))
			if err != nil {
				continue
			}
			switch {
			case accepted && d.part.breaksJust(request, nil):
				d.addAccepted(c, at, request)
			case !accepted && d.part.breaksJust(request, []string{d.rule.ID}):
				if err := d.addRefused(c, at, request, steps); err != nil {
					return err
				}
			default:
				continue
			}
			d.out[len(d.out)-1].draw = lastDrawn(steps, c.draw)
			return nil
		}
	}
	return fmt.Errorf("no request shows %s (accepted: %v)", c.name, accepted)
}

// deriveCrossField adds the violations that the document lists, and their twins.
func (d *deriver) deriveCrossField() error {
	for i, v := range d.rule.Violate {
		var steps []step
		if err := json.Unmarshal(v.Patch, &steps); err != nil {
			return err
		}
		at, _ := openapi.Find(d.part.op.JSON(), d.rule.Schema)
		if err := d.addRefused(choice{name: fmt.Sprintf("broken-%d", i+1), level: v.Level}, at+d.rule.Fields[0], v, steps); err != nil {
			return err
		}
		if err := d.addNeighbours(fmt.Sprintf("beside-%d", i+1), at+d.rule.Fields[0], v, steps); err != nil {
			return err
		}
	}
	return nil
}

// addNeighbours adds the blocks before and after one that breaks the rule, if they
// are accepted. Their level is should: no source says so in so many words.
func (d *deriver) addNeighbours(name, at string, v openapi.Violate, steps []step) error {
	var text string
	last := len(steps) - 1
	if v.Level != "" || json.Unmarshal(steps[last].Value, &text) != nil {
		return nil // the violation has a level of its own, or is not a text
	}
	for i, block := range neighbourBlocks(text) {
		change, err := stepOf(steps[last].Op, steps[last].Path, block)
		if err != nil {
			return err
		}
		request, err := requestOf(v.Example, append(slices.Clone(steps[:last]), change), v.Facts)
		if err != nil {
			return err
		}
		if d.part.breaksJust(request, nil) {
			d.addAccepted(lowerToShould(choice{name: name + [...]string{"-before", "-after"}[i]}), at, request)
		}
	}
	return nil
}

// addAccepted adds a case that is accepted.
func (d *deriver) addAccepted(c choice, at string, request openapi.Violate) {
	d.out = append(d.out, Case{
		ID: d.rule.ID + "/" + c.name, Title: d.rule.Message + ": " + words(c.name) + " is accepted",
		Level: string(cmp.Or(c.level, d.rule.Level)), Source: d.rule.Source, Errata: d.rule.Errata, Rule: d.rule, Place: at,
		Change: request, Statuses: d.part.successStatuses(),
	})
}

// addRefused adds a case that is refused, and its twin if no case is that yet.
func (d *deriver) addRefused(c choice, at string, request openapi.Violate, steps []step) error {
	twin, err := d.findTwin(request, at, steps)
	if err != nil {
		return fmt.Errorf("%s: %w", c.name, err)
	}
	d.out = append(d.out, Case{
		ID: d.rule.ID + "/" + c.name, Title: d.rule.Message + ": " + words(c.name) + " is refused",
		Level: string(cmp.Or(c.level, d.rule.Level)), Source: d.rule.Source, Errata: d.rule.Errata, Rule: d.rule, Place: at,
		Change: request, Also: request.Also, Twin: twin, Statuses: refusals(d.rule),
	})
	return nil
}

// refusals are the documented statuses of an answer that refuses a request for a
// rule, the usual one first. A value that names nothing may be answered 404.
func refusals(r *openapi.Rule) []int {
	if len(r.Statuses) > 0 {
		return r.Statuses
	}
	if r.Schema != nil && r.Schema.Extensions["x-names"] != nil {
		return []int{http.StatusBadRequest, http.StatusNotFound}
	}
	return []int{http.StatusBadRequest}
}
