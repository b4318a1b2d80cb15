package main

import (
	"compress/gzip"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/vpnconform/vpnconform/conformance/report"
)

// attack is a target that is no honest implementation, and what a run says of it.
type attack struct {
	name    string
	serves  serving        // nil where nobody listens
	outcome report.Outcome // of the documented example; empty for one that depends on when the answer comes
	says    string         // in the reason, a difference or a note of that case

	target string   // URL, in which HOST is the address; empty means http://HOST
	args   []string // of run, beside the usual ones
	alone  bool     // the example alone is run
	large  bool     // what is sent costs much
	open   bool     // verify says that it does not judge all again
}

// The beginnings of answers.
const (
	created = "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n"
	rightly = "HTTP/1.1 {status}\r\nContent-Type: application/json\r\n" // as the right answer begins
	refused = "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\n"
	closing = "Connection: close\r\n\r\n" // the body ends with the connection
	chunked = "Transfer-Encoding: chunked\r\n\r\n"
)

// The arguments of rows whose target lets a run wait. quick is a time in which no
// honest answer of these targets comes.
var (
	quick   = []string{"--timeout", "100ms"}
	noWait  = []string{"--max-wait", "1ms"}
	stopped = []string{"--run-timeout", "100ms", "--timeout", "1m"}
)

// zipped is a text in gzip, so many times.
func zipped(text string, times int) string {
	for range times {
		text = string(compressed(text, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }))
	}
	return text
}

// hostileTargets are all. Of those whose answers are not read to the end, another
// case would say the same.
func hostileTargets() []attack {
	unread := slices.Concat(silentTargets, brokenTargets, framingTargets(), hostileBodies())
	for i := range unread {
		unread[i].alone = true
	}
	return slices.Concat(unread, otherAnswers, hostileMembers, leakingTargets())
}

// silentTargets do not answer, or not to the end.
var silentTargets = []attack{
	{name: "nobody listens", serves: nil, outcome: report.CouldNotRun, says: "connection refused"},
	{name: "a name that there is not", serves: nil, target: "http://not..there:80", outcome: report.CouldNotRun, says: "no such host"},
	{name: "accepts, and is silent", serves: accepts, args: quick, outcome: report.CouldNotRun, says: "no complete answer within 100ms"},
	{name: "silent, until the run is over", serves: accepts, args: stopped, outcome: report.CouldNotRun, says: "the run took longer than 100ms"},
	{name: "silent after the request", serves: stalls(""), args: quick, outcome: report.CouldNotRun, says: "no complete answer within 100ms"},
	{name: "silent in the status line", serves: stalls("HTTP/1.1 20"), args: quick, outcome: report.CouldNotRun, says: "no complete answer within 100ms"},
	{name: "silent in the header", serves: stalls(created + "X-A"), args: quick, outcome: report.CouldNotRun, says: "no complete answer within 100ms"},
	{name: "silent in the body", serves: stalls(created + "Content-Length: 100\r\n\r\n{"), args: quick, outcome: report.CouldNotRun, says: "no complete answer within 100ms"},
	{name: "silent in a chunk", serves: stalls(created + chunked + "64\r\n{"), args: quick, outcome: report.CouldNotRun, says: "no complete answer within 100ms"},
	{name: "silent after the body", serves: stalls(created + closing + "{}"), args: quick, outcome: report.CouldNotRun, says: "no complete answer within 100ms"},
	{name: "silent after 100", serves: stalls("HTTP/1.1 100 Continue\r\n\r\n"), args: quick, outcome: report.CouldNotRun, says: "no complete answer within 100ms"},
	{name: "silent after 101", serves: stalls("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"), outcome: report.Fail, says: "101"},
	{name: "silent in the handshake of TLS", serves: accepts, target: "https://HOST", args: quick, outcome: report.CouldNotRun, says: "no complete answer within 100ms"},
	{name: "drips a body without end", serves: endless(created+closing, " ", 10*time.Millisecond), args: quick, outcome: report.CouldNotRun, says: "no complete answer within 100ms"},
	{name: "drips a header without end", serves: endless(created, "X-A: 1\r\n", 10*time.Millisecond), args: quick, outcome: report.CouldNotRun, says: "no complete answer within 100ms"},
	{name: "drips 1xx without end", serves: endless("", "HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n", 10*time.Millisecond), args: quick, outcome: report.CouldNotRun, says: "no complete answer within 100ms"},
	{name: "drips chunks without end", serves: endless(created+chunked, "1\r\n \r\n", 10*time.Millisecond), args: quick, outcome: report.CouldNotRun, says: "no complete answer within 100ms"},
	{name: "answers when the time is up", serves: late(created+closing+"{}", 100*time.Millisecond), args: quick},
	{name: "drips a whole answer", serves: drips(created+closing+"{}", time.Millisecond), outcome: report.Fail, says: "/body/vpn_connection"},
}

