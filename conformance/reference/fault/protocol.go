package fault

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/conformance/reference/internal/problem"
)

// statuses are those of 2xx and 4xx that are registered.
func statuses() []int {
	var out []int
	for status := 200; status < 500; status++ {
		if http.StatusText(status) != "" && (status < 300 || status >= 400) {
			out = append(out, status)
		}
	}
	return append(out, 301, 302, 500, 502, 503)
}

// ofAnswers are other statuses, and bodies that are no JSON or too much of it.
func ofAnswers() []Fault {
	var out []Fault
	for _, status := range statuses() {
		if status != http.StatusCreated {
			out = append(out, Fault{
				ID: fmt.Sprintf("status/created-%d", status), Kind: "status-of-created", Breaks: fmt.Sprintf("a connection is created with status %d", status),
				make: created(func(_ *wrong, _ []byte, a *reply) { a.status = status }),
			})
		}
		if status != http.StatusBadRequest {
			out = append(out, Fault{
				ID: fmt.Sprintf("status/refused-%d", status), Kind: "status-of-refused", Breaks: fmt.Sprintf("a wrong request is refused with status %d", status),
				make: refusedWith(func(_ *wrong, _ []byte, a *reply) { a.status = status }),
			})
		}
	}
	for name, change := range bodyFaults() {
		out = append(out, Fault{
			ID: "body/" + name, Kind: "body", Breaks: "the body of an answer is " + strings.ReplaceAll(name, "-", " "),
			make: created(func(_ *wrong, _ []byte, a *reply) { a.body = change(a.body) }),
		})
	}
	slices.SortStableFunc(out, func(a, b Fault) int { return strings.Compare(a.ID, b.ID) })
	return out
}

func bodyFaults() map[string]func([]byte) []byte {
	return map[string]func([]byte) []byte{
		"truncated":            func(b []byte) []byte { return b[:len(b)/2] },
		"doubled":              func(b []byte) []byte { return append(bytes.Clone(b), b...) },
		"with-byte-order-mark": func(b []byte) []byte { return append([]byte("\xef\xbb\xbf"), b...) },
		"empty":                func([]byte) []byte { return nil },
		"null":                 func([]byte) []byte { return []byte("null") },
		"an-empty-object":      func([]byte) []byte { return []byte("{}") },
		"in-a-list":            func(b []byte) []byte { return append(append([]byte("["), b...), ']') },
		"in-quotes":            func(b []byte) []byte { q, _ := json.Marshal(string(b)); return q },
		"unwrapped": func(b []byte) []byte {
			body, _ := match.Decode(b)
			inner, _ := match.Lookup(body, "/vpn_connection")
			out, _ := json.Marshal(inner)
			return out
		},
		"with-a-trailing-comma": func(b []byte) []byte { return append(bytes.TrimRight(b, "}\n"), ",}}"...) },
		"with-a-member-twice": func(b []byte) []byte {
			return bytes.Replace(b, []byte(`"style":`), []byte(`"style":"STATIC","style":`), 1)
		},
		"HTML":      func([]byte) []byte { return []byte("<html><body>Created</body></html>") },
		"with-NaN":  func(b []byte) []byte { return bytes.Replace(b, []byte(`"timeout":`), []byte(`"timeout":NaN,"x":`), 1) },
		"not-UTF-8": func(b []byte) []byte { return bytes.Replace(b, []byte(`"name":"`), []byte("\"name\":\"\xff"), 1) },
	}
}

