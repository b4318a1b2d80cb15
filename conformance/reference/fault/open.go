package fault

import (
	"fmt"
	"net/http"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/conformance/reference/internal/problem"
	"github.com/vpnconform/vpnconform/conformance/reference/internal/project"
	"github.com/vpnconform/vpnconform/openapi"
)

// ofOpen are the faults of answers to requests of which nobody says whether
// they are accepted: who accepts one is bound to answer it rightly.
func (w *world) ofOpen(m *materials) []Fault {
	var out []Fault
	for _, list := range w.openLists() {
		body := w.doubledItem(m, list)
		if body == nil {
			continue
		}
		likely := w.likely(list)
		add := func(name, says string, change func(items []any) []any) {
			out = append(out, Fault{
				ID: "open" + list + "/" + name, Kind: "accepted-unbound", Breaks: list + " comes back " + says,
				make: editingLists(list, change), witness: sent(body), Try: likely,
			})
		}
		add("duplicates-dropped", "without its duplicates", func(items []any) []any { return distinct(items) })
		add("duplicates-doubled", "with its duplicates once more", func(items []any) []any {
			if len(distinct(items)) == len(items) {
				return items
			}
			return append(slices.Clone(items), items[len(items)-1])
		})
	}
	for _, block := range w.blockMembers() {
		body := w.withBlock(m, block.at, "192.168.44.1/24")
		if body == nil {
			continue
		}
		out = append(out, Fault{
			ID: "open" + block.at + "/host-bits-masked", Kind: "accepted-unbound", Breaks: block.at + " comes back without the host bits that were sent",
			make: created(func(_ *wrong, request []byte, a *reply) {
				body, err := match.Decode(request)
				if err != nil {
					return
				}
				for _, at := range concretes(body, block.at) {
					a.edit(at, func(v any) (any, bool) {
						sent, err := netip.ParsePrefix(fmt.Sprint(v))
						return sent.Masked().String(), err == nil
					})
				}
			}),
			witness: sent(body), Try: w.likely(block.at),
		})
	}
	return append(out, w.ofLearned(m)...)
}

// openLists are the JSON Pointers of the lists that may have an item twice, as
// far as rules go.
func (w *world) openLists() []string {
	var out []string
	for _, m := range members(w.op.JSON(), "") {
		if m.schema.Type.Is("array") {
			out = append(out, m.at)
		}
	}
	return out
}

// doubledItem is an accepted request with an item twice in a list; nil if there
// is none.
func (w *world) doubledItem(m *materials, list string) any {
	for _, base := range m.accepted {
		items, _ := lookup(base, list).([]any)
		if len(items) == 0 {
			continue
		}
		if body := put(base, list, append(slices.Clone(items), items[0])); len(w.asked(body).broken) == 0 {
			return body
		}
	}
	return nil
}

// distinct are items without duplicates.
func distinct(items []any) []any {
	var out []any
	for _, item := range items {
		if !slices.ContainsFunc(out, func(other any) bool { return reflect.DeepEqual(item, other) }) {
			out = append(out, item)
		}
	}
	return out
}

// editingLists changes lists of the answer, at every place that a request has
// them.
func editingLists(list string, change func([]any) []any) func(*wrong) http.HandlerFunc {
	return created(func(_ *wrong, request []byte, a *reply) {
		body, err := match.Decode(request)
		if err != nil {
			return
		}
		for _, at := range concretes(body, list) {
			a.edit(at, func(v any) (any, bool) {
				items, ok := v.([]any)
				return change(items), ok
			})
		}
	})
}

