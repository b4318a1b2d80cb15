package fault

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"golang.org/x/sync/errgroup"

	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/conformance/reference/internal/problem"
	"github.com/vpnconform/vpnconform/conformance/suite"
	"github.com/vpnconform/vpnconform/openapi"
)

// ofRules are the faults of the rules of a request that are wanted: each is not
// enforced, in some surroundings or in all, and it is enforced one step too
// strictly.
func (w *world) ofRules(m *materials, wanted func(rule string) bool) []Fault {
	of := make([][]Fault, len(w.doc.Rules))
	var deriving errgroup.Group
	deriving.SetLimit(runtime.GOMAXPROCS(0))
	for i, r := range w.doc.Rules {
		if wanted(r.ID) {
			deriving.Go(func() error {
				of[i] = w.ofRule(r, m)
				return nil
			})
		}
	}
	_ = deriving.Wait() // there is no error
	return slices.Concat(of...)
}

func (w *world) ofRule(r *openapi.Rule, m *materials) []Fault {
	var out []Fault
	var d *breaches
	if suite.Excluded(w.op, r, false) == "" {
		d = w.breaches(r, m)
		out = append(out, w.forgotten(d)...)
	}
	if suite.Excluded(w.op, r, true) != "" {
		return out
	}
	for _, edge := range w.edges(r) {
		out = append(out, Fault{
			ID: "rule/" + r.ID + "/" + edge.name, Kind: "too-strict", Rule: r.ID,
			Breaks: "a request is refused although " + r.Message + ": " + edge.says, make: tooStrict(edge),
		})
	}
	if r.Keyword == "enum" {
		out = append(out, w.nearValues(d)...)
	}
	return out
}

// forgotten are the faults of a rule that is not enforced. There is none where
// every request that breaks it breaks another rule as well: nobody could notice
// one, and [world.ofJoint] has those of both rules.
func (w *world) forgotten(d *breaches) []Fault {
	if len(d.cloud) == 0 {
		return nil
	}
	r := d.rule
	out := []Fault{{
		ID: "rule/" + r.ID + "/not-enforced", Kind: "not-enforced", Rule: r.ID,
		Breaks: "a request is accepted although not: " + r.Message, make: notEnforced(r, func(*asked) bool { return true }),
	}}
	return slices.Concat(out, w.ofItems(r), w.ofOneStyle(r), w.inContexts(d))
}

// ofOneStyle is the fault of a rule that is enforced for one style of routing
// alone, if requests of another can break it.
func (w *world) ofOneStyle(r *openapi.Rule) []Fault {
	first, several := "", false
	for _, c := range w.suite.Cases {
		if c.Rule != r || !c.Refused() {
			continue
		}
		body, err := w.doc.Violated(w.op, c.Change)
		if err != nil {
			continue // no case is so: it was derived with it
		}
		style := styleOf(body)
		if first == "" {
			first = style
		}
		several = several || style != first
	}
	if !several {
		return nil
	}
	return []Fault{{
		ID: "rule/" + r.ID + "/for-" + first + "-alone", Kind: "one-style-alone", Rule: r.ID,
		Breaks: "a request of another style than " + first + " is accepted although not: " + r.Message,
		make:   notEnforced(r, func(q *asked) bool { return styleOf(q.body) != first }),
	}}
}

// ofItems are the faults of a rule of the items of lists: it is enforced for
// the first one alone, or the first two.
func (w *world) ofItems(r *openapi.Rule) []Fault {
	at, _ := openapi.Find(w.op.JSON(), r.Schema)
	tokens := strings.Split(at, "/")
	var out []Fault
	for i, token := range tokens {
		if token != "0" {
			continue
		}
		list := tokens[i-1]
		beyond := func(first int) func(*asked) bool {
			return func(q *asked) bool { return each(q.itemsAt(i), func(place int) bool { return place >= first }) }
		}
		out = append(out, Fault{
			ID: "rule/" + r.ID + "/first-of-" + list + "-alone", Kind: "first-alone", Rule: r.ID,
			Breaks: "a request is accepted although not for the second of " + list + ": " + r.Message, make: notEnforced(r, beyond(1)),
		}, Fault{
			ID: "rule/" + r.ID + "/first-two-of-" + list + "-alone", Kind: "first-two-alone", Rule: r.ID,
			Breaks: "a request is accepted although not for the third of " + list + ": " + r.Message, make: notEnforced(r, beyond(2)),
		})
	}
	return out
}

