package mistakes

import (
	"net/http"
	"strings"
	"sync"
)

// refusalMistakes refuse with a status, a code or a text that does not fit.
func refusalMistakes() []Mistake {
	const kind = "refusal"
	const codes, texts = "OTC-ERR: each code has its status", "OTC-ERR, VPN.0001: invalid request: and what is wrong"
	refuse := func(name, level, source string, change func(v Violation, r *Refusal)) Mistake {
		return switched(kind, name, level, source, Hooks{Refuse: func(c *Call, found []Violation, r *Refusal) {
			if c.Fields.members != nil { // of a body that could be read
				change(found[0], r)
			}
		}})
	}
	about := func(rule string) func(Violation) bool {
		return func(v Violation) bool { return strings.HasPrefix(v.Rule, rule) }
	}
	when := func(holds func(Violation) bool, change func(v Violation, r *Refusal)) func(Violation, *Refusal) {
		return func(v Violation, r *Refusal) {
			if holds(v) {
				change(v, r)
			}
		}
	}
	code := func(status int, code string) func(Violation, *Refusal) {
		return func(_ Violation, r *Refusal) { r.Status, r.Code = status, code }
	}
	text := func(s string) func(Violation, *Refusal) {
		return func(_ Violation, r *Refusal) { r.Text = s }
	}
	renamed := func(from, to string) func(Violation, *Refusal) {
		return func(_ Violation, r *Refusal) { r.Text = strings.ReplaceAll(r.Text, from, to) }
	}
	return []Mistake{
		refuse("refusal-400-with-apig-0301", should, codes, code(http.StatusBadRequest, "APIG.0301")),
		refuse("refusal-400-with-not-found-code", should, codes, code(http.StatusBadRequest, "VPN.0004")),
		refuse("refusal-400-with-server-error-code", should, codes, code(http.StatusBadRequest, "VPN.0002")),
		refuse("refusal-404-with-invalid-request-code", should, codes, code(http.StatusNotFound, "VPN.0001")),
		refuse("refusal-401-for-a-body", should, codes, code(http.StatusUnauthorized, "VPN.0010")),
		refuse("refusal-403-for-policy-rules", should, codes, when(about("policy_rules"), code(http.StatusForbidden, "VPN.0007"))),
		refuse("refusal-500-for-dpd", must, "Status Codes: 500 is a failure of the service", when(about("ikepolicy.dpd"),
			code(http.StatusInternalServerError, "VPN.0002"))),
		refuse("refusal-200-for-tags", must, "Response parameters: 201 alone is success, and a refusal is none", when(about("tags"),
			code(http.StatusOK, "VPN.0001"))),
		refuse("refusal-201-for-name", must, "Response parameters: 201 is success", when(about("name"), code(http.StatusCreated, "VPN.0001"))),
		refuse("refusal-empty-code-for-ipsecpolicy", should, texts, when(about("ipsecpolicy"), code(http.StatusBadRequest, ""))),
		refuse("refusal-text-says-nothing", should, texts, text("invalid request: bad parameter")),
		refuse("refusal-text-says-nothing-of-tags", should, texts, when(about("tags"), text("invalid request: bad parameter"))),
		refuse("refusal-text-names-peer-for-local", should, texts, renamed("local_id", "peer_id")),
		refuse("refusal-text-names-interval-for-timeout", should, texts, renamed("timeout", "interval")),
		refuse("refusal-text-names-dh-group-for-pfs", should, texts, renamed("pfs", "dh_group")),
		refuse("refusal-text-names-local-tunnel-for-peer", should, texts, renamed("tunnel_peer_address", "tunnel_local_address")),
		refuse("refusal-text-names-key-for-value", should, texts, renamed("value", "key")),
		refuse("refusal-text-names-object-alone", should, texts, func(v Violation, r *Refusal) {
			if object, _, ok := strings.Cut(v.Member, "."); ok {
				r.Text = "invalid request: " + object + " is not valid"
			}
		}),
		refuse("refusal-text-repeats-psk", must, "Response parameters: psk is none of them", when(about("psk"), func(v Violation, r *Refusal) {
			r.Text = "invalid request: psk " + v.text() + " is not valid"
		})),
		{
			Name: "refusal-text-of-the-request-before", Kind: kind, Level: should, Source: texts,
			Hooks: func(*Recording) Hooks {
				var mu sync.Mutex
				before := "invalid request"
				return Hooks{Refuse: func(_ *Call, _ []Violation, r *Refusal) {
					mu.Lock()
					defer mu.Unlock()
					before, r.Text = r.Text, before
				}}
			},
		},
	}
}
