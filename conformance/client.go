package conformance

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"github.com/vpnconform/vpnconform/conformance/suite"
	"github.com/vpnconform/vpnconform/openapi"
)

// MaxAnswer is the number of bytes up to which an answer's body is read.
const MaxAnswer = 1 << 20

// answer is what a target answered.
type answer struct {
	at        time.Time // when it was asked
	status    int
	header    http.Header
	body      []byte
	truncated bool   // there is more than MaxAnswer bytes
	reason    string // of the status line
	trailer   http.Header
	early     http.Header // of answers before the last, with a status of 1xx
}

// client talks to the target, and to nobody else. It is safe for concurrent
// use.
type client struct {
	base     *url.URL
	own      map[string]string // the environment's header fields, by canonical name
	tokenEnv string            // the variable that holds the token; may be empty
	token    string
	psk      string // masked in what is shown

	timeout time.Duration      // of one exchange, without waiting
	kept    *http.Client       // keeps connections
	fresh   *http.Client       // makes a new one for every request
	leaks   func(*answer) bool // tells whether an answer has a secret of the run; nil for none
	pace    *rate.Limiter
	waits   *budget
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
	return &client{base: base, own: own, tokenEnv: env.TokenEnv, token: token, kept: httpClient(false), fresh: httpClient(true)}, nil
}

func httpClient(fresh bool) *http.Client {
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy:                  nil, // a proxy would see the credentials
			DisableCompression:     true,
			DisableKeepAlives:      fresh,
			MaxIdleConnsPerHost:    256,
			MaxResponseHeaderBytes: 64 << 10,
			ExpectContinueTimeout:  time.Second,
			ForceAttemptHTTP2:      true,
		},
	}
}

func (c *client) close() {
	c.kept.CloseIdleConnections()
	c.fresh.CloseIdleConnections()
}

// outgoing is a request before it leaves.
type outgoing struct {
	method, url string
	header      map[string]string
	body        []byte
	blanks      int // before the body
	chunked     bool
	alone       bool // on a connection of its own
}

// outgoing makes a case's request.
func (c *client) outgoing(op openapi.Operation, project string, w suite.Wire, body []byte) outgoing {
	path := cmp.Or(w.Path, op.Path)
	out := outgoing{
		method: cmp.Or(w.Method, op.Method), url: operationURL(c.base.String(), path, project),
		header: c.headers(w.Credentials), body: body, blanks: w.Blanks, chunked: w.Chunked,
	}
	if w.Edit != nil {
		out.body = w.Edit(bytes.Clone(body))
	}
	maps.Copy(out.header, w.Header)
	return out
}

func operationURL(base, path, project string) string {
	return strings.TrimSuffix(base, "/") + strings.ReplaceAll(path, "{project_id}", url.PathEscape(project))
}

// request makes it one of net/http.
func (o outgoing) request(ctx context.Context) (*http.Request, error) {
	var body io.Reader = bytes.NewReader(o.body)
	if o.blanks > 0 {
		body = io.MultiReader(io.LimitReader(&blanks{}, int64(o.blanks)), body)
	}
	req, err := http.NewRequestWithContext(ctx, o.method, o.url, body)
	if err != nil {
		return nil, err
	}
	if req.ContentLength = int64(o.blanks + len(o.body)); o.chunked {
		req.ContentLength = -1
	}
	for name, value := range o.header {
		if value != "" || name == "User-Agent" { // which net/http adds unless it is empty
			req.Header.Set(name, value)
		}
	}
	return req, nil
}

// blanks are blanks without end, about a hundred megabytes of them a second: a
// target that answers and closes before it has read all is then heard, which it
// is not when the system has dropped the answer because more was sent.
type blanks struct{ read int }

func (b *blanks) Read(p []byte) (int, error) {
	const pause = 128 << 10
	if b.read/pause != (b.read+len(p))/pause {
		time.Sleep(time.Millisecond)
	}
	b.read += len(p)
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// send sends one request, again if the target says that it is too busy, and
// tells how often it was sent. The error says why there is no whole answer.
func (c *client) send(ctx context.Context, o outgoing) (a *answer, sent int, err error) {
	for try := 0; ; try++ {
		if c.pace.Wait(ctx) != nil {
			return nil, sent, errNoTurn
		}
		a, n, err := c.once(ctx, o)
		if sent += n; err != nil {
			return nil, sent, err
		}
		wait, busy := a.busy(try)
		if !busy || c.leaks != nil && c.leaks(a) { // which is worth a judgement
			return a, sent, nil
		}
		err = errTooBusy
		if try+1 < mostTries {
			err = c.waits.wait(ctx, wait)
		}
		if err != nil {
			return nil, sent, fmt.Errorf("%w: it answered %d%s", err, a.status, said(a.body))
		}
	}
}

// once sends one request, and tells how often.
func (c *client) once(ctx context.Context, o outgoing) (*answer, int, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, c.timeout, &timeoutError{c.timeout})
	defer cancel()
	a, sent, err := c.through(ctx, o)
	if err != nil && ctx.Err() != nil {
		return nil, sent, context.Cause(ctx)
	}
	return a, sent, err
}

