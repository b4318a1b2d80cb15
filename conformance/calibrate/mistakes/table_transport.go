package mistakes

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"
)

// transportMistakes enforce rules for requests that come in one way alone.
func transportMistakes() []Mistake {
	const kind = "transport"
	return []Mistake{
		skip(kind, "charset-skips-everything", charset, "*"),
		skip(kind, "charset-skips-psk-classes", charset, pskClasses),
		skip(kind, "chunked-skips-everything", chunked, "*"),
		skip(kind, "chunked-skips-subnets", chunked, subnetsReserved, subnetsCount, subnetsBlock),
		skip(kind, "pretty-skips-everything", pretty, "*"),
		skip(kind, "pretty-skips-tags", pretty, keyChars, valueChars, keyLength, valueLength),
		skip(kind, "blank-first-skips-everything", blankFirst, "*"),
		skip(kind, "escaped-names-skip-everything", escapedNames, "*"),
		skip(kind, "nqa-before-style-not-checked", comesBefore("vpn_connection", "enable_nqa", "style"), nqaStatic),
		skip(kind, "rules-before-style-not-checked", comesBefore("vpn_connection", "policy_rules", "style"), rulesPolicy),
		skip(kind, "gcm-before-version-not-checked",
			comesBefore("vpn_connection.ikepolicy", "encryption_algorithm", "ike_version"), gcm),
		skip(kind, "gcm-after-version-not-checked",
			comesBefore("vpn_connection.ikepolicy", "ike_version", "encryption_algorithm"), gcm),
		skip(kind, "local-type-before-id-not-checked",
			comesBefore("vpn_connection.ikepolicy", "local_id_type", "local_id"), localChars),
		skip(kind, "psk-first-not-checked", comesBefore("vpn_connection", "psk", "vgw_id"), pskClasses, pskLength),
		skip(kind, "psk-last-not-checked", comesBefore("vpn_connection", "vgw_id", "psk"), pskClasses, pskLength),
		skip(kind, "fresh-connections-only", reused, nameLength, nameChars, ikeMin, ikeMax, timeoutMin, timeoutMax),
		skip(kind, "kept-connections-only", unless(reused), "*"),
		skip(kind, "first-500-requests-only", after(500), "*"),
		skip(kind, "first-1000-requests-only", after(1000), "*"),
		skip(kind, "first-1000-requests-check-tunnel", after(1000), append(tunnelRules("host"), tunnelRules("mask")...)...),
		skip(kind, "first-second-only", later(time.Second), "*"),
		skip(kind, "accept-any-skips-everything", acceptAny, "*"),
		skip(kind, "accept-json-skips-ranges", unless(acceptAny), ikeMin, ikeMax, ipsecMin, ipsecMax, timeoutMin, timeoutMax),
		skip(kind, "only-for-the-kit", unless(agent), "*"),
		skip(kind, "upper-case-media-type-skips-everything", func(c *Call) bool {
			media, _, _ := mime.ParseMediaType(c.HTTP.Header.Get("Content-Type"))
			return !strings.HasPrefix(c.HTTP.Header.Get("Content-Type"), media)
		}, "*"),
		mends(kind, "malformed-with-charset", func(r *http.Request, _ []byte) bool { return strings.Contains(r.Header.Get("Content-Type"), ";") }),
		mends(kind, "malformed-in-chunks", func(r *http.Request, _ []byte) bool { return r.ContentLength < 0 }),
		mends(kind, "malformed-with-bgp", func(_ *http.Request, body []byte) bool { return bytes.Contains(body, []byte(`"bgp"`)) }),
		mends(kind, "malformed-with-policy", func(_ *http.Request, body []byte) bool { return bytes.Contains(body, []byte(`"policy_rules"`)) }),
		skip(kind, "every-second-request-only", func(c *Call) bool { return c.Number%2 == 0 }, "*"),
	}
}

// mends returns the mistake of taking a body that is no JSON, of some requests, for
// the last one that was accepted.
func mends(kind, name string, when func(*http.Request, []byte) bool) Mistake {
	return switched(kind, name, should, "OTC-ERR, VPN.0001", Hooks{Wrap: func(next http.Handler) http.Handler {
		var mu sync.Mutex
		var last []byte
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return
			}
			mu.Lock()
			if !json.Valid(body) && when(r, body) {
				body = last
			}
			mu.Unlock()
			r.Body = io.NopCloser(bytes.NewReader(body))
			answer := httptest.NewRecorder()
			next.ServeHTTP(answer, r)
			if answer.Code == http.StatusCreated {
				mu.Lock()
				last = body
				mu.Unlock()
			}
			for name, values := range answer.Header() {
				w.Header()[name] = values
			}
			w.WriteHeader(answer.Code)
			_, _ = answer.Body.WriteTo(w)
		})
	}})
}

// Recording is what was asked and answered in a run.
type Recording struct {
	mu    sync.Mutex
	known map[string]bool
}

// NewRecording returns an empty one.
func NewRecording() *Recording {
	return &Recording{known: map[string]bool{}}
}

// Record returns a proxy in front of a server that remembers the bodies.
func (r *Recording) Record(next *Server) http.Handler {
	hooks := next.hooks
	hooks.Ignore = func(c *Call, _ Violation) bool {
		r.learn(c)
		return false
	}
	hooks.Answer = func(c *Call, _ map[string]any) { r.learn(c) }
	return New(next.env, hooks)
}

// learn remembers a request.
func (r *Recording) learn(c *Call) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.known[key(c)] = true
}

// knows reports whether a request came in the recorded run.
func (r *Recording) knows(c *Call) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.known[key(c)]
}

// Len is the number of different requests.
func (r *Recording) Len() int { return len(r.known) }

// key is what is remembered of a request: its members. A lawful key is left
// out, since the kit makes up a new one for every run.
func key(c *Call) string {
	members := map[string]any{}
	for name, v := range c.Fields.members {
		members[name] = v
	}
	if psk, ok := members["psk"].(string); ok && classes(psk) >= 3 && len(psk) >= 8 && len(psk) <= 128 && pskForm.MatchString(psk) {
		members["psk"] = nil
	}
	data, err := json.Marshal(members)
	if err != nil || c.Fields.members == nil {
		return string(bytes.TrimSpace(c.Body))
	}
	return string(data)
}

// memoryMistakes know the requests of another run by heart, and look at little
// in those they do not know.
func memoryMistakes() []Mistake {
	learn := func(name string, looks func(rule, aspect string) bool) Mistake {
		o := obligations["*"]
		return Mistake{
			Name: name, Kind: "memory", Level: o.level, Source: o.source, Learns: true,
			Hooks: func(r *Recording) Hooks {
				return Hooks{Ignore: func(c *Call, v Violation) bool {
					if v.Rule == "vpn_connection.required" { // there is nothing to look up
						return false
					}
					return !looks(v.Rule, v.Rule[strings.LastIndex(v.Rule, ".")+1:]) && !r.knows(c)
				}}
			},
		}
	}
	return []Mistake{
		learn("memorise-seed-1", func(_, aspect string) bool { return aspect == "type" }),
		learn("memorise-seed-1-and-know-the-schema", func(rule, aspect string) bool {
			switch aspect {
			case "type", "enum", "min", "max", "length", "count", "chars", "form":
				return true
			case "required":
				return !slices.Contains([]string{subnetsRequired, "psk.required", localRequired, "ikepolicy.peer_id.required"}, rule)
			}
			return false
		}),
	}
}