// ofHeaders are wrong header fields.
func ofHeaders() []Fault {
	var out []Fault
	add := func(name, breaks string, change func(a *reply)) {
		out = append(out, Fault{
			ID: "header/created-" + name, Kind: "header", Breaks: "the answer to an accepted request " + breaks,
			make: created(func(_ *wrong, _ []byte, a *reply) { change(a) }),
		}, Fault{
			ID: "header/refused-" + name, Kind: "header", Breaks: "a refusal " + breaks,
			make: refusedWith(func(_ *wrong, _ []byte, a *reply) { change(a) }),
		})
	}
	add("no-content-type", "has no Content-Type", func(a *reply) { a.header["Content-Type"] = nil })
	add("content-type-text", "says that it is text", func(a *reply) { a.header.Set("Content-Type", "text/plain") })
	add("content-type-latin-1", "says that it is Latin-1", func(a *reply) { a.header.Set("Content-Type", "application/json; charset=iso-8859-1") })
	add("content-type-twice", "has two Content-Types", func(a *reply) { a.header["Content-Type"] = []string{"application/json", "text/html"} })
	add("content-encoding", "says that it is packed", func(a *reply) { a.header.Set("Content-Encoding", "gzip") })
	add("content-encoding-twice", "says twice how it is packed", func(a *reply) { a.header["Content-Encoding"] = []string{"identity", "gzip"} })
	add("no-request-id", "has no X-Request-Id", func(a *reply) { a.header.Del(problem.RequestIDHeader) })
	add("other-request-id", "has another X-Request-Id than its body", func(a *reply) {
		a.header.Set(problem.RequestIDHeader, "00000000-0000-4000-8000-000000000001")
	})
	return out
}

// ofRefusals are faults of the answers to wrong requests.
func ofRefusals() []Fault {
	var out []Fault
	add := func(name, breaks string, change func(w *wrong, a *reply)) {
		out = append(out, Fault{
			ID: "refusal/" + name, Kind: "refusal", Breaks: "a refusal " + breaks,
			make: refusedWith(func(w *wrong, _ []byte, a *reply) { change(w, a) }),
		})
	}
	text := func(body string) func(*wrong, *reply) { return func(_ *wrong, a *reply) { a.body = []byte(body) } }
	set := func(at string, value any) func(*wrong, *reply) {
		return func(_ *wrong, a *reply) { a.body = patched(a.body, "replace", at, value) }
	}
	drop := func(at string) func(*wrong, *reply) {
		return func(_ *wrong, a *reply) { a.body = patched(a.body, "remove", at, nil) }
	}
	add("empty", "has no body", text(""))
	add("empty-object", "is an empty object", text("{}"))
	add("null", "is null", text("null"))
	add("html", "is HTML", text("<html>Bad Request</html>"))
	add("other-shape", "has a shape of its own", text(`{"error":{"status":400,"reason":"bad"}}`))
	add("problem-json", "has the shape of RFC 9457", text(`{"type":"about:blank","title":"Bad Request","status":400}`))
	add("in-a-list", "is a list", func(_ *wrong, a *reply) { a.body = append(append([]byte("["), bytes.TrimSpace(a.body)...), ']') })
	add("empty-code", "has an empty code", set("/error_code", ""))
	add("no-code", "has no code", drop("/error_code"))
	add("number-code", "has a number as its code", set("/error_code", 1))
	add("empty-message", "has an empty message", set("/error_msg", ""))
	add("no-message", "has no message", drop("/error_msg"))
	add("number-message", "has a number as its message", set("/error_msg", 1))
	add("general-message", "names no member", set("/error_msg", "invalid request"))
	add("other-member", "names another member", set("/error_msg", "invalid request: admin_state is wrong"))
	add("code-ok", "has OK as its code", set("/error_code", "OK"))
	add("every-member", "names every member", func(w *wrong, a *reply) {
		a.body = patched(a.body, "replace", "/error_msg", "invalid request: check "+strings.Join(w.world.names(), ", "))
	})
	add("constant-id", "has the same request_id as any other, in body and header", func(_ *wrong, a *reply) {
		const id = "00000000-0000-4000-8000-000000000002"
		a.header.Set(problem.RequestIDHeader, id)
		a.body = patched(a.body, "replace", "/request_id", id)
	})
	add("creates-elsewhere", "has a connection in it under another name", func(_ *wrong, a *reply) {
		a.body = patched(a.body, "add", "/data", []any{map[string]any{
			"id": "00000000-0000-4000-8000-000000000001", "name": "vpn-13be", "style": "STATIC", "created_at": "2022-11-26T13:41:34.626Z",
		}})
	})
	add("truncated", "breaks off", func(_ *wrong, a *reply) { a.body = a.body[:len(a.body)/2] })
	add("creates", "has a connection in it", func(_ *wrong, a *reply) {
		a.body = patched(a.body, "add", "/vpn_connection", map[string]any{"id": "00000000-0000-4000-8000-000000000001"})
	})
	return out
}

