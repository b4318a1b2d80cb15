package conformance

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/vpnconform/vpnconform/conformance/suite"
)

// TestHostileBodies judges and records answers of a megabyte that are made to cost
// much: what works on an answer is linear in it. No deadline ends it, and some took
// minutes.
func TestHostileBodies(t *testing.T) {
	s, err := suite.Load(1)
	if err != nil {
		t.Fatal(err)
	}
	r, err := newRunner(Options{Target: "http://127.0.0.1:1", Token: "AbCdEfGh12345678"}, s)
	if err != nil {
		t.Fatal(err)
	}
	c, ok := s.Case("example/static")
	if !ok {
		t.Fatal("there is no example")
	}
	requests, err := r.requests(c, r.env.Given())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"ten characters of the key": r.psk[:10],
		"the key":                   r.psk,
		"the token, cut":            "CdEfGh1234 ",
		"backslashes":               `\`,
		"escapes":                   `\u0041`,
		"quotes":                    `"`,
		"lists":                     "[",
		"objects":                   `{"a":`,
		"names of secrets":          `"psk":"`,
		"names of secrets, no text": `"psk" `,
		"percent signs":             "%25",
		"Base64":                    "QWJDZEVmR2gxMjM0NTY3OA==",
		"zeros":                     "\x00",
	} {
		for _, status := range []int{http.StatusCreated, http.StatusBadRequest, http.StatusServiceUnavailable} {
			a := &answer{status: status, header: http.Header{"Content-Type": {"application/json"}}, body: []byte(strings.Repeat(text, MaxAnswer/len(text)))}
			begin := time.Now()
			r.record(requests[0].out, sent{answer: a})
			r.judge.judge(c, requests[0].bound, a)
			a.busy(r.doc.Errors, 0)
			if took := time.Since(begin); took > 20*time.Second {
				t.Errorf("%s, status %d: %v", name, status, took)
			}
		}
	}
}
