package generator

import (
	"fmt"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
)

// goName returns the exported Go name for a name of the document: RequestID for request_id. A name of which camel case
// makes none is spelled out.
func goName(name string) string {
	if camel := camelName(name); name == "" || isExported(camel) {
		return camel
	}
	return spell(name)
}

// camelName repeats oapi-codegen's ToCamelCaseWithInitialisms, which works only after a first generation has filled its
// variables; a test compares the two.
func camelName(name string) string {
	var b strings.Builder
	for _, word := range words(codegen.ToCamelCaseWithDigits(name)) {
		if isInitialism(word) {
			word = strings.ToUpper(word)
		}
		b.WriteString(word)
	}
	if r := []rune(name); len(r) > 0 && unicode.IsDigit(r[0]) {
		return "N" + b.String()
	}
	return b.String()
}

// spell returns a Go name in which every character of a name stays visible: +1 becomes Plus1 and userId UserId.
func spell(name string) string {
	signs := map[rune]string{
		'+': "Plus", '-': "Minus", '*': "Asterisk", '/': "Slash", '%': "Percent", '#': "Number", '@': "At", '$': "Dollar", '.': "Dot",
		'<': "Less", '>': "Greater", '=': "Equal", '!': "Not", '&': "And", '|': "Or", '~': "Tilde", '^': "Caret", '?': "Question",
		',': "Comma", ';': "Semicolon", ':': "Colon",
	}
	var b strings.Builder
	for _, r := range name {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(r)
		case signs[r] != "":
			b.WriteString(signs[r])
		default:
			b.WriteByte('_')
		}
	}
	runes := []rune(b.String())
	if len(runes) > 0 {
		runes[0] = unicode.ToUpper(runes[0])
	}
	if text := string(runes); isExported(text) {
		return text
	}
	return "X" + string(runes)
}

// freeName returns the first free one of: the wanted name, the name spelled out if oapi-codegen leaves it so, the wanted
// name with 2, 3 and so on. What stands first in the document keeps its name, so appending to a document changes no name.
func freeName(wanted, spelled string, taken func(string) bool) string {
	if !taken(wanted) {
		return wanted
	}
	if !taken(spelled) && camelName(spelled) == spelled {
		return spelled
	}
	for n := 2; ; n++ {
		if name := wanted + strconv.Itoa(n); !taken(name) {
			return name
		}
	}
}

// words splits a camel-case name; a word is a run of capitals and digits, and the lower-case letters and digits behind
// its last capital.
func words(name string) []string {
	var found []string
	start := 0
	runes := []rune(name)
	for i := 1; i < len(runes); i++ {
		if unicode.IsUpper(runes[i]) && unicode.IsLower(runes[i-1]) ||
			unicode.IsUpper(runes[i]) && unicode.IsDigit(runes[i-1]) && slices.ContainsFunc(runes[start:i], unicode.IsLower) {
			found = append(found, string(runes[start:i]))
			start = i
		}
	}
	return append(found, string(runes[start:]))
}

func isInitialism(word string) bool {
	switch strings.ToUpper(word) {
	case "ACL", "API", "ASCII", "CPU", "CSS", "DNS", "EOF", "GUID", "HTML", "HTTP", "HTTPS", "ID", "IP", "JSON",
		"QPS", "RAM", "RPC", "SLA", "SMTP", "SQL", "SSH", "TCP", "TLS", "TTL", "UDP", "UI", "GID", "UID", "UUID",
		"URI", "URL", "UTF8", "VM", "XML", "XMPP", "XSRF", "XSS", "SIP", "RTP", "AMQP", "DB", "TS":
		return true
	}
	return false
}

// isExported reports whether name can be an exported Go identifier.
func isExported(name string) bool { return token.IsIdentifier(name) && token.IsExported(name) }

// valueName returns the Go name of a value of an enumeration, for use behind the name of its type: Static for static and
// for STATIC; Sha2_512 for sha2-512, like crypto.SHA3_512, because Sha2512 would read as another number.
func valueName(value any) string {
	text, ok := value.(string)
	switch {
	case !ok:
		text = strings.ReplaceAll(fmt.Sprint(value), "-", "minus ")
	case text == "":
		return "Empty"
	case !strings.ContainsFunc(text, unicode.IsLower):
		text = strings.ToLower(text)
	}
	if r, size := utf8.DecodeRuneInString(text); (r == '+' || r == '-') && len(text) > size && isDigit(text[size]) {
		return spell(text) // +1 and -1 are not the same
	}
	parts := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	name := ""
	for _, part := range parts {
		rest := strings.TrimLeft(part, "0123456789")
		part = part[:len(part)-len(rest)] + goName(rest)
		if name != "" && isDigit(name[len(name)-1]) && isDigit(part[0]) {
			name += "_"
		}
		name += part
	}
	if !token.IsIdentifier("X"+name) || name == "" {
		return spell(text)
	}
	return name
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }

// isPackageName reports whether name can be that of a package.
func isPackageName(name string) bool {
	return token.IsIdentifier(name) && name == strings.ToLower(name) && name != "_"
}
