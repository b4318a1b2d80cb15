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

// MaxAnswer is the number of bytes up to which an answer's body is read.
const MaxAnswer = 1 << 20

// Answer is what a target answered.
type Answer struct {
	At        time.Time // when it was asked
	Status    int
	Header    http.Header
	Body      []byte // decoded, if its coding is known
	Truncated bool   // there is more than MaxAnswer bytes
	Coding    string // of a body that could not be decoded; empty otherwise
	Reason    string // of the status line
	Trailer   http.Header
	Early     http.Header         // of answers before the last, with a status of 1xx
	Odd       []report.Difference // notes of what HTTP does not allow

	// sum is of the body as a report has it, without secrets: two answers are the
	// same to the letter, or are not, for whoever reads the report as well.
	Sum uint64

	Searched bool    // for secrets
	Secrets  []Place // where they are
}

// Client talks to the target, and to nobody else. It is safe for concurrent
// use.
type Client struct {
	Base     *url.URL
	Own      map[string]string // the environment's header fields, by canonical name
	tokenEnv string            // the variable that holds the token; may be empty
	token    string            // as it is sent, with its scheme; empty if none is
	Field    string            // that carries it
	scheme   string            // that stands before it there
	Psk      string            // masked in what is shown
	Hidden   *secrets.Set      // what is masked; nil masks nothing

	Timeout time.Duration      // of one exchange, without waiting
	kept    *http.Client       // keeps connections
	fresh   *http.Client       // makes a new one for every request
	Leaks   func(*Answer) bool // tells whether an answer has a secret of the run; nil for none
	Pace    *rate.Limiter
	Waits   *Budget
	strays  strays
	Errors  *openapi.Errors // how the document's errors look; may be nil
	Agent   string          // User-Agent
}

func New(doc *openapi.Document, target string, env environment.Environment, token string) (*Client, error) {
	base, err := url.Parse(target)
	switch {
	case err != nil:
		return nil, usage.Errorf("target %q is no valid URL", shownTarget(target))
	case base.Scheme != "http" && base.Scheme != "https" || base.Host == "":
		return nil, usage.Errorf("target %q is no http or https URL", shownTarget(target))
	case base.User != nil || base.RawQuery != "" || base.ForceQuery || base.Fragment != "":
		return nil, usage.Errorf("target %q has more than a host and a path", shownTarget(target))
	case !isPort(base.Port()):
		return nil, usage.Errorf("target %q: want a port from 1 to 65535", shownTarget(target))
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
	return &Client{Base: base, Own: own, tokenEnv: env.TokenEnv, token: token, Field: field, scheme: scheme, kept: httpClient(false), fresh: httpClient(true)}, nil
}

// isPort reports whether a text is a port of an address; none stands for the
// scheme's own.
func isPort(text string) bool {
	port, err := strconv.ParseUint(text, 10, 16)
	return text == "" || err == nil && port > 0
}

// CheckField returns an error if a value cannot be sent in a header field as it is.
// The value, which may be a secret, is not in it.
func CheckField(what, value string) error {
	if i := strings.IndexFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }); i >= 0 {
		return usage.Errorf("%s: want a text on one line, got %q at byte %d", what, value[i], i)
	}
	if value != strings.Trim(value, " \t") {
		return usage.Errorf("%s: want no blank at the beginning and the end", what)
	}
	return nil
}

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

func (c *Client) Close() {
	c.kept.CloseIdleConnections()
	c.fresh.CloseIdleConnections()
}

// Request is a request before it leaves.
type Request struct {
	Method, URL string
	Header      map[string]string
	Body        []byte
	Masked      []byte // the body as it may be shown: without secrets, written in the same way
	blanks      int    // before the body
	chunked     bool
	alone       bool // on a connection of its own
	Meeting     *meeting
}

