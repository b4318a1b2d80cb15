package client

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"golang.org/x/time/rate"

	"github.com/vpnconform/vpnconform/conformance/environment"
	"github.com/vpnconform/vpnconform/conformance/internal/secrets"
	"github.com/vpnconform/vpnconform/conformance/internal/usage"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
	"github.com/vpnconform/vpnconform/openapi"
)

// MaxAnswer is the number of bytes of an answer's body that are read.
const MaxAnswer = 1 << 20

// Answer is the answer of a target.
type Answer struct {
	At        time.Time // when the request was sent
	Status    int
	Header    http.Header
	Body      []byte // decoded, if its coding is known
	Truncated bool   // the body has more than MaxAnswer bytes
	Coding    string // Content-Encoding of a body that could not be decoded; empty otherwise
	Reason    string // text of the status line behind the version
	Trailer   http.Header
	Early     http.Header         // header fields of earlier answers, with a status of 1xx
	Oddities  []report.Difference // notes of violations of HTTP

	// Sum is a checksum of the body as a report has it, without secrets. Whether two
	// answers are identical is then the same for the run and for a reader of its report.
	Sum uint64

	Searched bool          // the answer was searched for secrets
	Secrets  []SecretPlace // the secrets that were found
}

// Client sends requests to one target and to nobody else. It is safe for concurrent
// use.
type Client struct {
	Base       *url.URL
	Configured map[string]string // the environment's header fields, by canonical name
	tokenEnv   string            // the variable that holds the token; may be empty
	token      string            // as it is sent, with its scheme; empty if none is sent
	Field      string            // header field that carries the token
	scheme     string            // stands before the token in the field
	Key        string            // pre-shared key of the run, which is masked
	SecretSet  *secrets.Set      // secrets to mask; nil masks nothing

	Timeout   time.Duration      // of one exchange, without waits
	pooled    *http.Client       // keeps connections
	fresh     *http.Client       // makes a new one for every request
	HasSecret func(*Answer) bool // reports whether an answer has a secret of the run; nil means never
	Limiter   *rate.Limiter
	Budget    *Budget
	strays    strays
	Errors    *openapi.Errors // form of the document's errors; may be nil
	Agent     string          // User-Agent
}

// New returns the client of a target. The error is a *[usage.Error].
func New(doc *openapi.Document, target string, env environment.Environment, token string) (*Client, error) {
	base, err := url.Parse(target)
	switch {
	case err != nil:
		return nil, usage.Errorf("target %q is no valid URL", maskTarget(target))
	case base.Scheme != "http" && base.Scheme != "https" || base.Host == "":
		return nil, usage.Errorf("target %q is no http or https URL", maskTarget(target))
	case base.User != nil || base.RawQuery != "" || base.ForceQuery || base.Fragment != "":
		return nil, usage.Errorf("target %q has more than a host and a path", maskTarget(target))
	case !isPort(base.Port()):
		return nil, usage.Errorf("target %q: want a port from 1 to 65535", maskTarget(target))
	}
	field, scheme := doc.TokenField()
	if token != "" && field == "" {
		return nil, usage.Errorf("the document has no header field for a token: no security scheme is a key in a header field, or a bearer token")
	}
	own := map[string]string{}
	for name, value := range env.Headers {
		canonical := http.CanonicalHeaderKey(name)
		if canonical == field && token != "" {
			return nil, usage.Errorf("the environment's header %s and its token_env are two tokens", name)
		}
		own[canonical] = value
	}
	if err := CheckField("the token", token); err != nil {
		return nil, err
	}
	if token != "" {
		token = scheme + token
	}
	return &Client{Base: base, Configured: own, tokenEnv: env.TokenEnv, token: token, Field: field, scheme: scheme, pooled: httpClient(false), fresh: httpClient(true)}, nil
}

// isPort reports whether a text is a port of an address, or empty for the scheme's
// default.
func isPort(text string) bool {
	port, err := strconv.ParseUint(text, 10, 16)
	return text == "" || err == nil && port > 0
}

// CheckField returns an error if a value cannot be sent unchanged in a header field. The
// error does not contain the value, which may be a secret.
func CheckField(what, value string) error {
	if i := strings.IndexFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }); i >= 0 {
		return usage.Errorf("%s: want a text on one line, got %q at byte %d", what, value[i], i)
	}
	if value != strings.Trim(value, " \t") {
		return usage.Errorf("%s: want no blank at the beginning and the end", what)
	}
	return nil
}