// brokenTargets break the connection, or speak no HTTP.
var brokenTargets = []attack{
	{name: "closes at once", serves: hangsUp(false), outcome: report.CouldNotRun},
	{name: "resets at once", serves: hangsUp(true), outcome: report.CouldNotRun},
	{name: "closes after the request", serves: answers(""), outcome: report.CouldNotRun, says: "EOF"},
	{name: "resets after the request", serves: resets("", 0), outcome: report.CouldNotRun},
	{name: "resets in the status line", serves: resets("HTTP/1.1 2", 0), outcome: report.CouldNotRun},
	{name: "resets in the header", serves: resets(created, 0), outcome: report.CouldNotRun},
	{name: "resets in the body", serves: resets(created+closing+"{", 0), outcome: report.CouldNotRun},
	{name: "resets after a whole body", serves: resets(created+"Content-Length: 2\r\n\r\n{}", 100*time.Millisecond), outcome: report.Fail, says: "/body/vpn_connection"},
	{name: "closes in the status line", serves: answers("HTTP/1.1 201"), outcome: report.CouldNotRun, says: "unexpected EOF"},
	{name: "closes in the header", serves: answers(created + "X-A"), outcome: report.CouldNotRun, says: "malformed MIME header"},
	{name: "closes in the body", serves: answers(created + "Content-Length: 100\r\n\r\n{\"vpn_"), outcome: report.CouldNotRun, says: "broke off after 6 bytes"},
	{name: "closes in a chunk", serves: answers(created + chunked + "100\r\n{\"vpn_"), outcome: report.CouldNotRun, says: "broke off after 6 bytes"},
	{name: "closes in the trailer", serves: answers(created + chunked + "2\r\n{}\r\n0\r\nX-A"), outcome: report.CouldNotRun, says: "broke off after 2 bytes"},
	{name: "SSH", serves: answers("SSH-2.0-OpenSSH_9.2\r\n\r\n"), outcome: report.CouldNotRun, says: "malformed HTTP response"},
	{name: "HTTP/0.9", serves: answers("<html>{key}</html>\r\n"), outcome: report.CouldNotRun, says: "malformed HTTP"},
	{name: "a frame of HTTP/2", serves: answers("\x00\x00\x00\x04\x00\x00\x00\x00\x00"), outcome: report.CouldNotRun, says: "malformed HTTP response"},
	{name: "zeros", serves: many("", "\x00", ""), outcome: report.CouldNotRun},
	{name: "no TLS", serves: answers(created + closing + "{}"), target: "https://HOST", outcome: report.CouldNotRun},
	{name: "TLS alone", serves: inTLS(answers(created + closing + "{}")), outcome: report.CouldNotRun, says: "EOF"},
	{name: "a certificate that nobody trusts", serves: inTLS(answers(created + closing + "{}")), target: "https://HOST", outcome: report.CouldNotRun, says: "certificate"},
	{name: "half a handshake", serves: unasked("\x16\x03\x03\x00\x7a\x02"), target: "https://HOST", outcome: report.CouldNotRun},
}

