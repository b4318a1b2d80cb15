package conformance

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
	for name, o := range map[string]outgoing{
		"no body, no type":       {method: "GET", header: agent},
		"nothing to delete":      {method: "DELETE", header: agent},
		"empty body":             {method: "PUT", header: agent},
		"empty body in chunks":   {method: "POST", header: agent, chunked: true},
		"a body with GET":        {method: "GET", header: agent, body: []byte("x")},
		"no field":               {method: "POST", header: map[string]string{"User-Agent": "", "Accept": "", "Content-Type": ""}, body: []byte("x")},
		"dots":                   {method: "POST", url: "/a/../b/./c", header: agent},
		"dots in escapes":        {method: "POST", url: "/a/%2e%2e/b", header: agent},
		"brackets":               {method: "POST", url: "/[1-3]/{a,b}?q[]=1&r={2}", header: agent},
		"other characters":       {method: "POST", url: "/é b'\"$HOME\\%41%2f", header: agent},
		"field beyond ASCII":     {method: "POST", header: map[string]string{"User-Agent": "é'\t%s\\n\xff$HOME"}},
		"field of net/http":      {method: "POST", header: map[string]string{"User-Agent": "a", "Host": "b", "Content-Length": "7"}, body: []byte("x")},
		"of its own":             {method: "POST", header: agent, alone: true},
		"an option":              {method: "POST", header: agent, body: []byte("-n\n")},
		"a file":                 {method: "POST", header: agent, body: []byte("@/etc/passwd")},
		"printf":                 {method: "POST", header: agent, body: []byte("%s\\n\x00é'\r\n\n")},
		"long":                   {method: "POST", header: agent, body: []byte(long)},
		"long, with line feeds":  {method: "POST", header: agent, body: []byte(long + "\n\n")},
		"long, in chunks":        {method: "POST", header: agent, body: []byte(long), chunked: true},
		"blanks":                 {method: "POST", header: agent, body: []byte("{}"), blanks: 2000},
		"blanks alone, in chunk": {method: "POST", header: agent, blanks: 3, chunked: true},
	} {
		o.url, o.masked = server.URL+o.url, o.body
		req, err := o.request(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		sender := httpClient(o.alone)
		resp, err := sender.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		sender.CloseIdleConnections()
		want := got
		got = arrived{}
		command := (&client{}).curl(o)
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