// ofSecrets are answers that say too much.
func ofSecrets() []Fault {
	leak := func(name, breaks string, put func(a *reply, key string)) []Fault {
		change := func(_ *wrong, request []byte, a *reply) {
			body, _ := match.Decode(request) // nil if it is no JSON
			if key, ok := match.Lookup(body, "/vpn_connection/psk"); ok {
				if text, isText := key.(string); isText && len(text) >= 8 {
					put(a, text)
				}
			}
		}
		return []Fault{
			{ID: "secret/created-" + name, Kind: "secret", Breaks: "the answer to an accepted request has the key " + breaks, make: created(change)},
			{ID: "secret/refused-" + name, Kind: "secret", Breaks: "a refusal has the key " + breaks, make: refusedWith(change)},
		}
	}
	in := func(write func(string) string) func(*reply, string) {
		return func(a *reply, key string) {
			a.body = patched(a.body, "add", "/detail", write(key))
		}
	}
	credentials := answering(func(_ *wrong, r *http.Request, _ []byte, a *reply) {
		if token := r.Header.Get("X-Auth-Token"); token != "" {
			a.body = patched(a.body, "add", "/token", token)
		}
	})
	inHeader := answering(func(_ *wrong, r *http.Request, _ []byte, a *reply) {
		if token := r.Header.Get("X-Auth-Token"); token != "" {
			a.header.Set("X-Auth-Token", token)
		}
	})
	message := leak("in-message", "in its message", func(a *reply, key string) {
		a.edit("/error_msg", func(v any) (any, bool) { return fmt.Sprintf("%v: psk %s", v, key), true })
	})
	return slices.Concat(
		[]Fault{
			{ID: "secret/token", Kind: "secret", Breaks: "an answer has the token of the request", make: credentials},
			{ID: "secret/token-in-header", Kind: "secret", Breaks: "an answer has the token of the request in a header field", make: inHeader},
		},
		message[1:], // an answer to an accepted request has none
		leak("in-member", "in a member", in(func(key string) string { return key })),
		leak("in-text", "inside a text", in(func(key string) string { return "key " + key + " stored" })),
		leak("in-base64", "in Base64", in(func(key string) string { return base64.StdEncoding.EncodeToString([]byte(key)) })),
		leak("in-hex", "in hexadecimal", in(func(key string) string { return fmt.Sprintf("%x", key) })),
		leak("in-longer-base64", "in Base64 of a longer text", in(func(key string) string {
			return base64.StdEncoding.EncodeToString([]byte(`{"psk":"` + key + `"}`))
		})),
		leak("in-percent", "with every byte as in a URL", in(func(key string) string {
			var b strings.Builder
			for _, c := range []byte(key) {
				fmt.Fprintf(&b, "%%%02x", c)
			}
			return b.String()
		})),
		leak("in-text-of-json", "in a text of JSON in a text of JSON", in(func(key string) string {
			once, _ := json.Marshal(key)
			twice, _ := json.Marshal(string(once)) // texts always encode
			return string(twice)
		})),
		leak("in-part", "but for its last character", in(func(key string) string { return key[:len(key)-1] })),
		leak("backwards", "backwards", in(func(key string) string {
			letters := []byte(key)
			slices.Reverse(letters)
			return string(letters)
		})),
		leak("in-header", "in a header field", func(a *reply, key string) { a.header.Set("X-Debug", strings.TrimSpace(key)) }),
		leak("as-name", "as the name of a member", func(a *reply, key string) {
			a.body = patched(a.body, "add", "/"+strings.NewReplacer("~", "~0", "/", "~1").Replace(key), true)
		}),
	)
}