// framingTargets do not say, or say twice, what is header, body and answer.
func framingTargets() []attack {
	rows := []attack{
		{name: "a header of a megabyte", serves: many(created+"X-A: ", "a", "\r\n\r\n"), outcome: report.CouldNotRun, says: "server response headers exceeded"},
		{name: "a header without end", serves: endless(created, "X-A: "+strings.Repeat("a", 1000)+"\r\n", 0), outcome: report.CouldNotRun, says: "server response headers exceeded"},
		{name: "thousands of fields", serves: answers(created + strings.Repeat("X-A: {token}\r\n", 2000) + closing + "{}"), outcome: report.Fail, says: "/headers/X-A"},
		{name: "a name in Latin-1", serves: answers(created + "X-Caf\xe9: 1\r\n" + closing + "{}"), outcome: report.CouldNotRun, says: "malformed MIME header"},
		{name: "thousands of names", serves: answers(created + counted("X-%d: a\r\n", 3000) + closing + "{}"), outcome: report.Fail, says: "/body/vpn_connection"},
		{name: "a status line of a megabyte", serves: many("HTTP/1.1 201 ", "a", "\r\n\r\n"), outcome: report.CouldNotRun},
		{name: "1xx without end", serves: endless("", "HTTP/1.1 103 Early Hints\r\nLink: <"+strings.Repeat("a", 1000)+">\r\n\r\n", 0), outcome: report.CouldNotRun},
		{name: "1xx with nothing but names", serves: endless("", "HTTP/1.1 103 Early Hints\r\n"+strings.Repeat("A:\n", 21000)+"\r\n", 0), outcome: report.CouldNotRun, says: "too many header fields"},
		{name: "hundreds of 100", serves: answers(strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 500) + created + closing + "{}"), outcome: report.Fail, says: "/body/vpn_connection"},
		{name: "a body without end", serves: endless(created+closing, strings.Repeat(" ", 1<<20), 0), outcome: report.Fail, says: "more than 1 MiB", large: true, open: true},
		{name: "an extension of a chunk without end", serves: endless(created+chunked+"2;a=", strings.Repeat("a", 1000), 0), outcome: report.CouldNotRun},
		{name: "chunks of a byte", serves: many(created+chunked, "1\r\n \r\n", "0\r\n\r\n"), outcome: report.Fail, says: "no JSON", large: true, open: true},
		{name: "no length of a chunk", serves: answers(created + chunked + "\r\n{}\r\n0\r\n\r\n"), outcome: report.CouldNotRun, says: "broke off after 0 bytes"},
		{name: "a chunk with a wrong length", serves: answers(created + chunked + "1\r\n{}\r\n0\r\n\r\n"), outcome: report.CouldNotRun, says: "broke off after 1 bytes"},
		{name: "a chunk of less than nothing", serves: answers(created + chunked + "-1\r\n{}\r\n0\r\n\r\n"), outcome: report.CouldNotRun, says: "broke off after 0 bytes"},
		{name: "a chunk of too much", serves: answers(created + chunked + "fffffffffffffffff\r\n{}"), outcome: report.CouldNotRun, says: "broke off after 0 bytes"},
		{name: "a huge chunk", serves: answers(created + chunked + "7fffffffffffffff\r\n{}"), outcome: report.CouldNotRun, says: "broke off after 2 bytes"},
		{name: "an unknown transfer coding", serves: answers(created + "Transfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"), outcome: report.CouldNotRun, says: "transfer encoding"},
		{name: "a length and chunks", serves: answers(created + "Content-Length: 2\r\n" + chunked + "2\r\n{}\r\n0\r\n\r\n"), outcome: report.Fail, says: "/headers/Content-Length"},
		{name: "two lengths", serves: answers(created + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} "), outcome: report.CouldNotRun, says: "Content-Length"},
		{name: "a length that is too short", serves: answers(created + "Content-Length: 1\r\n\r\n{right}"), outcome: report.Fail, says: "no JSON"},
		{name: "bare line feeds", serves: answers(strings.ReplaceAll(created+closing, "\r", "") + "{}"), outcome: report.Fail, says: "/body/vpn_connection"},
		{name: "a field without a colon", serves: answers(created + "X-A\r\n\r\n{}"), outcome: report.CouldNotRun, says: "malformed MIME header"},
		{name: "a field that goes on", serves: answers(created + "X-A: a\r\n {token}\r\n" + closing + "{}"), outcome: report.Fail, says: "/headers/X-A"},
		{name: "a NUL in a field", serves: answers(created + "X-A: a\x00b\r\n" + closing + "{}"), outcome: report.CouldNotRun},
		{name: "a NUL in the reason", serves: answers("HTTP/1.1 201 \x00\x1b]0;title\x07\r\n" + closing + "{}"), outcome: report.Fail, says: "/body/vpn_connection"},
		{name: "Latin-1 in the header", serves: answers("HTTP/1.1 201 Caf\xe9\r\nX-Caf: \xe9\r\nX-Name: {token}\xe9\r\n" + closing + "{}"), outcome: report.Fail, says: "/headers/X-Name"},
		{name: "garbage after the answer", serves: answers(created + "Content-Length: 2\r\n\r\n{}garbage {all}"), outcome: report.Fail, says: "/body/vpn_connection"},
		{name: "two answers", serves: keeps(created + "Content-Length: 2\r\n\r\n{}" + created + "Content-Length: 7\r\n\r\n{right}"), outcome: report.Fail, says: "/body/vpn_connection"},
		{name: "an answer before the request", serves: unasked(created + closing + "{}")}, // net/http may see it before it has sent the request
		{name: "a split answer", serves: answers("HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n" + rightly + closing + "{right}"), outcome: report.Fail, says: "302 to /, which was not followed"},
	}
	for _, length := range []string{"-1", "18446744073709551616", "0x2"} {
		rows = append(rows, attack{name: fmt.Sprintf("a length of %q", length), serves: answers(created + "Content-Length: " + length + "\r\n\r\n{}"), outcome: report.CouldNotRun, says: "Content-Length"})
	}
	for _, status := range []string{"HTTP/1.1 99 A", "HTTP/1.1 -20 A", "HTTP/x 201 A", "HTTP/1.1"} {
		rows = append(rows, attack{name: "the status line " + status, serves: answers(status + "\r\n" + closing + "{}"), outcome: report.CouldNotRun, says: "malformed HTTP"})
	}
	for _, status := range []string{"HTTP/1.1 000 A", "HTTP/1.1 999 {all}", "HTTP/1.1 201", "HTTP/3.7 201 A"} {
		rows = append(rows, attack{name: "the status line " + status, serves: answers(status + "\r\n" + closing + "{}"), outcome: report.Fail})
	}
	return rows
}

