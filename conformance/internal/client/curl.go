package client

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/vpnconform/vpnconform/conformance/suite"
	"github.com/vpnconform/vpnconform/openapi"
)

// Curl returns the command that sends a request to a target, for a POSIX shell.
// The target is a base URL.
func Curl(target string, op openapi.Operation, parameters []suite.Parameter, body []byte) string {
	c := &Client{Base: &url.URL{}}
	header := c.headerFields("")
	if op.JSON() == nil {
		delete(header, "Content-Type")
	}
	return c.Curl(Request{Method: op.Method, URL: operationURL(target, op.Path, parameters), Header: header, Body: body, Masked: body})
}

// longBody is the number of bytes up to which a body stands on the command line
// itself. A longer one would hide the options, so it follows them.
const longBody = 1000

// Curl returns the command that sends the bytes of a request again, with secrets masked.
// It is printable ASCII, whatever the request is, so that no report has to escape it and
// no terminal changes it. It is one line unless the body is long and printable; then the
// body follows in a here-document.
func (c *Client) Curl(o Request) string {
	body := string(o.Masked)
	command := strings.Join(append(c.curlOptions(o), ""), " ")
	switch {
	case o.blanks > 0:
		// curl reads its standard input to the end before it sends anything.
		return fmt.Sprintf(`{ head -c %d /dev/zero | tr '\0' ' '; %s; } | %s--data-binary @-`, o.blanks, printfCommand(body), command)
	case body == "" && !sendsEmptyBody(o.Method):
		return strings.TrimSuffix(command, " ")
	case !isPrintable(body):
		return printfCommand(body) + " | " + command + "--data-binary @-"
	case len(body) > longBody:
		// --data drops the line feed at the end of a here-document. The body has no
		// line feeds, and is longer than the word that ends it.
		return command + "--data @- <<'EOF'\n" + body + "\nEOF"
	}
	return command + "--data-raw " + Quote(body)
}

// sendsEmptyBody reports whether net/http sends Content-Length: 0 for a method. For other
// methods it sends nothing, and neither does curl without data.
func sendsEmptyBody(method string) bool {
	return method == http.MethodPost || method == http.MethodPut || method == http.MethodPatch
}

// curlOptions are curl and its arguments, without the body.
func (c *Client) curlOptions(o Request) []string {
	line := []string{"curl", "-i", "-X", o.Method}
	target := o.URL
	if u, err := url.Parse(o.URL); err == nil { // as net/http writes it
		target = u.Scheme + "://" + u.Host + u.RequestURI()
		if hasDotSegment(u.Path) {
			line = append(line, "--path-as-is")
		}
	}
	if strings.ContainsAny(target, "[]{}") {
		line = append(line, "--globoff")
	}
	line = append(line, shellWord(target))
	fields := c.curlFields(o)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		line = append(line, "-H", fields[name])
	}
	return line
}

// hasDotSegment reports whether a path has a segment that curl would resolve.
func hasDotSegment(path string) bool {
	segments := strings.Split(path, "/")
	return slices.Contains(segments, ".") || slices.Contains(segments, "..")
}

// curlFields are the header fields of a request as words of a shell, by name. A field
// that curl would add by itself is empty.
func (c *Client) curlFields(o Request) map[string]string {
	fields := map[string]string{}
	for name, value := range o.Header {
		if value != "" && !slices.Contains(connectionFields, name) {
			fields[name] = c.curlField(name, value)
		}
	}
	size := o.blanks + len(o.Masked) // which curl sends
	adds := []string{"Accept", "User-Agent"}
	if size > 0 || sendsEmptyBody(o.Method) {
		adds = append(adds, "Content-Type")
	}
	if size > 1024 || o.chunked { // the size differs between versions of curl
		adds = append(adds, "Expect")
	}
	for _, name := range adds {
		if o.Header[name] == "" {
			fields[name] = Quote(name + ":")
		}
	}
	if o.chunked && size > 0 {
		fields["Transfer-Encoding"] = Quote("Transfer-Encoding: chunked")
	}
	if o.ownConnection {
		fields["Connection"] = Quote("Connection: close")
	}
	return fields
}

// connectionFields are header fields that net/http writes by itself and never takes from
// a request.
var connectionFields = []string{"Host", "Content-Length", "Transfer-Encoding", "Trailer"}

// curlField is a header field as a word of a shell. A token comes from its variable, and
// other fields of the environment are masked: the value *** was never sent.
func (c *Client) curlField(name, value string) string {
	_, configured := c.Configured[name]
	token := name == c.Field && c.token != ""
	switch {
	case value == "wrong":
		return Quote(name + ": wrong")
	case token && value == c.token+"0" && c.tokenEnv != "": // lengthened
		return `"` + name + ": " + c.scheme + `${` + c.tokenEnv + `}0"`
	case token && value == c.token && c.tokenEnv != "":
		return `"` + name + ": " + c.scheme + `$` + c.tokenEnv + `"`
	case token || configured:
		return Quote(name + ": ***")
	}
	return shellWord(name + ": " + value)
}

// isPrintable reports whether a text is printable ASCII.
func isPrintable(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' })
}

// printfCommand is the command that prints the bytes of a text.
func printfCommand(text string) string { return "printf " + Quote(Octal(text)) }

// Octal writes a text for printf of a POSIX shell, which prints the same bytes.
func Octal(text string) string {
	var b strings.Builder
	for i, c := range []byte(text) {
		switch {
		case c == '%' || c == '\\':
			b.WriteByte(c)
			b.WriteByte(c)
		case c < ' ' || c > '~' || c == '-' && i == 0: // a leading hyphen would begin an option
			fmt.Fprintf(&b, "\\%03o", c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// shellWord is a text as one word of a POSIX shell. The text must not end with a line
// feed.
func shellWord(text string) string {
	if isPrintable(text) {
		return Quote(text)
	}
	return `"$(` + printfCommand(text) + `)"`
}

// Quote quotes a word for a POSIX shell.
func Quote(word string) string {
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