// ofAccess are implementations that let somebody in who has other credentials.
func ofAccess() []Fault {
	admits := func(name, breaks string, lets func(sent, right string) bool) Fault {
		return Fault{ID: "access/" + name, Kind: "access", Breaks: "a request is accepted with " + breaks, Try: []string{"transport/credentials-*"}, make: func(w *wrong) http.HandlerFunc {
			var mu sync.Mutex
			right := "" // once it was sent
			return answering(func(_ *wrong, r *http.Request, request []byte, a *reply) {
				mu.Lock()
				defer mu.Unlock()
				sent := r.Header.Get("X-Auth-Token")
				if a.status == http.StatusCreated {
					right = sent
				}
				if a.status == http.StatusUnauthorized && right != "" && lets(sent, right) {
					again := r.Clone(r.Context())
					again.Header.Set("X-Auth-Token", right)
					*a = *w.ask(again, request)
				}
			})(w)
		}}
	}
	return []Fault{
		admits("missing", "no token", func(sent, _ string) bool { return sent == "" }),
		admits("wrong", "any token", func(sent, _ string) bool { return sent != "" }),
		admits("shortened", "the beginning of a token", func(sent, right string) bool { return sent != "" && strings.HasPrefix(right, sent) }),
		admits("lengthened", "a token and more behind it", strings.HasPrefix),
		admits("changed", "a token of the right length", func(sent, right string) bool { return len(sent) == len(right) }),
	}
}

// ofState are implementations that mix up what they remember.
func ofState() []Fault {
	return []Fault{
		{ID: "state/first-answer", Kind: "state", Breaks: "every request gets the first answer", make: remembering()},
		{ID: "state/previous-answer", Kind: "state", Breaks: "a request gets the answer of the one before", make: previous()},
		{ID: "state/constant-id", Kind: "state", Breaks: "every connection has the same id", make: constant("/vpn_connection/id")},
		{ID: "state/constant-request-id", Kind: "state", Breaks: "every answer has the same request_id, in body and header", make: func(w *wrong) http.HandlerFunc {
			return created(func(_ *wrong, _ []byte, a *reply) {
				const id = "00000000-0000-4000-8000-000000000001"
				a.header.Set(problem.RequestIDHeader, id)
				a.body = patched(a.body, "replace", "/request_id", id)
			})(w)
		}},
		{ID: "state/swapped", Kind: "state", Breaks: "two requests at the same time get the answers of each other", make: swapped(), Try: []string{"concurrency/*"}},
		{ID: "state/id-every-tenth", Kind: "state", Breaks: "every tenth connection has the id of the first", make: everyTenth()},
		{ID: "time/local", Kind: "time", Breaks: "the times are local", make: times(func(t time.Time) string {
			return t.In(time.FixedZone("", 2*3600)).Format("2006-01-02T15:04:05.000-07:00")
		})},
		{ID: "time/no-zone", Kind: "time", Breaks: "the times have no zone", make: times(func(t time.Time) string { return t.Format("2006-01-02T15:04:05.000") })},
		{ID: "time/date", Kind: "time", Breaks: "the times are dates", make: times(func(t time.Time) string { return t.Format("2006-01-02") })},
		{ID: "time/with-blank", Kind: "time", Breaks: "the times have a blank in the middle", make: times(func(t time.Time) string { return t.Format("2006-01-02 15:04:05.000Z") })},
		{ID: "time/seconds", Kind: "time", Breaks: "the times are seconds in a text", make: times(func(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) })},
		{ID: "time/http", Kind: "time", Breaks: "the times are in the form of HTTP", make: times(func(t time.Time) string { return t.Format(http.TimeFormat) })},
		{ID: "time/number", Kind: "time", Breaks: "the times are numbers", make: created(func(_ *wrong, _ []byte, a *reply) {
			for _, at := range []string{"/vpn_connection/created_at", "/vpn_connection/updated_at"} {
				a.edit(at, func(any) (any, bool) { return 1669470094, true })
			}
		})},
		{ID: "time/hour-late", Kind: "time", Breaks: "the times are an hour late", make: times(func(t time.Time) string {
			return t.Add(-time.Hour).UTC().Format("2006-01-02T15:04:05.000Z")
		})},
		{ID: "time/constant", Kind: "time", Breaks: "the times are those of the page's examples", make: times(func(time.Time) string { return "2022-11-26T13:41:34.626Z" })},
		{ID: "time/updated-later", Kind: "time", Breaks: "a new connection was updated after it was created", make: created(func(_ *wrong, _ []byte, a *reply) {
			a.edit("/vpn_connection/updated_at", func(any) (any, bool) { return "2035-01-01T00:00:00.000Z", true })
		})},
		{ID: "error/stack-trace", Kind: "secret", Breaks: "an error shows a stack trace instead of a reason", make: refusedWith(func(_ *wrong, _ []byte, a *reply) {
			a.body = patched(a.body, "replace", "/error_msg", "panic: runtime error: index out of range\ngoroutine 1 [running]:\nmain.main()")
		})},
	}
}