func counted(format string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// otherAnswers are lawful HTTP, and none of this operation.
var otherAnswers = []attack{
	{name: "a redirect", serves: answers("HTTP/1.1 302 Found\r\nLocation: /v6\r\n" + closing), outcome: report.Fail, says: "302 to /v6, which was not followed"},
	{name: "a redirect to another host", serves: answers("HTTP/1.1 307 Temporary Redirect\r\nLocation: {other}/{token}\r\n" + closing), outcome: report.Fail, says: "which was not followed"},
	{name: "a redirect to itself", serves: keeps("HTTP/1.1 308 Permanent Redirect\r\nLocation: \r\nContent-Length: 0\r\n\r\n"), outcome: report.Fail, says: "308"},
	{name: "a redirect in the header alone", serves: answers(rightly + "Refresh: 0;url={other}\r\nContent-Location: {other}\r\nAlt-Svc: h2=\"{other}\"\r\n" + closing + "{right}"), outcome: report.Pass},
	{name: "cookies", serves: answers(rightly + "Set-Cookie: {token}={key}; Path=/\r\nSet-Cookie: session=" + own + "\r\n" + closing + "{right}"), outcome: report.Fail, says: "/headers/Set-Cookie"},
	{name: "asks who it is", serves: answers("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"{all}\"\r\n" + closing), outcome: report.Fail, says: "/headers/Www-Authenticate"},
	{name: "asks a proxy", serves: answers("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n" + closing), outcome: report.Fail, says: "407"},
	{name: "busy for ever", serves: answers("HTTP/1.1 503 Busy\r\nRetry-After: 99999999999999999999\r\n" + closing), args: noWait, outcome: report.CouldNotRun, says: "too busy"},
	{name: "busy for no time", serves: answers("HTTP/1.1 429 Busy\r\nRetry-After: 0\r\n" + closing), outcome: report.CouldNotRun, says: "too busy"},
	{name: "busy, and says secrets", serves: answers("HTTP/1.1 429 Busy\r\nRetry-After: 0\r\n" + closing + "{all}"), outcome: report.Fail, says: "credentials that were sent", open: true},
	{name: "no gateway", serves: answers("HTTP/1.1 502 Bad Gateway\r\n" + closing + "<html>"), outcome: report.Fail, says: "502"},
	{name: "204 with a body", serves: answers("HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n{}"), outcome: report.Fail, says: "204"},
	{name: "304 with a body", serves: answers("HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n{}"), outcome: report.Fail, says: "304"},
	{name: "an upgrade", serves: answers("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\nX-A: {all}\r\n\r\n\x00\x00\x00"), outcome: report.Fail, says: "/headers/X-A"},
	{name: "an upgrade that nobody asked for", serves: answers(rightly + "Upgrade: h2c\r\nConnection: Upgrade, close\r\n\r\n{right}"), outcome: report.Pass},
	{name: "HTML", serves: answers("HTTP/1.1 201 Created\r\nContent-Type: text/html\r\n" + closing + "<html>"), outcome: report.Fail, says: "<html>"},
	{name: "events without end", serves: endless("HTTP/1.1 201 Created\r\nContent-Type: text/event-stream\r\n"+closing, "data: {}\n\n", 10*time.Millisecond), args: quick, outcome: report.CouldNotRun, says: "no complete answer within 100ms"},
	{name: "an unknown coding", serves: answers(created + "Content-Encoding: br\r\n" + closing + "{all}"), outcome: report.Fail, says: "cannot be searched for secrets", open: true},
	{name: "a coding without a name", serves: answers(rightly + "Content-Encoding: ,\r\n" + closing + "{right}"), outcome: report.Pass},
	{name: "a broken gzip", serves: answers(created + "Content-Encoding: gzip\r\n" + closing + "\x1f\x8b\x08"), outcome: report.Fail, says: "(withheld: 3 bytes in the coding gzip cannot be searched for secrets)"},
	{name: "half a gzip", serves: answers(created + "Content-Encoding: gzip\r\n" + closing + zipped("{}", 1)[:20]), outcome: report.Fail, says: "withheld"},
	{name: "a bomb of gzip", serves: answers(created + "Content-Encoding: gzip\r\n" + closing + zipped(strings.Repeat(" ", 16<<20), 1)), outcome: report.Fail, says: "more than 1 MiB", large: true, open: true},
	{name: "a bomb in a bomb", serves: answers(created + "Content-Encoding: gzip, gzip\r\n" + closing + zipped(strings.Repeat(" ", 16<<20), 2)), outcome: report.Fail, says: "more than 1 MiB", large: true, open: true},
	{name: "a hundred codings", serves: answers(created + strings.Repeat("Content-Encoding: gzip\r\n", 100) + closing + zipped("{}", 100)), outcome: report.Fail, says: "gzip, and 96 more"},
}

// hostileBodies are of a megabyte, and cost much to look at.
func hostileBodies() []attack {
	var rows []attack
	for name, piece := range map[string]string{
		"ten characters of the key": "{key}", "the token": "{token} ", "backslashes": `\`, "escapes": `\u0041`, "quotes": `"`, "lists": "[", "objects": `{"a":`,
		"names of secrets": `"psk":"`, "names of secrets, no text": `"psk" `, "percent signs": "%25", "Base64": "{token base64}", "zeros": "\x00", "digits": "9", "members": `"a":1,`,
	} {
		rows = append(rows, attack{name: "a megabyte of " + name, serves: many(created+closing, piece, ""), outcome: report.Fail, large: true, open: true})
	}
	slices.SortFunc(rows, func(a, b attack) int { return strings.Compare(a.name, b.name) })
	return append(rows,
		attack{name: "a megabyte of the token, busy", serves: many("HTTP/1.1 503 Busy\r\nRetry-After: 0\r\n"+closing, "{token} ", ""), outcome: report.Fail, says: "credentials that were sent", large: true, open: true},
		attack{name: "a megabyte of backslashes, refused", serves: many(refused+closing, `\`, ""), outcome: report.Fail, says: "400", large: true, open: true},
		attack{name: "a name of a megabyte", serves: many(created+closing+`{"`, "a", `":1}`), outcome: report.Fail, says: "more than 1 MiB", large: true, open: true},
		attack{name: "a name of 100 KiB", serves: answers(created + closing + `{"` + strings.Repeat("a", 100<<10) + `":1}`), outcome: report.Fail, says: "a name of at most 128 bytes", large: true, open: true},
		attack{name: "thousands of members", serves: answers(created + closing + `{"vpn_connection":{` + counted(`"a%d":1,`, 4000) + `"b":1}}`), outcome: report.Fail},
		attack{name: "a thousand levels", serves: answers(created + closing + strings.Repeat("[", 1000) + strings.Repeat("]", 1000)), outcome: report.Fail, says: "at most 32 levels"},
		attack{name: "a secret behind 64 KiB", serves: answers(created + closing + `{"a":"` + strings.Repeat("a", 64<<10) + `{key}"}`), outcome: report.Fail, says: "the key that was sent", large: true, open: true},
		attack{name: "a difference behind 64 KiB", serves: answers(created + closing + `{"a":"` + strings.Repeat("a", 64<<10) + `","vpn_connection":{"name":7}}`), outcome: report.Fail, says: "/body/vpn_connection/name", large: true, open: true},
	)
}

// hostileMembers are bodies that are read in two ways, or in none.
var hostileMembers = []attack{
	{name: "no body", serves: answers(created + closing), outcome: report.Fail, says: "the body is empty"},
	{name: "blanks", serves: answers(created + closing + " \n"), outcome: report.Fail, says: "no JSON"},
	{name: "null", serves: answers(created + closing + "null"), outcome: report.Fail},
	{name: "a huge number", serves: answers(created + closing + `{"vpn_connection":{"id":1e99999999,"name":` + strings.Repeat("9", 5000) + `}}`), outcome: report.Fail, says: "/body/vpn_connection/name  9"},
	{name: "a member twice", serves: answers(created + closing + `{"vpn_connection":{},"vpn_connection":{}}`), outcome: report.Fail, says: "duplicate"},
	{name: "names that are secrets", serves: answers(created + closing + `{"vpn_connection":{"{json key}":1,"{json key capitals}":2}}`), outcome: report.Fail, says: "the key that was sent", open: true},
	{name: "refused, names that are secrets", serves: answers(refused + closing + `{"error_code":"VPN.0001","error_msg":"no","{json token}":1,"{json token backwards}":2}`), outcome: report.Fail, says: "credentials that were sent", open: true},
	{name: "invalid UTF-8", serves: answers(created + closing + "{\"vpn_connection\":{\"name\":\"\xff\xfe{token}\"}}"), outcome: report.Fail, says: "invalid UTF-8"},
	{name: "a byte-order mark", serves: answers(created + closing + "\xef\xbb\xbf{right}"), outcome: report.Fail, says: "no JSON"},
	{name: "UTF-16", serves: answers(created + closing + "\xff\xfe" + each(`{"a":"`, "%c\x00") + "{key wide}{token wide}"), outcome: report.Fail, says: "the key that was sent"},
	{name: "lone surrogates", serves: answers(created + closing + `{"vpn_connection":{"name":"\ud800","\udfff{json token}":1}}`), outcome: report.Fail, says: "credentials that were sent"},
	{name: "no text", serves: answers(created + closing + "\x00\xff{key}{token}"), outcome: report.Fail, says: "the key that was sent", open: true},
	{name: "controls of a terminal", serves: answers(created + "X-A: \x1b[2J\r\n" + closing + "\x1b]0;title\x07\x1b[2J\u202e"), outcome: report.CouldNotRun},
	{name: "markup", serves: answers(created + closing + `{"vpn_connection":{"name":"</script><img src=x onerror=alert(1)>]]>::error::x|` + "`" + `"}}`), outcome: report.Fail, says: "onerror"},
	{name: "what stands for secrets", serves: answers(created + "X-A: Masked-Credential\r\n" + closing + `{"vpn_connection":{"name":"Masked-Key-123456789"}}`), outcome: report.Fail, says: "/body/vpn_connection/name", open: true},
	{name: "what stands for secrets, in Base64", serves: answers(created + closing + `{"a":"TWFza2VkLUtleS0xMjM0NTY3ODk=","b":"TWFza2VkLUNyZWRlbnRpYWw="}`), outcome: report.Fail},
}

// leakingTargets say the secrets of a request in every place and every form. Where
// the rest is right, it is that alone which fails.
func leakingTargets() []attack {
	rows := []attack{
		{name: "secrets in 1xx", serves: answers("HTTP/1.1 103 Early Hints\r\nLink: {field all}\r\n\r\n" + rightly + closing + "{right}"), outcome: report.Fail, says: "/headers/Link"},
		{name: "secrets in the reason", serves: answers("HTTP/1.1 201 {field all}\r\nContent-Type: application/json\r\n" + closing + "{right}"), outcome: report.Fail, says: "/status"},
		{name: "secrets in the header", serves: answers(rightly + "X-A: {field all}\r\n" + closing + "{right}"), outcome: report.Fail, says: "/headers/X-A"},
		{name: "a name in the header", serves: answers(rightly + "{key hex}: 1\r\n" + closing + "{right}"), outcome: report.Fail, says: "/headers/"},
		{name: "secrets in the trailer", serves: answers(created + "Trailer: X-A\r\n" + chunked + "2\r\n{}\r\n0\r\nX-A: {field all}\r\n\r\n"), outcome: report.Fail, says: "/headers/X-A"},
		{name: "secrets in the location", serves: answers("HTTP/1.1 302 Found\r\nLocation: {other}/?{field all query}\r\n" + closing), outcome: report.Fail, says: "/headers/Location"},
		{name: "secrets in the type", serves: answers("HTTP/1.1 201 Created\r\nContent-Type: {field all}\r\n" + closing + "{right}"), outcome: report.Fail, says: "/headers/Content-Type"},
		{name: "secrets in a coding", serves: answers(created + "Content-Encoding: gzip\r\n" + closing + zipped("{key}", 1)), outcome: report.Fail},
		{name: "secrets in what breaks off", serves: answers("{all}"), outcome: report.CouldNotRun},
		{name: "secrets in a wrong length", serves: answers(created + "Content-Length: {field all}\r\n\r\n"), outcome: report.CouldNotRun},
	}
	for _, row := range []struct{ place, status, early, header, body, trailer string }{
		{place: "/headers/Link", early: "HTTP/1.1 103 Early Hints\r\n" + inEveryForm("Link: <{field all %s}>\r\n") + "\r\n"},
		{place: "/headers/X-A", header: inEveryForm("X-A: {field all %s}\r\n")},
		{place: "/headers/X-B", trailer: inEveryForm("X-B: {field token %s}\r\n")},
		{place: "/status", status: inEveryForm(" {field all %s}")},
		{place: "/body", body: inEveryForm(`,"%[1]s":"{json all %[1]s}"`)},
	} {
		rows = append(rows, attack{name: "every form of secrets at " + row.place, serves: func(v *visit) {
			if v.read() {
				body := v.fill(`{"error_code":"VPN.0001","error_msg":"no"` + row.body + "}")
				v.write(row.early + "HTTP/1.1 400 No" + row.status + "\r\nContent-Type: application/json\r\n" + row.header + "Trailer: X-B\r\n" + chunked)
				v.write(fmt.Sprintf("%x\r\n%s\r\n0\r\n", len(body), body) + row.trailer + "\r\n")
				v.leave()
			}
		}, outcome: report.Fail, says: row.place + "  credentials that were sent"})
	}
	return rows
}

// inEveryForm is a text for each form of a secret, with the name of it.
func inEveryForm(format string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(forms)) {
		fmt.Fprintf(&b, format, name)
	}
	return b.String()
}