// NewRequest makes a case's request. The body is masked before it is written in
// another form, in which a secret is harder to find.
func (c *Client) NewRequest(op openapi.Operation, parameters []suite.Parameter, w suite.Wire, body []byte) Request {
	path := cmp.Or(w.Path, op.Path)
	out := Request{
		Method: cmp.Or(w.Method, op.Method), URL: operationURL(c.Base.String(), path, parameters),
		Header: c.headers(w.Credentials), Body: written(w, body), blanks: w.Blanks, chunked: w.Chunked, alone: w.Fresh,
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
	if masked := c.Hidden.MaskJSON(string(body)); masked != string(body) {
		out.Masked = written(w, []byte(masked))
	}
	maps.Copy(out.Header, w.Header)
	return out
}

// written is a body in the form in which a case sends it.
func written(w suite.Wire, body []byte) []byte {
	if form := suite.Forms[w.Form]; form != nil {
		body = form(body)
	}
	if w.Edit != nil {
		body = w.Edit(bytes.Clone(body))
	}
	return body
}

// operationURL is the address of an operation with the values of its parameters. A
// path may ask for a value without its last character, {name-beginning}, or without
// its first one, {name-end}.
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

// request makes it one of net/http.
func (o Request) request(ctx context.Context) (*http.Request, error) {
	var body io.Reader = bytes.NewReader(o.Body)
	if last := len(o.Body) - 1; o.Meeting != nil && last > 0 {
		body = io.MultiReader(bytes.NewReader(o.Body[:last]), &late{ctx, o.Meeting, o.Body[last:]})
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

// Send sends one request, again if the target says that it is too busy, or if
// something before it failed to reach it. A target may ask for the length of a
// body that comes in chunks (RFC 9110, 15.5.12): it is sent again with it, so that
// its contents are judged and not the chunks. send returns how often the request
// was sent, and why more than once. The error says why there is no whole answer.
func (c *Client) Send(ctx context.Context, o Request) (a *Answer, sent int, again string, err error) {
	for try := 0; ; try++ {
		if c.Pace.Wait(ctx) != nil {
			return nil, sent, again, ErrNoTurn
		}
		a, n, err := c.once(ctx, o)
		sent += n
		if n > 1 && again == "" {
			again = "the connection was closed before the answer"
		}
		if why := stray(a, err); why != "" && ctx.Err() == nil && o.blanks == 0 && !c.leaked(a) && c.strays.allow(try) {
			again = why
			continue
		}
		if err != nil {
			return nil, sent, again, err
		}
		if o.chunked && a.Status == http.StatusLengthRequired && !c.leaked(a) {
			o.chunked, again = false, "it answered 411"
			continue
		}
		wait, busy := a.busy(c.Errors, try)
		if !busy || c.leaked(a) {
			return a, sent, again, nil
		}
		again = fmt.Sprintf("it answered %d", a.Status)
		err = ErrTooBusy
		if try+1 < mostTries {
			err = c.Waits.Wait(ctx, wait)
		}
		if err != nil {
			return nil, sent, again, fmt.Errorf("%w: it answered %d%s", err, a.Status, Said(c.Errors, a.Body))
		}
	}
}

// leaked reports whether an answer has a secret of the run: it is worth a
// judgement, whatever else it is.
func (c *Client) leaked(a *Answer) bool { return a != nil && c.Leaks != nil && c.Leaks(a) }

// once sends one request, and returns how often.
func (c *Client) once(ctx context.Context, o Request) (*Answer, int, error) {
	c.strays.requests.Add(1)
	ctx, cancel := context.WithTimeoutCause(ctx, c.Timeout, &timeoutError{c.Timeout})
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
// own, and returns how often. A connection that the target closed before it
// answered anything is replaced.
func (c *Client) through(ctx context.Context, o Request) (*Answer, int, error) {
	if o.alone {
		a, err := exchange(ctx, c.fresh, o)
		return a, 1, err
	}
	var reused, answered atomic.Bool // written by net/http, also when the exchange is over
	trace := &httptrace.ClientTrace{
		GotConn:              func(info httptrace.GotConnInfo) { reused.Store(info.Reused) },
		GotFirstResponseByte: func() { answered.Store(true) },
	}
	a, err := exchange(httptrace.WithClientTrace(ctx, trace), c.kept, o)
	if err != nil && reused.Load() && !answered.Load() && ctx.Err() == nil {
		a, err = exchange(ctx, c.fresh, o)
		return a, 2, err
	}
	return a, 1, err
}

// DefaultUserAgent is the User-Agent of requests: that of every program that
// uses net/http. Who would treat the kit unlike other clients does not know it by
// that.
const DefaultUserAgent = "Go-http-client/1.1"

// headers are the header fields of every request.
func (c *Client) headers(credentials string) map[string]string {
	h := map[string]string{
		"Content-Type": "application/json", "Accept": "application/json", "Accept-Encoding": "identity",
		"User-Agent": cmp.Or(c.Agent, DefaultUserAgent),
	}
	maps.Copy(h, c.Own)
	if c.token != "" {
		h[c.Field] = c.token
	}
	for name := range h {
		switch _, own := c.Own[name]; {
		case h[name] == "", (name != c.Field || c.token == "") && (!own || !environment.IsCredential(name)):
		case credentials == "missing":
			delete(h, name)
		default:
			h[name] = spoiled(h[name], credentials)
		}
	}
	return h
}

// meeting is of requests that are at a target at the same time: each waits with the
// end of its body for the others, but not for long.
type meeting struct {
	missing atomic.Int64
	all     chan struct{}
}

// longestMeeting bounds the wait: a target may take one request after another.
const longestMeeting = 500 * time.Millisecond

func NewMeeting(requests int) *meeting {
	m := &meeting{all: make(chan struct{})}
	m.missing.Store(int64(requests))
	return m
}

// late is the end of a body.
type late struct {
	ctx     context.Context
	meeting *meeting
	end     []byte
}

func (l *late) Read(p []byte) (int, error) {
	if len(l.end) == 0 {
		return 0, io.EOF
	}
	if l.meeting.missing.Add(-1) == 0 {
		close(l.meeting.all)
	}
	timer := time.NewTimer(longestMeeting)
	defer timer.Stop()
	select {
	case <-l.meeting.all:
	case <-timer.C:
	case <-l.ctx.Done():
	}
	n := copy(p, l.end)
	l.end = l.end[n:]
	return n, nil
}

// Refuses reports whether an answer says that the request is not carried out:
// any status of the client's errors. Which one, the page does not say.
func (a *Answer) Refuses() bool { return a.Status >= 400 && a.Status < 500 }
