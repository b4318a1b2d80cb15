package suite

import (
	"encoding/json"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/openapi"
)

// New derives the suite of a document's operation CreateVpnConnection. Every
// request is held against the document; an error names a rule that has no
// case of a side and is not [Excluded].
func New(doc *openapi.Document) (*Suite, error) {
	op, ok := doc.Operation("CreateVpnConnection")
	if !ok {
		return nil, fmt.Errorf("the document has no operation CreateVpnConnection")
	}
	s := &Suite{doc: doc, op: op, decoded: map[string]any{}, index: map[string]int{}}
	for _, name := range doc.Examples(op) {
		var err error
		if s.decoded[name], err = doc.Violated(op, openapi.Violate{Example: name, Patch: []byte("[]")}); err != nil {
			return nil, fmt.Errorf("example %s: %w", name, err)
		}
	}
	if err := s.documented(); err != nil {
		return nil, err
	}
	if err := s.derive(); err != nil {
		return nil, err
	}
	if err := s.listed(); err != nil {
		return nil, err
	}
	s.draw()
	s.transport()
	for i, c := range s.Cases {
		s.index[c.ID] = i
	}
	s.digest = sync.OnceValue(s.sum)
	return s, nil
}

// Excluded returns why a rule has no case of a side; empty means that it has
// one.
func Excluded(op openapi.Operation, r *openapi.Rule, accepted bool) string {
	if r.Schema == nil {
		return "an obligation of the answer"
	}
	if _, ok := openapi.Find(op.JSON(), r.Schema); !ok {
		if strings.Contains(r.Pointer, "/parameters/") {
			return "whatever stands in a path is a string"
		}
		return "an obligation of the answer"
	}
	switch {
	case r.Keyword == "format":
		return "an obligation of the answer"
	case r.Keyword == "default" && !accepted:
		return "a member that is absent cannot be wrong"
	case r.Keyword == "additionalProperties" && !accepted:
		return "a permission"
	}
	return ""
}

// derive adds the cases of every rule of the request, in the order of the
// rules: values at the edge of what is accepted, and the first beyond it.
func (s *Suite) derive() error {
	derivers := make([]deriver, len(s.doc.Rules))
	errs := make([]error, len(derivers))
	var deriving errgroup.Group
	deriving.SetLimit(runtime.GOMAXPROCS(0))
	for i, r := range s.doc.Rules {
		deriving.Go(func() error {
			derivers[i] = deriver{suite: s, rule: r}
			errs[i] = derivers[i].derive()
			return nil // the error of the first rule is wanted, not the first error
		})
	}
	_ = deriving.Wait()
	for i, d := range derivers {
		if errs[i] != nil {
			return fmt.Errorf("%s: %w", d.rule.ID, errs[i])
		}
		s.Cases = append(s.Cases, d.out...)
	}
	return nil
}

// deriver gathers the cases of one rule.
type deriver struct {
	suite *Suite
	rule  *openapi.Rule
	out   []Case
}

func (d *deriver) derive() error {
	op := d.suite.op
	if Excluded(op, d.rule, true) != "" {
		return nil
	}
	at, _ := openapi.Find(op.JSON(), d.rule.Schema)
	var err error
	switch {
	case d.rule.Kind == openapi.Validation:
		err = d.crossField()
	case d.rule.Keyword == "required":
		err = d.required(at + "/" + match.Escape(d.rule.Member))
	case d.rule.Keyword == "default":
		err = d.add(choice{name: "absent"}, true, at, "remove")
	case d.rule.Keyword == "additionalProperties":
		err = d.add(one("unknown-member", "x"), true, at+"/not_on_the_page", "")
	default:
		err = d.keyword(at)
	}
	if err != nil {
		return err
	}
	if err := d.later(at); err != nil {
		return err
	}
	for _, side := range []bool{true, false} {
		shown := slices.ContainsFunc(d.out, func(c Case) bool { return c.Accepted() == side })
		if !shown && Excluded(op, d.rule, side) == "" {
			return fmt.Errorf("no case is accepted: %v", side)
		}
	}
	return nil
}

func (d *deriver) required(member string) error {
	sample := sampleOf(openapi.Member(d.suite.op.JSON(), member), 0)
	if err := d.add(one("present", sample), true, member, "keep"); err != nil {
		return err
	}
	return d.add(choice{name: "missing"}, false, member, "remove")
}

// keyword adds the values at the edge of a keyword, and those beyond it.
func (d *deriver) keyword(at string) error {
	edges := edgesOf(d.rule, openapi.Member(d.suite.op.JSON(), at))
	for _, c := range edges.accepted {
		op := ""
		if c.name == "valid" || c.name == "matching" {
			op = "keep" // the example's own value, if it has one
		}
		if err := d.add(c, true, at, op); err != nil && !c.optional {
			return err
		}
	}
	for _, c := range edges.refused {
		if at == "" && c.name != "array" {
			continue // a JSON Patch makes no other body
		}
		if err := d.add(c, false, at, ""); err != nil && !c.optional {
			return err
		}
	}
	return nil
}

// add adds the first request that is accepted, or refused for this rule alone:
// of the values, each in all contexts of the member.
func (d *deriver) add(c choice, accepted bool, at, op string) error {
	values := c.values
	if len(values) == 0 {
		values = []any{nil}
	}
	values = slices.DeleteFunc(slices.Clone(values), func(value any) bool { return d.unclaimed(at, value) })
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
			request, err := d.request(context.Example, steps, d.suite.doc.Facts.With(context.With))
			if err != nil {
				continue
			}
			switch broken := d.suite.broken(request); {
			case accepted && len(broken) == 0:
				d.accept(c.name, request)
			case !accepted && slices.Equal(broken, []string{d.rule.ID}):
				if err := d.refuse(c, request, steps); err != nil {
					return err
				}
			default:
				continue
			}
			d.out[len(d.out)-1].draw = lastDrawn(request, c.draw)
			return nil
		}
	}
	return fmt.Errorf("no request shows %s (accepted: %v)", c.name, accepted)
}

