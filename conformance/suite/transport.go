package suite

import (
	"bytes"
	"net/http"
	"slices"
	"strings"

	"github.com/vpnconform/vpnconform/openapi"
)

// Wire says how a request is sent. The zero value is as the document has it,
// once.
type Wire struct {
	Requests int // how many, each of which creates a connection of its own; 0 means 1
	AtOnce   bool

	Method string            // empty means the operation's
	Path   string            // template; empty means the operation's
	Header map[string]string // fields that differ; an empty value leaves the field out

	// Credentials is what becomes of the environment's: missing, wrong,
	// shortened, lengthened, or changed in one character; empty sends them.
	Credentials string

	// Edit returns the bytes of the body changed in a way that no JSON Patch
	// can, and leaves its argument as it is; nil changes nothing.
	Edit func([]byte) []byte

	Form    string // of the JSON, a name of [Forms]; empty means compact
	Blanks  int    // before the body
	Chunked bool   // the length of the body is not said
	Fresh   bool   // the request has a connection of its own
	Late    bool   // the request is sent when all others are answered
}

// Elsewhere reports whether the request goes to another path or method than the
// operation's.
func (w Wire) Elsewhere() bool { return w.Method != "" || w.Path != "" }

// Outside reports whether what stands before the operation may answer in its own
// way, which no page describes: a router, or a proxy that has a limit for bodies.
func (w Wire) Outside() bool { return w.Elsewhere() || w.Blanks >= MaxBody }

// Lawful tells whether the body is JSON with a request that the rules judge.
func (w Wire) Lawful() bool { return w.Edit == nil }

// MaxBody is the size of a body in bytes that no client of the API sends.
// source: OTC-AUTH, AK/SK
const MaxBody = 12 << 20

const (
	accepted = http.StatusCreated
	refused  = http.StatusBadRequest
)

// sending is a case of the transport: an example that is sent in another way.
type sending struct {
	name, title string
	level       openapi.Level
	source      string
	statuses    []int
	wire        Wire
}

// transport adds the cases of what is around the request.
func (s *Suite) transport() {
	for _, group := range [][]sending{methods(), headers(), bodies(), broken(), credentials(), together()} {
		for _, t := range group {
			c := Case{
				ID: t.name, Title: t.title, Level: string(t.level), Source: t.source, Statuses: t.statuses, Wire: t.wire,
				Change: openapi.Violate{Example: examples[0].name, Patch: []byte("[]"), Facts: s.doc.Facts},
			}
			if c.Refused() {
				c.Twin = "example/" + examples[0].name
			}
			s.Cases = append(s.Cases, c)
		}
	}
}

// methods are requests to elsewhere. That GET lists connections is documented
// on another page.
func methods() []sending {
	const no = "is not found, or not allowed"
	elsewhere := []int{http.StatusNotFound, http.StatusMethodNotAllowed}
	stranger := []int{http.StatusNotFound, http.StatusForbidden, http.StatusUnauthorized, refused}
	out := []sending{
		{"transport/path-plural", "The path with an s at its end " + no, openapi.Should, "URI", elsewhere, Wire{Path: "/v5/{project_id}/vpn-connections"}},
		{"transport/path-trailing-slash", "The path with a slash at its end " + no, openapi.May, "URI", elsewhere, Wire{Path: "/v5/{project_id}/vpn-connection/"}},
		{"transport/path-no-project", "The path without a project " + no, openapi.May, "URI", append([]int{http.StatusBadRequest}, elsewhere...), Wire{Path: "/v5/vpn-connection"}},
		{"transport/path-other-project", "The gateways of a project are none of another", openapi.Should, "Table 1, project_id",
			stranger, Wire{Path: "/v5/7d1c2f6059a34b8e9c143e0a6f2b8d57/vpn-connection"}},
		{"transport/path-project-before", "A project's identifier with something before it is none", openapi.Should, "Table 1, project_id", stranger, Wire{Path: "/v5/0{project_id}/vpn-connection"}},
		{"transport/path-project-behind", "A project's identifier with something behind it is none", openapi.Should, "Table 1, project_id", stranger, Wire{Path: "/v5/{project_id}0/vpn-connection"}},
		{"transport/path-project-twice", "A project's identifier is not written twice", openapi.Should, "Table 1, project_id", stranger, Wire{Path: "/v5/{project_id}{project_id}/vpn-connection"}},
		{"transport/path-project-cut", "A project's identifier without its last character is none", openapi.Should, "Table 1, project_id", stranger, Wire{Path: "/v5/{project_id-beginning}/vpn-connection"}},
		{"transport/path-project-beheaded", "A project's identifier without its first character is none", openapi.Should, "Table 1, project_id", stranger, Wire{Path: "/v5/{project_id-end}/vpn-connection"}},
		{"transport/path-project-absent", "An empty identifier is that of no project", openapi.Should, "Table 1, project_id",
			append([]int{http.StatusMovedPermanently, http.StatusTemporaryRedirect, http.StatusPermanentRedirect}, stranger...), Wire{Path: "/v5//vpn-connection"}},
		{"transport/path-project-more", "The path with something behind the project " + no, openapi.Should, "Table 1, project_id", elsewhere, Wire{Path: "/v5/{project_id}/{project_id}/vpn-connection"}},
		{"transport/path-project-blank", "A project's identifier with a blank behind it is none", openapi.Should, "Table 1, project_id", stranger, Wire{Path: "/v5/{project_id}%20/vpn-connection"}},
		{"transport/path-version", "The path of another version " + no, openapi.Should, "URI", elsewhere, Wire{Path: "/v4/{project_id}/vpn-connection"}},
	}
	for _, method := range []string{http.MethodPut, http.MethodPatch, http.MethodDelete} {
		out = append(out, sending{
			"transport/method-" + strings.ToLower(method), "The method " + method + " " + no,
			openapi.Should, "URI", elsewhere, Wire{Method: method},
		})
	}
	return out
}