// remembering answers with the body of the first answer.
func remembering() func(*wrong) http.HandlerFunc {
	return func(w *wrong) http.HandlerFunc {
		var first []byte
		var once sync.Once
		return created(func(_ *wrong, _ []byte, a *reply) {
			once.Do(func() { first = bytes.Clone(a.body) })
			a.body = first
		})(w)
	}
}

// previous answers with the body of the answer before.
func previous() func(*wrong) http.HandlerFunc {
	return func(w *wrong) http.HandlerFunc {
		var mu sync.Mutex
		var last []byte
		return created(func(_ *wrong, _ []byte, a *reply) {
			mu.Lock()
			defer mu.Unlock()
			now := bytes.Clone(a.body)
			if last != nil {
				a.body = last
			}
			last = now
		})(w)
	}
}

// swapped exchanges the bodies of two answers that are made within some
// milliseconds.
func swapped() func(*wrong) http.HandlerFunc {
	return func(w *wrong) http.HandlerFunc {
		type pair struct{ first, second chan []byte }
		waiting := make(chan pair)
		return created(func(_ *wrong, _ []byte, a *reply) {
			mine := pair{make(chan []byte, 1), make(chan []byte, 1)}
			mine.first <- a.body
			select {
			case other := <-waiting:
				other.second <- a.body
				a.body = <-other.first
			case waiting <- mine:
				a.body = <-mine.second
			case <-time.After(5 * time.Millisecond):
			}
		})(w)
	}
}

// constant answers with the first value of a member.
func constant(at string) func(*wrong) http.HandlerFunc {
	return func(w *wrong) http.HandlerFunc {
		var first any
		var once sync.Once
		return created(func(_ *wrong, _ []byte, a *reply) {
			a.edit(at, func(v any) (any, bool) { once.Do(func() { first = v }); return first, true })
		})(w)
	}
}

// everyTenth gives every tenth connection the id of the first.
func everyTenth() func(*wrong) http.HandlerFunc {
	return func(w *wrong) http.HandlerFunc {
		var mu sync.Mutex
		var first any
		n := 0
		return created(func(_ *wrong, _ []byte, a *reply) {
			mu.Lock()
			defer mu.Unlock()
			n++
			a.edit("/vpn_connection/id", func(v any) (any, bool) {
				if first == nil {
					first = v
				}
				return first, n%10 == 0
			})
		})(w)
	}
}

// times writes both times of a connection in another form.
func times(write func(time.Time) string) func(*wrong) http.HandlerFunc {
	return created(func(_ *wrong, _ []byte, a *reply) {
		for _, at := range []string{"/vpn_connection/created_at", "/vpn_connection/updated_at"} {
			a.edit(at, func(v any) (any, bool) {
				t, err := time.Parse(time.RFC3339, fmt.Sprint(v))
				return write(t), err == nil
			})
		}
	})
}