// later adds the first case that is refused once more, for the second item of
// every list around the member: who looks at the first alone does not see it.
func (d *deriver) later(at string) error {
	first := slices.IndexFunc(d.out, func(c Case) bool { return !c.Accepted() && c.Level == string(d.rule.Level) && c.draw == nil })
	if first < 0 {
		return nil
	}
	refused := d.out[first]
	var steps []step
	if err := json.Unmarshal(refused.Change.Patch, &steps); err != nil {
		return err
	}
	_, name, _ := strings.Cut(refused.ID, "/")
	for i, token := range strings.Split(at, "/") {
		if token != "0" {
			continue
		}
		list := strings.Join(strings.Split(at, "/")[:i], "/")
		before, last := slices.Clone(steps[:len(steps)-1]), steps[len(steps)-1]
		rest, ok := strings.CutPrefix(last.Path, list+"/0")
		if !ok {
			return fmt.Errorf("%s changes no item of %s", refused.ID, list)
		}
		if rest != "" {
			item, err := stepOf("add", list+"/1", sampleOf(openapi.Member(d.suite.op.JSON(), list+"/0"), 1))
			if err != nil {
				return err
			}
			before = append(before, item)
		} else if last.Op == "replace" {
			last.Op = "add"
		}
		last.Path = list + "/1" + rest
		request, err := d.request(refused.Change.Example, append(before, last), refused.Change.Facts)
		if err != nil {
			return err
		}
		if broken := d.suite.broken(request); !slices.Equal(broken, []string{d.rule.ID}) {
			return fmt.Errorf("%s in %s/1 breaks %v", name, list, broken)
		}
		c := choice{name: fmt.Sprintf("%s-in-%s-1", name, list[strings.LastIndexByte(list, '/')+1:]), level: openapi.Level(refused.Level)}
		if err := d.refuse(c, request, append(before, last)); err != nil {
			return err
		}
	}
	return nil
}

// accept adds a case that is accepted.
func (d *deriver) accept(name string, request openapi.Violate) {
	d.out = append(d.out, Case{
		ID: d.rule.ID + "/" + name, Title: d.rule.Message + ": " + words(name) + " is accepted",
		Level: string(d.rule.Level), Source: d.rule.Source, Errata: d.rule.Errata, Rule: d.rule,
		Change: request, Statuses: []int{http.StatusCreated},
	})
}

// refuse adds a case that is refused, and the twin that lacks its last step
// where none of the cases is that.
func (d *deriver) refuse(c choice, request openapi.Violate, steps []step) error {
	twin, err := d.twin(request, steps)
	if err != nil {
		return fmt.Errorf("%s: %w", c.name, err)
	}
	level := d.rule.Level
	if c.level != "" {
		level = c.level
	}
	d.out = append(d.out, Case{
		ID: d.rule.ID + "/" + c.name, Title: d.rule.Message + ": " + words(c.name) + " is refused",
		Level: string(level), Source: d.rule.Source, Errata: d.rule.Errata, Rule: d.rule,
		Change: request, Twin: twin, Statuses: []int{http.StatusBadRequest},
	})
	return nil
}

// twin returns the id of the accepted case from which a refused one differs in
// as little as can be: by its last step, by another one, or by all of them.
func (d *deriver) twin(refused openapi.Violate, steps []step) (string, error) {
	var candidates [][]step
	for i := len(steps) - 1; i >= 0; i-- {
		candidates = append(candidates, slices.Delete(slices.Clone(steps), i, i+1))
	}
	candidates = append(candidates, nil)
	if own := addresses(refused.Facts); len(own) > 0 { // another gateway has other addresses
		address, err := stepOf("replace", "/vpn_connection/vgw_ip", own[0].VgwIP())
		if err != nil {
			return "", err
		}
		candidates = append(candidates, []step{address})
	}
	for _, candidate := range candidates {
		request, err := d.request(refused.Example, candidate, refused.Facts)
		whole := len(candidate) == 0 && sameFacts(request.Facts, d.suite.doc.Facts)
		if err != nil || !whole && len(d.suite.broken(request)) > 0 {
			continue
		}
		return d.kept(request, len(candidate) == 0), nil
	}
	return "", fmt.Errorf("no twin is accepted")
}

// kept returns the id of the case with a request that keeps the rule, which is
// added unless it is there, or an example as it is.
func (d *deriver) kept(request openapi.Violate, whole bool) string {
	if whole && d.rule.Kind != openapi.Validation && sameFacts(request.Facts, d.suite.doc.Facts) {
		return "example/" + request.Example
	}
	count := 0
	for _, c := range d.out {
		if !c.Accepted() {
			continue
		}
		if c.Change.Example == request.Example && string(c.Change.Patch) == string(request.Patch) && sameFacts(c.Change.Facts, request.Facts) {
			return c.ID
		}
		if strings.Contains(c.ID, "/kept") {
			count++
		}
	}
	name := "kept"
	if count > 0 {
		name = fmt.Sprintf("kept-%d", count+1)
	}
	d.accept(name, request)
	return d.rule.ID + "/" + name
}

// crossField takes the violations that the document lists, and their twins.
func (d *deriver) crossField() error {
	for i, v := range d.rule.Violate {
		var steps []step
		if err := json.Unmarshal(v.Patch, &steps); err != nil {
			return err
		}
		if err := d.refuse(choice{name: fmt.Sprintf("broken-%d", i+1), level: v.Level}, v, steps); err != nil {
			return err
		}
	}
	return nil
}
