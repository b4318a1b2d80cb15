package conformance_test

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
)

// listening serves every connection by itself, one after another, and returns the
// base URL. It has ended when the test has.
func listening(t testing.TB, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			serve(c)
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return "http://" + l.Addr().String()
}

// raw answers every connection with bytes, and hangs up.
func raw(t *testing.T, answer string) string {
	t.Helper()
	return listening(t, func(c net.Conn) {
		if r, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
			_, _ = io.Copy(io.Discard, r.Body)
		}
		_, _ = io.WriteString(c, answer)
		_ = c.(*net.TCPConn).CloseWrite()
		_, _ = io.Copy(io.Discard, c)
		_ = c.Close()
	})
}

// endless answers without end, each piece after a flush.
func endless(t *testing.T, piece string, pause time.Duration) string {
	t.Helper()
	return serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		for r.Context().Err() == nil {
			if _, err := io.WriteString(w, piece); err != nil {
				return
			}
			_ = http.NewResponseController(w).Flush()
			time.Sleep(pause)
		}
	}))
}

// TestHostileTargets runs against what is no implementation at all.
func TestHostileTargets(t *testing.T) {
	down := httptest.NewServer(nil)
	down.Close()
	tlsOnly := httptest.NewUnstartedServer(newReference(t))
	tlsOnly.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	tlsOnly.StartTLS()
	t.Cleanup(tlsOnly.Close)
	for name, row := range map[string]struct {
		target  string
		verdict report.Verdict
		says    string // in the reason, or in what came
	}{
		"down":       {down.URL, report.Incomplete, "connection refused"},
		"no TLS":     {"https" + strings.TrimPrefix(serve(t, newReference(t)), "http"), report.Incomplete, "server gave HTTP response to HTTPS client"},
		"unknown CA": {tlsOnly.URL, report.Incomplete, "certificate"},
		"HTML":       {raw(t, "HTTP/1.1 201 Created\r\nConnection: close\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>"), report.Differs, "<html>"},
		"nothing":    {raw(t, ""), report.Incomplete, "EOF"},
		"no HTTP":    {raw(t, "SSH-2.0-OpenSSH_9.2\r\n\r\n"), report.Incomplete, "malformed HTTP response"},
		"half":       {raw(t, "HTTP/1.1 201 Created\r\nConnection: close\r\nContent-Length: 100\r\n\r\n{\"vpn_"), report.Incomplete, "broke off after 6 bytes"},
		"half chunk": {raw(t, "HTTP/1.1 201 Created\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n100\r\n{\"vpn_"), report.Incomplete, "broke off after 6 bytes"},
		"huge header": {raw(t, "HTTP/1.1 201 Created\r\nConnection: close\r\nX-A: "+strings.Repeat("a", 1<<20)+"\r\n\r\n"), report.Incomplete,
			"server response headers exceeded"},
		"100 MB":   {endless(t, strings.Repeat(" ", 1<<20), 0), report.Differs, "more than 1 MiB"},
		"slow":     {endless(t, " ", 10*time.Millisecond), report.Incomplete, "no complete answer within 300ms"},
		"redirect": {serve(t, http.RedirectHandler("/", http.StatusFound)), report.Differs, "302 to /, which was not followed"},
		"gzip": {raw(t, "HTTP/1.1 201 Created\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x8b\x08"),
			report.Differs, "(withheld: 3 bytes in the coding gzip cannot be searched for secrets)"},
	} {
		t.Run(name, func(t *testing.T) {
			opts := conformance.Options{Target: row.target, Run: examples}
			if name == "slow" {
				opts.Timeout = 300 * time.Millisecond // the others end by themselves
			}
			r := run(t, opts)
			if r.Verdict() != row.verdict || r.Count()[report.Pass] > 0 {
				t.Errorf("verdict %d (%s), want %d", r.Verdict(), r.Summary(), row.verdict)
			}
			for _, result := range sent(r) {
				text := result.Reason
				for _, d := range result.Differences {
					text += "\n" + d.Got
				}
				if !strings.Contains(text, row.says) {
					t.Errorf("%s says %q, want %q", result.Case, text, row.says)
				}
			}
		})
	}
}

