package conformance_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/known"
	"github.com/vpnconform/vpnconform/conformance/report"
)

// TestLeaksBesideTheAnswer has a target show the key where no answer to a
// request is: in that of a busy target, and in what comes before an answer.
func TestLeaksBesideTheAnswer(t *testing.T) {
	key := regexp.MustCompile(`"psk":"([^"]+)"`)
	for name, row := range map[string]struct {
		leak  func(w http.ResponseWriter, r *http.Request, key string) (answered bool)
		place string
	}{
		"nowhere": {func(http.ResponseWriter, *http.Request, string) bool { return false }, ""},
		"busy": {func(w http.ResponseWriter, _ *http.Request, key string) bool {
			w.Header().Set("Retry-After", "0")
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusTooManyRequests)
			_, _ = io.WriteString(w, `{"error_code":"VPN.0429","error_msg":"busy, `+key+`"}`)
			return true
		}, "rule /body"},
		"early hints": {func(w http.ResponseWriter, _ *http.Request, key string) bool {
			w.Header().Set("Link", "<"+key+">")
			w.WriteHeader(http.StatusEarlyHints)
			w.Header().Del("Link")
			return false
		}, "rule /headers/Link"},
		"a part": {func(w http.ResponseWriter, _ *http.Request, key string) bool {
			w.Header().Set("X-Debug", key[1:])
			return false
		}, "rule /headers/X-Debug"},
	} {
		t.Run(name, func(t *testing.T) {
			healthy := newReference(t)
			var mu sync.Mutex
			seen := map[string]bool{}
			target := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body := peek(t, r)
				mu.Lock()
				first := !seen[body]
				seen[body] = true
				mu.Unlock()
				if found := key.FindStringSubmatch(body); found != nil && first && row.leak(w, r, found[1]) {
					return
				}
				healthy.ServeHTTP(w, r)
			}))
			r := run(t, conformance.Options{Target: target, Run: []string{"CreateVpnConnection/example/static"}, Once: true})
			found := known.Fingerprint(r.Results[0].Differences)
			if (row.place == "") != (r.Verdict() == report.Conforms) || !strings.Contains(found, row.place) {
				t.Errorf("%s: %s, want %s", r.Summary(), found, row.place)
			}
		})
	}
}

// TestSwitchingProtocols shows that a target that begins to speak something else
// is not waited for.
func TestSwitchingProtocols(t *testing.T) {
	done := make(chan struct{})
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		connection, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(connection, "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n")
		go func() { <-done; _ = connection.Close() }()
	}))
	defer target.Close()
	defer close(done)
	ended := make(chan *report.Report, 1)
	go func() {
		ended <- run(t, conformance.Options{Target: target.URL, Run: []string{"CreateVpnConnection/example/static"}})
	}()
	select {
	case r := <-ended:
		if found := known.Fingerprint(r.Results[0].Differences); r.Verdict() != report.Differs || !strings.Contains(found, "/status") {
			t.Errorf("%s: %s", r.Summary(), found)
		}
	case <-time.After(time.Minute):
		t.Fatal("the run waits for a target that answers no more")
	}
}