// httpClient returns a client of net/http. A fresh one makes a connection for every
// request.
func httpClient(fresh bool) *http.Client {
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy:                  nil, // a proxy would see the credentials
			DialContext:            dial,
			DisableCompression:     true,
			DisableKeepAlives:      fresh,
			MaxIdleConnsPerHost:    256,
			MaxResponseHeaderBytes: 64 << 10,
			ExpectContinueTimeout:  time.Second,
			ForceAttemptHTTP2:      true,
		},
	}
}

// Close closes idle connections.
func (c *Client) Close() {
	c.pooled.CloseIdleConnections()
	c.fresh.CloseIdleConnections()
}

// Request is a request before it is sent.
type Request struct {
	Method, URL   string
	Header        map[string]string
	Body          []byte
	Masked        []byte // the body without secrets, in the same form
	blanks        int    // before the body
	chunked       bool
	ownConnection bool // the request has a connection of its own
	Meeting       *Meeting
}

// NewRequest makes the request of a case. The body is masked before it is written in
// another form, in which a secret is harder to find.
func (c *Client) NewRequest(op openapi.Operation, parameters []suite.Parameter, w suite.Wire, body []byte) Request {
	path := cmp.Or(w.Path, op.Path)
	out := Request{
		Method: cmp.Or(w.Method, op.Method), URL: operationURL(c.Base.String(), path, parameters),
		Header: c.headerFields(w.Credentials), Body: writeBody(w, body), blanks: w.Blanks, chunked: w.Chunked, ownConnection: w.Fresh,
	}
	if op.JSON() == nil && len(out.Body) == 0 {
		delete(out.Header, "Content-Type")
	}
	for _, p := range parameters {
		if p.In == openapi3.ParameterInHeader {
			out.Header[http.CanonicalHeaderKey(p.Name)] = p.Value
		}
	}
	out.Masked = out.Body
	if masked := c.SecretSet.MaskJSON(string(body)); masked != string(body) {
		out.Masked = writeBody(w, []byte(masked))
	}
	maps.Copy(out.Header, w.Header)
	return out
}

// writeBody writes a body in the form in which a case sends it.
func writeBody(w suite.Wire, body []byte) []byte {
	if form := suite.Forms[w.Form]; form != nil {
		body = form(body)
	}
	if w.Edit != nil {
		body = w.Edit(bytes.Clone(body))
	}
	return body
}

// operationURL is the URL of an operation with the values of its parameters. A path may
// contain {name-beginning}, a value without its last character, and {name-end}, a value
// without its first one.
func operationURL(base, path string, parameters []suite.Parameter) string {
	query := url.Values{}
	var segments []string
	for _, p := range parameters {
		last := max(len(p.Value)-1, 0)
		switch p.In {
		case openapi3.ParameterInQuery:
			query.Add(p.Name, p.Value)
		case openapi3.ParameterInPath:
			segments = append(segments, "{"+p.Name+"}", url.PathEscape(p.Value), "{"+p.Name+"-beginning}", url.PathEscape(p.Value[:last]),
				"{"+p.Name+"-end}", url.PathEscape(p.Value[min(1, last):]))
		}
	}
	out := strings.TrimSuffix(base, "/") + strings.NewReplacer(segments...).Replace(path)
	if len(query) > 0 {
		out += "?" + query.Encode()
	}
	return out
}

// httpRequest returns the request for net/http.
func (o Request) httpRequest(ctx context.Context) (*http.Request, error) {
	var body io.Reader = bytes.NewReader(o.Body)
	if last := len(o.Body) - 1; o.Meeting != nil && last > 0 {
		body = io.MultiReader(bytes.NewReader(o.Body[:last]), &lateEnd{ctx, o.Meeting, o.Body[last:]})
	}
	if o.blanks > 0 {
		body = io.MultiReader(io.LimitReader(&blanks{}, int64(o.blanks)), body)
	}
	req, err := http.NewRequestWithContext(ctx, o.Method, o.URL, body)
	if err != nil {
		return nil, err
	}
	if req.ContentLength = int64(o.blanks + len(o.Body)); o.chunked {
		req.ContentLength = -1
	}
	for name, value := range o.Header {
		if value != "" || name == "User-Agent" { // net/http adds its own unless this one is empty
			req.Header.Set(name, value)
		}
	}
	return req, nil
}

// blanks is an endless stream of blanks, about a hundred megabytes a second. It is slow
// on purpose: a target may answer and close before it has read everything, and the
// system drops the answer if too much was sent by then.
type blanks struct{ read int }

// Read fills p with blanks.
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