// notEnforced accepts requests that break one rule alone, where the rule is not
// enforced for them.
func notEnforced(rule *openapi.Rule, passes func(q *asked) bool) func(*wrong) http.HandlerFunc {
	return lenient(func(q *asked) bool {
		return !slices.ContainsFunc(q.broken, func(v openapi.Violation) bool { return v.Rule != rule }) && passes(q)
	})
}

// lenient accepts refused requests that break rules, where passes says so.
func lenient(passes func(q *asked) bool) func(*wrong) http.HandlerFunc {
	return func(w *wrong) http.HandlerFunc {
		var met meetings
		return answering(func(w *wrong, r *http.Request, request []byte, a *reply) {
			kept, before := met.add(r.RemoteAddr)
			if a.status != http.StatusBadRequest {
				return
			}
			body, err := match.Decode(request)
			if err != nil {
				return
			}
			q := w.world.asked(body)
			if q.request, q.raw, q.kept, q.before = r, request, kept, before; len(q.broken) == 0 || !passes(q) {
				return
			}
			if accepted := w.repaired(r, request, q.places()); accepted.status == http.StatusCreated {
				*a = *accepted
			}
		})(w)
	}
}

// asked is a refused request as a fault looks at it.
type asked struct {
	world  *world
	body   any
	facts  openapi.Facts
	broken []openapi.Violation // by all rules

	request *http.Request // nil while faults are derived
	raw     []byte        // the body as it came
	kept    bool          // the connection has carried a request before
	before  int           // requests that came before on any connection

	items map[string][]int // what badItems found, by list
}

// asked holds a request against the rules.
func (w *world) asked(body any) *asked {
	facts := w.facts(body)
	return &asked{world: w, body: body, facts: facts, broken: w.doc.CheckRequest(w.op, body, facts), items: map[string][]int{}}
}

// breaksAlone tells whether a request breaks one rule, and no other.
func (q *asked) breaksAlone(rule *openapi.Rule) bool {
	return len(q.broken) > 0 && !slices.ContainsFunc(q.broken, func(v openapi.Violation) bool { return v.Rule != rule })
}

// places are the JSON Pointers of the members to blame.
func (q *asked) places() []string {
	var out []string
	for _, v := range q.broken {
		out = append(out, v.Pointer)
	}
	return out
}

// meetings are the connections that an implementation has met.
type meetings struct {
	mu    sync.Mutex
	seen  map[string]bool
	count int
}

// add tells whether a connection has carried a request before, and how many
// came before on any.
func (m *meetings) add(address string) (kept bool, before int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.seen == nil || len(m.seen) > 1<<16 {
		m.seen = map[string]bool{}
	}
	kept, before = m.seen[address], m.count
	m.seen[address] = true
	m.count++
	return kept, before
}

// styleOf is the style of routing that a request means.
func styleOf(body any) string {
	if style, _ := match.Lookup(body, "/vpn_connection/style"); style != nil {
		return fmt.Sprint(style)
	}
	return "static"
}

// facts are what is known of the gateways of a request.
func (w *world) facts(body any) openapi.Facts {
	return w.environment.Facts(w.doc, w.named, body)
}

// repaired asks for what a request asks without its wrong members or, where
// that is refused too, for another connection.
func (w *wrong) repaired(r *http.Request, request []byte, wrongMembers []string) *reply {
	body := request
	for _, pointer := range wrongMembers {
		body = patched(body, "remove", pointer, nil)
	}
	if a := w.ask(r, body); a.status == http.StatusCreated {
		return a
	}
	return w.ask(r, w.world.request)
}

// edge is a kind of value that a rule accepts.
type edge struct {
	name, says string
	at         string // JSON Pointer of the member
	is         func(value any, present bool) bool
}