// TestMemory shows that a large answer is not kept.
func TestMemory(t *testing.T) {
	target := endless(t, strings.Repeat(" ", 1<<20), 0)
	run(t, conformance.Options{Target: serve(t, newReference(t)), Run: examples}) // loads what every run has, and takes more for that
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	run(t, conformance.Options{Target: target, Run: examples})
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 128<<20 {
		t.Errorf("%d MiB were allocated, server included, want less than 128", grown>>20)
	}
}

// TestRedirectKeepsCredentials shows that another host sees nothing.
func TestRedirectKeepsCredentials(t *testing.T) {
	var visits atomic.Int32
	other := serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visits.Add(1) }))
	var tokens atomic.Int32
	target := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Auth-Token") == "token" && r.Header.Get("X-Mine") == "mine" {
			tokens.Add(1)
		}
		http.Redirect(w, r, other, http.StatusTemporaryRedirect)
	}))
	t.Setenv("HTTP_PROXY", other)
	t.Setenv("http_proxy", other)
	env, err := suite.Default()
	if err != nil {
		t.Fatal(err)
	}
	env.Headers = map[string]string{"X-Mine": "mine"}
	run(t, conformance.Options{Target: target, Token: "token", Environment: env, Run: examples})
	if visits.Load() != 0 || tokens.Load() != 6 {
		t.Errorf("the other host was visited %d times, want 0; the target got the token %d times, want 6: every case failed, and was tried once more", visits.Load(), tokens.Load())
	}
}

// TestSecretsStayHidden has a target that repeats everything it is sent, and
// looks for the secrets in the report.
func TestSecretsStayHidden(t *testing.T) {
	const token, header = `secret "token" value`, "secret header value"
	var psk atomic.Value
	echo := func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, rest, _ := strings.Cut(string(body), `"psk":"`)
		key, _, _ := strings.Cut(rest, `"`)
		psk.Store(key)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Echo", key+r.Header.Get("X-Auth-Token"))
		w.WriteHeader(http.StatusCreated)
		if r.URL.Query().Has("raw") {
			return
		}
		_, _ = w.Write(body)
		_, _ = io.WriteString(w, r.Header.Get("X-Auth-Token")+r.Header.Get("X-Mine"))
	}
	env, err := suite.Default()
	if err != nil {
		t.Fatal(err)
	}
	env.Headers = map[string]string{"X-Mine": header}
	answers := map[string]http.HandlerFunc{
		"no JSON": echo,
		"JSON": func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			_, rest, _ := strings.Cut(string(body), `"psk":"`)
			key, _, _ := strings.Cut(rest, `"`)
			psk.Store(key)
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusCreated)
			_, _ = io.WriteString(w, `{"vpn_connection":{"name":"`+key+`","`+key+`":1,"style":"secret \"token\" value"},"request_id":"`+header+`"}`)
		},
	}
	for name, answer := range answers {
		r := run(t, conformance.Options{Target: serve(t, answer), Token: token, Environment: env, Run: examples})
		var text strings.Builder
		if err := report.WriteText(&text, r, report.TextOptions{}); err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{psk.Load().(string), token, `secret \"token\" value`, header} {
			if strings.Contains(text.String(), secret) {
				t.Errorf("%s: the report shows %q", name, secret)
			}
		}
		if !strings.Contains(text.String(), "psk is a secret that no answer repeats") {
			t.Errorf("%s: the leak is not reported:\n%s", name, text.String())
		}
	}
}

// TestInterrupt shows that a run that is stopped reports every case.
func TestInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	healthy := newReference(t)
	target := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { healthy.ServeHTTP(w, r) }))
	var seen []string
	r, err := conformance.Run(ctx, conformance.Options{Target: target, Run: examples, Jobs: 1, Ordered: true, Each: func(result report.Result) {
		seen = append(seen, result.Case)
		cancel()
	}})
	if err != nil {
		t.Fatal(err)
	}
	count := (&report.Report{Results: sent(r)}).Count()
	if count[report.Pass] != 1 || count[report.CouldNotRun] != 2 || r.Verdict() != report.Incomplete || len(seen) != 3 {
		t.Errorf("%s, %d results were handed out", r.Summary(), len(seen))
	}
	if reason := r.Results[2].Reason; reason != "interrupted" {
		t.Errorf("reason %q", reason)
	}
}