// Send sends a request, and sends it again if the target says that it is too busy or if
// something before the target failed. A target may ask for the length of a body that
// comes in chunks (RFC 9110, 15.5.12): the request is then sent with the length, so that
// its contents are judged and not the chunks. Send returns how often the request was
// sent, and why more than once. The error says why there is no complete answer.
func (c *Client) Send(ctx context.Context, o Request) (a *Answer, sent int, again string, err error) {
	for try := 0; ; try++ {
		if c.Limiter.Wait(ctx) != nil {
			return nil, sent, again, ErrNoTurn
		}
		a, n, err := c.sendOnce(ctx, o)
		sent += n
		if n > 1 && again == "" {
			again = "the connection was closed before the answer"
		}
		if why := strayReason(a, err); why != "" && ctx.Err() == nil && o.blanks == 0 && !c.hasSecret(a) && c.strays.allow(try) {
			again = why
			continue
		}
		if err != nil {
			return nil, sent, again, err
		}
		if o.chunked && a.Status == http.StatusLengthRequired && !c.hasSecret(a) {
			o.chunked, again = false, "it answered 411"
			continue
		}
		wait, busy := a.retryAfter(c.Errors, try)
		if !busy || c.hasSecret(a) {
			return a, sent, again, nil
		}
		again = fmt.Sprintf("it answered %d", a.Status)
		err = ErrTooBusy
		if try+1 < mostTries {
			err = c.Budget.Wait(ctx, wait)
		}
		if err != nil {
			return nil, sent, again, fmt.Errorf("%w: it answered %d%s", err, a.Status, DescribeError(c.Errors, a.Body))
		}
	}
}

// hasSecret reports whether an answer has a secret of the run. Such an answer is judged
// whatever else it says: another try would lose the leak.
func (c *Client) hasSecret(a *Answer) bool { return a != nil && c.HasSecret != nil && c.HasSecret(a) }

// sendOnce sends a request within the timeout, and returns how often it was sent.
func (c *Client) sendOnce(ctx context.Context, o Request) (*Answer, int, error) {
	c.strays.requests.Add(1)
	ctx, cancel := context.WithTimeoutCause(ctx, c.Timeout, &timeoutError{c.Timeout})
	defer cancel()
	a, sent, err := c.sendOnConnection(ctx, o)
	if err != nil && ctx.Err() != nil {
		return nil, sent, context.Cause(ctx)
	}
	return a, sent, err
}

// timeoutError says that an answer took too long.
type timeoutError struct{ after time.Duration }

func (e *timeoutError) Error() string { return fmt.Sprintf("no complete answer within %v", e.after) }

// sendOnConnection sends a request on a pooled connection, unless it wants one of its
// own, and returns how often it was sent. If the target closed the connection before it
// answered anything, the request is sent again on a new one: closing an idle connection
// is lawful.
func (c *Client) sendOnConnection(ctx context.Context, o Request) (*Answer, int, error) {
	if o.ownConnection {
		a, err := exchange(ctx, c.fresh, o)
		return a, 1, err
	}
	var reused, answered atomic.Bool // written by net/http, also when the exchange is over
	trace := &httptrace.ClientTrace{
		GotConn:              func(info httptrace.GotConnInfo) { reused.Store(info.Reused) },
		GotFirstResponseByte: func() { answered.Store(true) },
	}
	a, err := exchange(httptrace.WithClientTrace(ctx, trace), c.pooled, o)
	if err != nil && reused.Load() && !answered.Load() && ctx.Err() == nil {
		a, err = exchange(ctx, c.fresh, o)
		return a, 2, err
	}
	return a, 1, err
}

// DefaultUserAgent is the User-Agent of requests, the same as that of any program that
// uses net/http: a target cannot recognize the kit by it and treat it in a special way.
const DefaultUserAgent = "Go-http-client/1.1"

// headerFields are the header fields of every request.
func (c *Client) headerFields(credentials string) map[string]string {
	h := map[string]string{
		"Content-Type": "application/json", "Accept": "application/json", "Accept-Encoding": "identity",
		"User-Agent": cmp.Or(c.Agent, DefaultUserAgent),
	}
	maps.Copy(h, c.Configured)
	if c.token != "" {
		h[c.Field] = c.token
	}
	for name := range h {
		switch _, own := c.Configured[name]; {
		case h[name] == "", (name != c.Field || c.token == "") && (!own || !environment.IsCredential(name)):
		case credentials == "missing":
			delete(h, name)
		default:
			h[name] = spoil(h[name], credentials)
		}
	}
	return h
}

// Refuses reports whether an answer says that the request was not carried out: a status
// 4xx. The page does not say which.
func (a *Answer) Refuses() bool { return a.Status >= 400 && a.Status < 500 }
