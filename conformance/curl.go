package conformance

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/vpnconform/vpnconform/openapi"
)

// Curl returns the command line that sends a request to a target, for a POSIX
// shell. The target is a base URL.
func Curl(target string, op openapi.Operation, project string, body []byte) string {
	c := &client{base: &url.URL{}}
	return c.curl(outgoing{method: op.Method, url: operationURL(target, op.Path, project), header: c.headers(""), body: body})
}

// curl returns the command line that repeats a request, secrets masked. Blanks
// before the body are left out.
func (c *client) curl(o outgoing) string {
	line := []string{"curl", "-i", "-X", o.method, quote(o.url)}
	for _, name := range slices.Sorted(maps.Keys(o.header)) {
		_, configured := c.own[name]
		switch {
		case name == "User-Agent":
		case o.header[name] == "wrong":
			line = append(line, "-H", quote(name+": wrong"))
		case name == "X-Auth-Token" && o.header[name] == c.token+"0" && c.tokenEnv != "": // lengthened
			line = append(line, "-H", `"X-Auth-Token: ${`+c.tokenEnv+`}0"`)
		case name == "X-Auth-Token" && o.header[name] == c.token && c.tokenEnv != "":
			line = append(line, "-H", `"X-Auth-Token: $`+c.tokenEnv+`"`)
		case name == "X-Auth-Token" || configured:
			line = append(line, "-H", quote(name+": ***"))
		case o.header[name] == "":
			line = append(line, "-H", quote(name+":")) // curl leaves the field out
		default:
			line = append(line, "-H", quote(name+": "+o.header[name]))
		}
	}
	shown := string(o.body)
	if c.psk != "" {
		shown = strings.ReplaceAll(shown, c.psk, MaskedKey)
	}
	if strings.ContainsFunc(shown, unicode.IsControl) || !utf8.ValidString(shown) {
		return "printf " + quote(octal(shown)) + " | " + strings.Join(append(line, "--data-binary", "@-"), " ")
	}
	return strings.Join(append(line, "--data-raw", quote(shown)), " ")
}

// octal writes a text for printf of a POSIX shell, which prints the same bytes.
func octal(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		switch {
		case c == '%' || c == '\\':
			b.WriteByte(c)
			b.WriteByte(c)
		case c < ' ' || c > '~':
			fmt.Fprintf(&b, "\\%03o", c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// quote quotes a word for a POSIX shell.
func quote(word string) string {
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