// headers are header fields of the request.
func headers() []sending {
	ok, wrong := []int{accepted}, []int{refused, http.StatusUnsupportedMediaType}
	field := func(name, value string) Wire { return Wire{Header: map[string]string{name: value}} }
	return []sending{
		{"transport/content-type-charset", "Content-Type may name the charset", openapi.Should, "OTC-REQ, Content-Type", ok, field("Content-Type", "application/json; charset=utf-8")},
		{"transport/content-type-upper-case", "The case of Content-Type does not matter", openapi.May, "RFC-9110, 8.3.1", ok, field("Content-Type", "Application/JSON")},
		{"transport/content-type-text", "A body that is called text is refused", openapi.May, "OTC-REQ, Content-Type", wrong, field("Content-Type", "text/plain")},
		{"transport/content-type-xml", "A body that is called XML is refused", openapi.May, "OTC-REQ, Content-Type", wrong, field("Content-Type", "application/xml")},
		{"transport/content-type-missing", "A body without Content-Type is refused", openapi.May, "OTC-REQ, Content-Type", wrong, field("Content-Type", "")},
		{"transport/accept-missing", "Accept may be absent", openapi.Should, "RFC-9110, 12.5.1", ok, field("Accept", "")},
		{"transport/accept-any", "Accept may ask for anything", openapi.Should, "RFC-9110, 12.5.1", ok, field("Accept", "*/*")},
		{"transport/user-agent-other", "User-Agent may be that of any client", openapi.Should, "SDK, core/request", ok, field("User-Agent", "huaweicloud-usdk-go/3.0")},
		{"transport/user-agent-missing", "User-Agent may be absent", openapi.Should, "RFC-9110, 10.1.5", ok, field("User-Agent", "")},
		{"transport/expect-continue", "A client may wait for 100 Continue", openapi.Should, "RFC-9110, 10.1.1", ok, field("Expect", "100-continue")},
		{"transport/chunked", "The body may come in chunks, unless 411 asks for its length", openapi.Should, "RFC-9112, 6.3", ok, Wire{Chunked: true}},
	}
}

// bodies are other ways to write the same JSON.
func bodies() []sending {
	ok := []int{accepted}
	return []sending{
		{"transport/body-line-feed", "A line feed may end the body", openapi.Should, "SDK, core/request", ok, edited(func(b []byte) []byte { return append(slices.Clip(b), '\n') })},
		{"transport/body-blanks", "Blanks may stand around values", openapi.Should, "RFC-8259, 2", ok, edited(func(b []byte) []byte {
			return bytes.ReplaceAll(append([]byte(" \t\r\n"), b...), []byte(`":`), []byte("\" :\r\n\t"))
		})},
		{"transport/body-escaped", "A character may be written as an escape", openapi.Should, "RFC-8259, 7", ok, edited(func(b []byte) []byte {
			return bytes.ReplaceAll(b, []byte(`"vgw_id"`), []byte(`"\u0076gw_id"`))
		})},
	}
}