// ofLearned are faults of the answer of a gateway that learns the subnets by
// itself: they come back though they must not, when they were sent all the same.
func (w *world) ofLearned(m *materials) []Fault {
	const at, style = "/vpn_connection/peer_subnets", "/vpn_connection/style"
	var out []Fault
	for i, g := range w.project.Gateways {
		for _, base := range m.accepted {
			body := w.atGateway(base, i)
			name := styleOf(body)
			if body == nil || !project.LearnsSubnets(&g, name) || lookup(body, at) == nil || len(w.asked(body).broken) > 0 {
				continue
			}
			id := "open" + at + "/learned-with-" + name
			if slices.ContainsFunc(out, func(f Fault) bool { return f.ID == id }) {
				continue
			}
			out = append(out, Fault{
				ID: id, Kind: "accepted-unbound", Breaks: "a " + name + " connection of a gateway with an enterprise router comes back with the peer_subnets that were sent",
				make: created(func(_ *wrong, request []byte, a *reply) {
					sent, err := match.Decode(request)
					answer, errAnswer := match.Decode(a.body)
					if list := lookup(sent, at); err == nil && errAnswer == nil && list != nil && styleOf(sent) == name && lookup(answer, at) == nil {
						a.body = patched(a.body, "add", at, list)
					}
				}),
				witness: sent(body), Try: append(w.likely(at), "ResponseVpnConnection.*"),
			})
		}
	}
	return out
}

// ofMixing are implementations that mix up parts of two answers which they make
// at the same time, and a clock that stands still.
func (w *world) ofMixing() []Fault {
	var out []Fault
	connection := openapi.Member(w.op.Answer(http.StatusCreated), "/vpn_connection")
	for _, m := range members(connection, "/vpn_connection") {
		if assigned, _ := m.schema.Extensions["x-server-assigned"].(bool); strings.Count(m.at, "/") != 2 || openapi.Member(w.op.JSON(), m.at) == nil || assigned && m.schema.Extensions["x-echo"] == nil {
			continue
		}
		if strings.HasSuffix(m.at, "/cgw_id") && len(w.project.Customers) < 2 {
			continue // it is the same in all answers
		}
		out = append(out, Fault{
			ID: "mixed" + m.at, Kind: "mixed-at-once", Breaks: "two requests at the same time get the " + m.at + " of each other",
			make: mixed(m.at), Try: []string{"concurrency/*"},
		})
	}
	return append(out, Fault{
		ID: "time/still", Kind: "time", Breaks: "the clock stands still from the first answer on",
		make: func(w *wrong) http.HandlerFunc {
			var first time.Time
			var once sync.Once
			return times(func(t time.Time) string {
				once.Do(func() { first = t })
				return first.UTC().Format("2006-01-02T15:04:05.000Z")
			})(w)
		},
	})
}

// mixed exchanges a member of two answers that are made within some
// milliseconds.
func mixed(at string) func(*wrong) http.HandlerFunc {
	return func(w *wrong) http.HandlerFunc {
		type pair struct{ first, second chan any }
		waiting := make(chan pair)
		return created(func(_ *wrong, _ []byte, a *reply) {
			body, err := match.Decode(a.body)
			value, there := match.Lookup(body, at)
			if err != nil || !there {
				return
			}
			mine := pair{make(chan any, 1), make(chan any, 1)}
			mine.first <- value
			other := value
			select {
			case met := <-waiting:
				met.second <- value
				other = <-met.first
			case waiting <- mine:
				other = <-mine.second
			case <-time.After(5 * time.Millisecond):
			}
			a.edit(at, func(any) (any, bool) { return other, true })
		})(w)
	}
}

