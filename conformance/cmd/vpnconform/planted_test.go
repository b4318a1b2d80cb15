package main

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// planted are the secrets of runs against targets that say them.
type planted struct {
	mu      sync.Mutex
	shorts  map[string]bool   // of four to seven characters, which are looked for as a whole, and backwards
	pieces  map[string]string // six characters of longer ones, backwards too, and the secret
	decoder *decoder
}

func newPlanted() *planted {
	return &planted{shorts: map[string]bool{}, pieces: map[string]string{}, decoder: newDecoder()}
}

// own is a secret that the target has of its own accord.
const own = "Own-6Yb-3Kd-8Xs"

// plant sets the variables that have secrets, and writes a configuration that has
// more. No secret is made of words, which an artefact has anyway.
func plant(t *testing.T) (p *planted, config string) {
	t.Helper()
	t.Setenv("PLANTED", "Tq7+Zw9/=Kx4-Vb2y8")
	t.Setenv("DECLARED", "p7Qx")
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte("Zuser:Pw-3xVq-9Rz+"))
	text := "parameters: {project_id: p}\ntoken_env: PLANTED\nheaders: {X-Mine: " + strconv.Quote(`Hj5 "Np8" Rt3 %Lm6`) + ", Authorization: " + strconv.Quote(basic) + ", Cookie: \"sid=Ck-8Tz-4Wm-2Qx; k9=Qz4p\"}\n" +
		"objects:\n  gateway:\n    - {id: b32d91a4-demo-a8df-va86-e907174eb11d, network_type: public, attachment_type: vpc, ha_mode: active-active, addresses: [{id: 0c464dad-demo-a8df-va86-c22bb0eb0bde, ip: 10.0.0.134}]}\n" +
		"  customer_gateway: [{id: 5247ae10-demo-a8df-va86-dd36659a7f5d, ip: 88.0.0.164}]\n"
	config = t.TempDir() + "/env.yaml"
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return newPlanted(), config
}

// add adds what must not be shown.
func (p *planted) add(texts ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, text := range texts {
		switch folded := strings.ToLower(text); {
		case len(text) < 4 || text == "wrong":
		case len(text) < 8:
			p.shorts[folded], p.shorts[forms["backwards"](folded)] = true, true
		default:
			for _, written := range []string{folded, forms["backwards"](folded)} {
				for at := range len(text) - 5 {
					p.pieces[written[at:at+6]] = text
				}
			}
		}
	}
}

// keyOfRun is that of a request; those of the suite have another length.
var keyOfRun = regexp.MustCompile(`"psk":"([^"]{20})"`)

// said are the secrets of a request. They are added.
func (p *planted) said(r *http.Request, body []byte) []string {
	out := []string{r.Header.Get("X-Auth-Token"), r.Header.Get("X-Mine"), r.Header.Get("Authorization"), os.Getenv("DECLARED")}
	if _, word, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok {
		plain, _ := base64.StdEncoding.DecodeString(word)
		user, password, _ := strings.Cut(string(plain), ":")
		out = append(out, word, user, password)
	}
	for _, c := range r.Cookies() {
		out = append(out, c.Value)
	}
	if key := keyOfRun.FindSubmatch(body); key != nil {
		out = append(out, string(key[1]))
	}
	p.add(out...)
	return out
}

// find looks for the secrets in a text and in what comes of it when its reader
// undoes the forms that it has. It returns one, and what stands before it.
func (p *planted) find(text string) (secret, before string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var begins [1 << 16]bool // the first two characters of a piece
	for piece := range p.pieces {
		begins[int(piece[0])<<8|int(piece[1])] = true
	}
	for _, reading := range p.decoder.undone(text) {
		for at := range max(len(reading)-5, 0) {
			if begins[int(reading[at])<<8|int(reading[at+1])] {
				if secret := p.pieces[reading[at:at+6]]; secret != "" {
					return secret, reading[max(0, at-60) : at+6]
				}
			}
		}
		for short := range p.shorts {
			if at := strings.Index(reading, short); at >= 0 {
				return short, reading[max(0, at-60) : at+len(short)]
			}
		}
	}
	return "", ""
}

// forms are those that a secret takes in an answer, by name. They are made when
// they are asked for.
var forms = map[string]func(string) string{
	"plain":     func(s string) string { return s },
	"percent":   func(s string) string { return each(s, "%%%02x") },
	"twice":     func(s string) string { return each(s, "%%25%02X") },
	"mail":      func(s string) string { return each(s, "=%02X") },
	"escapes":   func(s string) string { return each(s, `\u%04x`) },
	"query":     url.QueryEscape,
	"html":      html.EscapeString,
	"quoted":    func(s string) string { return strconv.Quote(`"` + s) },
	"hex":       func(s string) string { return hex.EncodeToString([]byte(s)) },
	"colons":    func(s string) string { return strings.TrimPrefix(each(s, ":%02X"), ":") },
	"dashes":    func(s string) string { return strings.TrimPrefix(each(s, "-%02x"), "-") },
	"numbers":   func(s string) string { return "[" + strings.TrimPrefix(each(s, ",%d"), ",") + "]" },
	"base64":    func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"longer":    func(s string) string { return base64.StdEncoding.EncodeToString([]byte(`{"psk":"` + s + `"}`)) },
	"url64":     func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte("x " + s)) },
	"piece":     func(s string) string { return s[1:] },
	"piece64":   func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s[1:])) },
	"capitals":  strings.ToUpper,
	"backwards": func(s string) string { b := []byte(s); slices.Reverse(b); return string(b) },
	"wide":      func(s string) string { return each(s, "%c\x00") },
	"wide64":    func(s string) string { return base64.StdEncoding.EncodeToString([]byte(each(s, "%c\x00"))) },
	"gzip": func(s string) string {
		return base64.StdEncoding.EncodeToString(compressed(s, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }))
	},
	"deflate": func(s string) string {
		return base64.StdEncoding.EncodeToString(compressed(s, func(w io.Writer) io.WriteCloser {
			f, _ := flate.NewWriter(w, flate.DefaultCompression) // a level that there is
			return f
		}))
	},
}

// each writes every byte of a text with a format.
func each(text, format string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		fmt.Fprintf(&b, format, c)
	}
	return b.String()
}

func compressed(text string, with func(io.Writer) io.WriteCloser) []byte {
	var b bytes.Buffer
	w := with(&b)
	_, _ = io.WriteString(w, text) // nothing fails in memory
	_ = w.Close()
	return b.Bytes()
}

// inField is a text without what no header field can have.
func inField(text string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' {
			return -1
		}
		return c
	}, text)
}

// inJSON is a text within one of JSON.
func inJSON(text string) string {
	quoted, _ := json.Marshal(text) // a text always encodes
	return string(quoted[1 : len(quoted)-1])
}