// tooStrict refuses requests that have an accepted value.
func tooStrict(e edge) func(*wrong) http.HandlerFunc {
	return answering(func(_ *wrong, _ *http.Request, request []byte, a *reply) {
		body, err := match.Decode(request)
		if err != nil || a.status != http.StatusCreated {
			return
		}
		if value, present := match.Lookup(body, e.at); !e.is(value, present) {
			return
		}
		name := e.at[strings.LastIndexByte(e.at, '/')+1:]
		a.refuse(problem.Invalid(name + " is not accepted"))
	})
}

// refuse turns an answer into a problem.
func (a *reply) refuse(p *problem.Problem) {
	id := a.header.Get(problem.RequestIDHeader)
	a.status = p.Status
	a.body, _ = json.Marshal(map[string]string{"error_code": p.Code, "error_msg": p.Message, "request_id": id}) // texts always encode
}

// edges are what a rule accepts and a strict implementation might not.
func (w *world) edges(r *openapi.Rule) []edge {
	at, _ := openapi.Find(w.op.JSON(), r.Schema)
	equal := func(name string, want any) edge {
		text := fmt.Sprint(want)
		return edge{name, text + " is not", at, func(v any, there bool) bool { return there && fmt.Sprint(v) == text }}
	}
	long := func(name string, n uint64) edge {
		return edge{name, fmt.Sprintf("one of %d is not", n), at, func(v any, _ bool) bool {
			switch v := v.(type) {
			case string:
				return utf8.RuneCountInString(v) == int(n)
			case []any:
				return len(v) == int(n)
			}
			return false
		}}
	}
	if r.Kind == openapi.Validation {
		field := at + r.Fields[0]
		return []edge{{"not-at-all", "it is refused whenever it is sent", field, func(_ any, there bool) bool { return there }}}
	}
	s := openapi.Member(w.op.JSON(), at).Value
	switch r.Keyword {
	case "minimum":
		return []edge{equal("refuses-minimum", int(*s.Min))}
	case "maximum":
		return []edge{equal("refuses-maximum", int(*s.Max))}
	case "minLength":
		return []edge{long("refuses-shortest", s.MinLength)}
	case "maxLength":
		return []edge{long("refuses-longest", *s.MaxLength)}
	case "maxItems":
		return []edge{long("refuses-most", *s.MaxItems)}
	case "enum":
		var out []edge
		for _, value := range s.Enum {
			out = append(out, equal("refuses-"+fmt.Sprint(value), value))
		}
		return out
	case "default":
		return []edge{{"refuses-absent", "it is required", at, func(_ any, there bool) bool { return !there }}}
	case "additionalProperties":
		return []edge{{"refuses-unknown", "they are not", at, func(v any, _ bool) bool {
			object, _ := v.(map[string]any)
			for name := range object {
				if s.Properties[name] == nil {
					return true
				}
			}
			return false
		}}}
	case "pattern":
		return refusedCharacters(s, at)
	case "type":
		if s.Type.Is("boolean") {
			return []edge{equal("refuses-true", true), equal("refuses-false", false)}
		}
		if s.Type.Is("integer") {
			return []edge{{"refuses-even", "even numbers are not", at, func(v any, _ bool) bool {
				n, ok := v.(json.Number)
				f, err := n.Float64()
				return ok && err == nil && math.Mod(f, 2) == 0
			}}}
		}
	}
	return nil
}

// refusedCharacters are the special characters that a pattern allows, each
// refused, but for those of which nothing is claimed.
func refusedCharacters(s *openapi3.Schema, at string) []edge {
	allowed, err := regexp.Compile(s.Pattern)
	if err != nil {
		return nil // the document was loaded with it
	}
	unclaimed, _ := s.Extensions["x-unclaimed"].(string)
	open, err := regexp.Compile(cmp.Or(unclaimed, "$^"))
	if err != nil {
		return nil // the suite was derived with it
	}
	var out []edge
	for _, c := range " !\"#$%&'()*+,./:;<=>?@[]^_`{|}~" {
		if text := "aB1-" + string(c) + "aB1-a"; !allowed.MatchString(text) || open.MatchString(text) {
			continue
		}
		out = append(out, edge{fmt.Sprintf("refuses-u%04x", c), fmt.Sprintf("the character %q is not", c), at, func(v any, _ bool) bool {
			text, _ := v.(string)
			return strings.ContainsRune(text, c)
		}})
	}
	return out
}