// ofProjects are implementations that take another text for the project.
func (w *world) ofProjects(m *materials) []Fault {
	var out []Fault
	for _, other := range []struct {
		name, says string
		is         func(sent, right string) bool
		like       func(right string) string
	}{
		{"something-behind", "something behind its project", func(s, r string) bool { return s != r && strings.HasPrefix(s, r) }, func(r string) string { return r + "0" }},
		{"something-before", "something before its project", func(s, r string) bool { return s != r && strings.HasSuffix(s, r) }, func(r string) string { return "0" + r }},
		{"cut-off", "the beginning of its project", func(s, r string) bool { return s != r && strings.HasPrefix(r, s) }, func(r string) string { return r[:len(r)-1] }},
		{"cut-off-before", "the end of its project", func(s, r string) bool { return s != r && strings.HasSuffix(r, s) }, func(r string) string { return r[1:] }},
		{"of-the-same-length", "another project", func(s, r string) bool { return s != r && len(s) == len(r) }, func(r string) string { return r[:len(r)-1] + "x" }},
		{"with-blanks", "blanks around its project", func(s, r string) bool { return s != r && strings.Trim(s, " \t\n") == r }, func(r string) string { return r + "%20" }},
	} {
		out = append(out, Fault{
			ID: "project/" + other.name, Kind: "project", Breaks: "a request is accepted with " + other.says,
			make: inProject(other.is), Try: []string{"transport/path-*"},
			witness: func() []probe {
				return []probe{{body: m.accepted[0], path: func(path string) string {
					return strings.Replace(path, w.project.ID, other.like(w.project.ID), 1)
				}}}
			},
		})
	}
	return out
}

// inProject takes texts for the project that are none.
func inProject(is func(sent, right string) bool) func(*wrong) http.HandlerFunc {
	return func(w *wrong) http.HandlerFunc {
		before, after, _ := strings.Cut(w.world.op.Path, "{project_id}")
		return answering(func(w *wrong, r *http.Request, request []byte, a *reply) {
			sent, ok := strings.CutPrefix(r.URL.Path, before)
			sent, whole := strings.CutSuffix(sent, after)
			if right := w.world.project.ID; ok && whole && a.status == http.StatusNotFound && is(sent, right) {
				again := r.Clone(r.Context())
				again.URL.Path, again.URL.RawPath = before+right+after, ""
				*a = *w.ask(again, request)
			}
		})(w)
	}
}

// ofCodes are refusals whose code or text is that of another status.
func ofCodes() []Fault {
	var out []Fault
	for status, try := range map[int]string{http.StatusBadRequest: "transport/body-*", http.StatusUnauthorized: "transport/credentials-*", http.StatusNotFound: "transport/path-*"} {
		for _, other := range []*problem.Problem{
			problem.Invalid("x"), problem.Unauthorized("x"), problem.NotFound("x"), problem.Broken("x"), {Status: http.StatusTooManyRequests, Code: "VPN.0429", Message: "Too Many Request, Please try again later"},
			{Status: http.StatusForbidden, Code: "VPN.0003", Message: "Authentication failed: x"}, {Status: http.StatusConflict, Code: "VPN.0016", Message: "VPN gateway is not ready, please try again later"},
		} {
			if other.Status == status || status == http.StatusNotFound && other.Status == http.StatusBadRequest || status == http.StatusUnauthorized && other.Status == http.StatusForbidden {
				continue // the service itself writes a code of 400 with 404, and 401 and 403 both speak of credentials
			}
			out = append(out, Fault{
				ID: fmt.Sprintf("code/%d-as-%d", status, other.Status), Kind: "code-of-another-status", Try: []string{try},
				Breaks: fmt.Sprintf("a refusal with status %d has the code of %d", status, other.Status),
				make: answering(func(_ *wrong, _ *http.Request, _ []byte, a *reply) {
					if a.status == status {
						a.edit("/error_code", func(any) (any, bool) { return other.Code, true })
					}
				}),
			}, Fault{
				ID: fmt.Sprintf("code/%d-says-%d", status, other.Status), Kind: "text-of-another-status", Try: []string{try},
				Breaks: fmt.Sprintf("a refusal with status %d has the words of %d before its own", status, other.Status),
				make: answering(func(_ *wrong, _ *http.Request, _ []byte, a *reply) {
					if a.status == status {
						a.edit("/error_msg", func(v any) (any, bool) {
							return strings.TrimSuffix(other.Message, "x") + strings.TrimPrefix(fmt.Sprint(v), "invalid request: "), true
						})
					}
				}),
			})
		}
	}
	slices.SortFunc(out, func(a, b Fault) int { return strings.Compare(a.ID, b.ID) })
	return out
}