// timeoutError says that an answer took too long.
type timeoutError struct{ after time.Duration }

func (e *timeoutError) Error() string { return fmt.Sprintf("no complete answer within %v", e.after) }

// through sends a request, on a kept connection unless it wants one of its
// own, and tells how often. A connection that the target closed before it
// answered anything is replaced.
func (c *client) through(ctx context.Context, o outgoing) (*answer, int, error) {
	if o.alone {
		a, err := exchange(ctx, c.fresh, o)
		return a, 1, err
	}
	var reused, answered bool
	trace := &httptrace.ClientTrace{
		GotConn:              func(info httptrace.GotConnInfo) { reused = info.Reused },
		GotFirstResponseByte: func() { answered = true },
	}
	a, err := exchange(httptrace.WithClientTrace(ctx, trace), c.kept, o)
	if err != nil && reused && !answered && ctx.Err() == nil {
		a, err = exchange(ctx, c.fresh, o)
		return a, 2, err
	}
	return a, 1, err
}

// exchange sends a request and reads the answer.
func exchange(ctx context.Context, through *http.Client, o outgoing) (*answer, error) {
	req, err := o.request(ctx)
	if err != nil {
		return nil, err
	}
	early := http.Header{}
	req = req.WithContext(httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
		Got1xxResponse: func(_ int, header textproto.MIMEHeader) error {
			for name, values := range header {
				early[name] = append(early[name], values...)
			}
			return nil
		},
	}))
	resp, err := through.Do(req)
	if err != nil {
		return nil, cause(err)
	}
	defer func() { _ = resp.Body.Close() }()
	a := &answer{status: resp.StatusCode, header: resp.Header, reason: resp.Status, early: early}
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return a, nil // what follows is no answer, and has no deadline
	}
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
func (c *client) headers(credentials string) map[string]string {
	h := map[string]string{"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "vpnconform"}
	maps.Copy(h, c.own)
	if c.token != "" {
		h["X-Auth-Token"] = c.token
	}
	for name := range h {
		switch _, own := c.own[name]; {
		case h[name] == "", name != "X-Auth-Token" && (!own || !suite.IsCredential(name)):
		case credentials == "missing":
			delete(h, name)
		default:
			h[name] = spoiled(h[name], credentials)
		}
	}
	return h
}

// spoiled is what becomes of a credential in a case of [suite.Wire.Credentials].
// What is left of it, or added, is as long as nobody guesses it.
func spoiled(secret, how string) string {
	half := len(secret) / 2
	switch how {
	case "":
		return secret
	case "shortened":
		return secret[:max(half, 1)]
	case "lengthened":
		return secret + "0"
	case "changed": // in the middle
		other := byte('0')
		if secret[half] == other {
			other = '1'
		}
		return secret[:half] + string(other) + secret[half+1:]
	}
	return "wrong"
}

// MaskedKey stands for the pre-shared key in what is shown. It is a valid one of the same length,
// so that a request that holds it is still accepted.
const MaskedKey = "Masked-Key-123456789"

// credentials are the token and the configured header fields that are long
// enough to be a secret.
func (c *client) credentials() []string {
	var out []string
	for _, value := range append(slices.Sorted(maps.Values(c.own)), c.token) {
		if len(value) >= 8 {
			out = append(out, value)
		}
	}
	return out
}

// maskedCredential stands for a credential in what is shown of an answer.
const maskedCredential = "Masked-Credential"

// secrets are what must not be shown: the key, the token, and a configured
// header field that is long enough to be a secret.
func (c *client) secrets() *secrets {
	instead := map[string]string{c.psk: MaskedKey}
	for _, value := range c.credentials() {
		instead[value] = maskedCredential
	}
	return newSecrets(instead)
}
