package client

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestCurlOfOddRequests sends requests that no case has, with net/http and with
// the curl command, and wants the same to arrive.
func TestCurlOfOddRequests(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skipf("curl is not installed: %v", err)
	}
	type arrived struct {
		Method, Host, Target, Body string
		Header                     http.Header
		Length                     int64
		Coding                     []string
	}
	var got arrived
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		got = arrived{r.Method, r.Host, r.RequestURI, string(body), r.Header.Clone(), r.ContentLength, r.TransferEncoding}
	}))
	t.Cleanup(server.Close)
	agent := map[string]string{"User-Agent": "a"}
	long := strings.Repeat(`"x' $(touch pwned) \u0041`, 100)
	for name, o := range map[string]Request{
		"no body, no type":       {Method: "GET", Header: agent},
		"nothing to delete":      {Method: "DELETE", Header: agent},
		"empty body":             {Method: "PUT", Header: agent},
		"empty body in chunks":   {Method: "POST", Header: agent, chunked: true},
		"a body with GET":        {Method: "GET", Header: agent, Body: []byte("x")},
		"no field":               {Method: "POST", Header: map[string]string{"User-Agent": "", "Accept": "", "Content-Type": ""}, Body: []byte("x")},
		"dots":                   {Method: "POST", URL: "/a/../b/./c", Header: agent},
		"dots in escapes":        {Method: "POST", URL: "/a/%2e%2e/b", Header: agent},
		"brackets":               {Method: "POST", URL: "/[1-3]/{a,b}?q[]=1&r={2}", Header: agent},
		"other characters":       {Method: "POST", URL: "/é b'\"$HOME\\%41%2f", Header: agent},
		"field beyond ASCII":     {Method: "POST", Header: map[string]string{"User-Agent": "é'\t%s\\n\xff$HOME"}},
		"field of net/http":      {Method: "POST", Header: map[string]string{"User-Agent": "a", "Host": "b", "Content-Length": "7"}, Body: []byte("x")},
		"of its own":             {Method: "POST", Header: agent, ownConnection: true},
		"an option":              {Method: "POST", Header: agent, Body: []byte("-n\n")},
		"a file":                 {Method: "POST", Header: agent, Body: []byte("@/etc/passwd")},
		"printf":                 {Method: "POST", Header: agent, Body: []byte("%s\\n\x00é'\r\n\n")},
		"long":                   {Method: "POST", Header: agent, Body: []byte(long)},
		"long, with line feeds":  {Method: "POST", Header: agent, Body: []byte(long + "\n\n")},
		"long, in chunks":        {Method: "POST", Header: agent, Body: []byte(long), chunked: true},
		"blanks":                 {Method: "POST", Header: agent, Body: []byte("{}"), blanks: 2000},
		"blanks alone, in chunk": {Method: "POST", Header: agent, blanks: 3, chunked: true},
	} {
		o.URL, o.Masked = server.URL+o.URL, o.Body
		req, err := o.httpRequest(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		sender := httpClient(o.ownConnection)
		resp, err := sender.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		sender.CloseIdleConnections()
		want := got
		got = arrived{}
		command := (&Client{}).Curl(o)
		if strings.ContainsFunc(command, func(r rune) bool { return r != '\n' && (r < ' ' || r > '~') }) {
			t.Errorf("%s: the command is not printable: %q", name, command)
		}
		sh := exec.CommandContext(t.Context(), "sh", "-c", command)
		sh.Dir = t.TempDir()
		sh.Env = append(sh.Environ(), "HOME="+sh.Dir, "NO_PROXY=*")
		if out, err := sh.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s\n%s", name, err, command, out)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s\n%s", name, diff, command)
		}
	}
}
