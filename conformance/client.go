package conformance

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/vpnconform/vpnconform/conformance/suite"
	"github.com/vpnconform/vpnconform/openapi"
)

// MaxAnswer is the number of bytes up to which an answer's body is read.
const MaxAnswer = 1 << 20

// answer is what a target answered.
type answer struct {
	status    int
	header    http.Header
	body      []byte
	truncated bool   // there is more than MaxAnswer bytes
	reason    string // of the status line
	trailer   http.Header
}

// client talks to the target, and to nobody else.
type client struct {
	base     *url.URL
	own      map[string]string // the environment's header fields, by canonical name
	tokenEnv string            // the variable that holds the token; may be empty
	token    string
	psk      string // masked in what is shown
	http     *http.Client
}

func newClient(target string, env suite.Environment, token string) (*client, error) {
	base, err := url.Parse(target)
	switch {
	case err != nil:
		return nil, usage("target: %v", err)
	case base.Scheme != "http" && base.Scheme != "https" || base.Host == "":
		return nil, usage("target %q is no http or https URL", target)
	case base.User != nil || base.RawQuery != "" || base.ForceQuery || base.Fragment != "":
		return nil, usage("target %q has more than a host and a path", base.Redacted())
	}
	own := map[string]string{}
	for name, value := range env.Headers {
		canonical := http.CanonicalHeaderKey(name)
		if canonical == "X-Auth-Token" && token != "" {
			return nil, usage("the environment's header %s and its token_env are two tokens", name)
		}
		own[canonical] = value
	}
	return &client{base: base, own: own, tokenEnv: env.TokenEnv, token: token, http: &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy:                  nil, // a proxy would see the credentials
			DisableCompression:     true,
			DisableKeepAlives:      true, // a target that closes one unannounced would look as if it had failed
			MaxResponseHeaderBytes: 64 << 10,
			ForceAttemptHTTP2:      true,
		},
	}}, nil
}

func (c *client) close() { c.http.CloseIdleConnections() }

// url returns the operation's URL at the target.
func (c *client) url(op openapi.Operation, project string) string {
	return operationURL(c.base.String(), op, project)
}

func operationURL(base string, op openapi.Operation, project string) string {
	return strings.TrimSuffix(base, "/") + strings.ReplaceAll(op.Path, "{project_id}", url.PathEscape(project))
}

// send sends one request. The error says why there is no whole answer.
func (c *client) send(ctx context.Context, method, url string, body []byte) (*answer, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	for name, value := range c.headers() {
		req.Header.Set(name, value)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, cause(err)
	}
	defer func() { _ = resp.Body.Close() }()
	a := &answer{status: resp.StatusCode, header: resp.Header, reason: resp.Status}
	a.body, err = io.ReadAll(io.LimitReader(resp.Body, MaxAnswer+1))
	if err != nil {
		return nil, fmt.Errorf("the answer broke off after %d bytes: %w", len(a.body), err)
	}
	a.trailer = resp.Trailer // known now that the body is read
	if len(a.body) > MaxAnswer {
		a.body, a.truncated = a.body[:MaxAnswer], true
	}
	return a, nil
}

// cause drops what net/http says of the method and the URL.
func cause(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// headers are the header fields of every request.
func (c *client) headers() map[string]string {
	h := map[string]string{"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "vpnconform"}
	maps.Copy(h, c.own)
	if c.token != "" {
		h["X-Auth-Token"] = c.token
	}
	return h
}

// MaskedKey stands for the pre-shared key in what is shown. It is a valid one,
// so that a request that holds it is still accepted.
const MaskedKey = "Masked-Key-1"

// secrets maps what must not be shown to what is shown in its place. The token
// and a configured header count if they are long enough to be a secret, and
// not a word that an answer may hold as well.
func (c *client) secrets() map[string]string {
	secrets := map[string]string{c.psk: MaskedKey}
	for _, value := range append(slices.Collect(maps.Values(c.own)), c.token) {
		if len(value) >= 8 {
			secrets[value] = "***"
		}
	}
	for secret, shown := range maps.Clone(secrets) { // as it reads inside JSON
		escaped := encode(secret)
		secrets[escaped[1:len(escaped)-1]] = shown
	}
	return secrets
}

// Curl returns the command line that sends a request to a target, for a POSIX
// shell. The target is a base URL.
func Curl(target string, op openapi.Operation, project string, body []byte) string {
	c := &client{base: &url.URL{}}
	return c.curl(op.Method, operationURL(target, op, project), body)
}

// curl returns the command line that repeats a request, secrets masked.
func (c *client) curl(method, url string, body []byte) string {
	line := []string{"curl", "-i", "-X", method, quote(url)}
	headers := c.headers()
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		_, configured := c.own[name]
		switch {
		case name == "User-Agent":
		case name == "X-Auth-Token" && c.tokenEnv != "":
			line = append(line, "-H", `"X-Auth-Token: $`+c.tokenEnv+`"`)
		case name == "X-Auth-Token" || configured:
			line = append(line, "-H", quote(name+": ***"))
		default:
			line = append(line, "-H", quote(name+": "+headers[name]))
		}
	}
	shown := string(body)
	if c.psk != "" {
		shown = strings.ReplaceAll(shown, c.psk, MaskedKey)
	}
	return strings.Join(append(line, "--data-raw", quote(shown)), " ")
}

// quote quotes a word for a POSIX shell.
func quote(word string) string {
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