// broken are bodies that are no JSON, or more than that.
func broken() []sending {
	var out []sending
	for _, row := range []struct {
		name, title, source string
		level               openapi.Level
		edit                func([]byte) []byte
	}{
		{"empty", "An empty body is refused", "OTC-ERR, VPN.0001", openapi.Should, func([]byte) []byte { return nil }},
		{"blank", "A body of blanks is refused", "OTC-ERR, VPN.0001", openapi.Should, func([]byte) []byte { return []byte("  \n") }},
		{"null", "A body that is null is refused", "OTC-ERR, VPN.0001", openapi.Should, func([]byte) []byte { return []byte("null") }},
		{"text", "A body that is a text is refused", "OTC-ERR, VPN.0001", openapi.Should, func([]byte) []byte { return []byte(`"x"`) }},
		{"malformed", "A body that is no JSON is refused", "OTC-ERR, VPN.0001", openapi.Should, func(b []byte) []byte { return bytes.Replace(b, []byte(":"), []byte("="), 1) }},
		{"trailing-comma", "A comma behind the last member is refused", "RFC-8259, 4", openapi.May, func(b []byte) []byte { return append(slices.Clip(b[:len(b)-1]), ",}"...) }},
		{"truncated", "A body that breaks off is refused", "OTC-ERR, VPN.0001", openapi.Should, func(b []byte) []byte { return b[:len(b)/3] }}, // before the key
		{"form", "A form is refused", "OTC-ERR, VPN.0001", openapi.Should, func([]byte) []byte { return []byte("vgw_id=x&vgw_ip=y") }},
		{"two-values", "A second value behind the body is refused", "RFC-8259, 2", openapi.May, func(b []byte) []byte { return append(slices.Clip(b), b...) }},
		{"byte-order-mark", "A byte order mark is refused", "RFC-8259, 8.1", openapi.May, func(b []byte) []byte { return append([]byte("\xef\xbb\xbf"), b...) }},
		{"duplicate-member", "A member that comes twice is refused", "RFC-8259, 4", openapi.May, func(b []byte) []byte {
			return bytes.Replace(b, []byte(`"vgw_id":`), []byte(`"vgw_id":"00000000-0000-4000-8000-000000000000","vgw_id":`), 1)
		}},
		{"invalid-utf-8", "Text that is not UTF-8 is refused", "OTC-REQ, UTF-8", openapi.May, func(b []byte) []byte {
			return bytes.Replace(b, []byte(`{"vpn_connection":{`), []byte("{\"vpn_connection\":{\"name\":\"a\xff\","), 1)
		}},
		{"lone-surrogate", "Half a character is refused", "RFC-8259, 8.2", openapi.May, func(b []byte) []byte {
			return bytes.Replace(b, []byte(`{"vpn_connection":{`), []byte(`{"vpn_connection":{"name":"\ud800",`), 1)
		}},
		{"deep", "A body that nests 10,000 deep is refused", "RFC-8259, 9", openapi.May, func(b []byte) []byte {
			deep := `{"x":` + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + ","
			return bytes.Replace(b, []byte("{"), []byte(deep), 1)
		}},
		{"gzip", "A coding that the request does not name is refused", "OTC-ERR, VPN.0001", openapi.Should, func([]byte) []byte {
			return []byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\xabV\xaa\x05\x00C\xbf\xa6\xa3\x02\x00\x00\x00")
		}},
	} {
		out = append(out, sending{"transport/body-" + row.name, row.title, row.level, row.source, []int{refused}, edited(row.edit)})
	}
	return append(out, sending{
		"transport/body-oversized", "A body of more than 12 MB is refused", openapi.May, "OTC-AUTH, AK/SK",
		[]int{refused, http.StatusRequestEntityTooLarge},
		Wire{Blanks: MaxBody, Header: map[string]string{"Expect": "100-continue"}}, // who refuses its length need not read it
	})
}

func edited(edit func([]byte) []byte) Wire { return Wire{Edit: edit} }

// credentials are requests of a stranger.
func credentials() []sending {
	status := []int{http.StatusUnauthorized, http.StatusForbidden}
	return []sending{
		{"transport/credentials-missing", "A request without credentials is refused", openapi.Should, "OTC-AUTH, Token-based Authentication", status, Wire{Credentials: "missing"}},
		{"transport/credentials-wrong", "A request with wrong credentials is refused", openapi.Should, "OTC-AUTH, Token-based Authentication", status, Wire{Credentials: "wrong"}},
		{"transport/credentials-shortened", "A request with half of the credentials is refused", openapi.Should, "OTC-AUTH, Token-based Authentication", status, Wire{Credentials: "shortened"}},
		{"transport/credentials-lengthened", "A request with longer credentials is refused", openapi.Should, "OTC-AUTH, Token-based Authentication", status, Wire{Credentials: "lengthened"}},
		{"transport/credentials-changed", "A request with one wrong character in its credentials is refused", openapi.Should, "OTC-AUTH, Token-based Authentication", status, Wire{Credentials: "changed"}},
	}
}

// together are requests that come at the same time.
func together() []sending {
	return []sending{{
		"concurrency/distinct", "Connections that are created at the same time are different ones", openapi.Must,
		"Response parameters", []int{accepted}, Wire{Requests: 16, AtOnce: true},
	}}
}

// plain tells whether a request is sent as the document has it.
func (w Wire) plain() bool {
	return !w.Elsewhere() && len(w.Header) == 0 && w.Credentials == "" && w.Edit == nil && w.Form == "" && w.Blanks == 0 && !w.Chunked
}
