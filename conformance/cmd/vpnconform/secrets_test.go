package main

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// planted are the secrets of a run against a target that answers them.
type planted struct {
	mu   sync.Mutex
	seen map[string]bool
}

// add adds what must not be shown.
func (p *planted) add(texts ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, text := range texts {
		if len(text) >= 4 && text != "wrong" {
			p.seen[text] = true
		}
	}
}

// answer answers every secret of a request in every form, what cases make of it
// too: those of a request that is refused are near-copies of what is right.
func (p *planted) answer(w http.ResponseWriter, r *http.Request) {
	const own, cookie = "Planted-by-the-target-4", "Planted-Cookie-5"
	p.add(own, cookie)
	body, _ := io.ReadAll(r.Body)
	said := []string{r.Header.Get("X-Auth-Token"), r.Header.Get("X-Mine"), r.Header.Get("Authorization"), os.Getenv("DECLARED")}
	if _, word, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok {
		plain, _ := base64.StdEncoding.DecodeString(word)
		user, password, _ := strings.Cut(string(plain), ":")
		said = append(said, word, user, password)
	}
	for _, c := range r.Cookies() {
		said = append(said, c.Value)
	}
	if key := regexp.MustCompile(`"psk":"([^"]{20})"`).FindSubmatch(body); key != nil { // that of the run
		said = append(said, string(key[1]))
	}
	p.add(said...)
	leaks := map[string]any{"psk": own, "other": map[string]any{"API-Key": own}}
	var sentence strings.Builder
	for i, secret := range said {
		for name, form := range formsIn(secret) {
			leaks[fmt.Sprintf("%s %d", name, i)] = form
			w.Header().Add("X-Leak", strings.Map(func(c rune) rune {
				if c < ' ' {
					return -1
				}
				return c
			}, form))
		}
		leaks[secret] = true
		fmt.Fprintf(&sentence, "token %s is invalid; ", secret)
	}
	w.Header().Set("Set-Cookie", "session="+cookie)
	w.Header().Set("X-Subject-Token", own)
	w.Header().Set("Content-Type", "application/json")
	if len(said[0])%2 == 0 { // of the near-copies some
		w.WriteHeader(http.StatusUnauthorized)
	} else {
		w.WriteHeader(http.StatusCreated)
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"error_code": "VPN.0001", "error_msg": sentence.String(), "vpn_connection": leaks, "request_id": said[0]}) // the client may be gone
}

// TestSecretsInArtefacts plants secrets in every input, has a target that
// answers them in many forms, and searches everything that is printed and
// written for them.
func TestSecretsInArtefacts(t *testing.T) {
	const token, header, declared = "Planted-Token+/=1", "Planted \"Header\" 2", "p7Qx"
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte("Zuser:Planted-Passw0rd"))
	secrets := &planted{seen: map[string]bool{}}
	target := httptest.NewServer(http.HandlerFunc(secrets.answer))
	defer target.Close()
	t.Chdir(t.TempDir())
	t.Setenv("PLANTED", token)
	t.Setenv("DECLARED", declared)
	config := "project_id: p\ntoken_env: PLANTED\nheaders: {X-Mine: " + strconv.Quote(header) + ", Authorization: " + strconv.Quote(basic) + ", Cookie: \"sid=Planted-Sid-99; k9=Qz4p\"}\n" +
		"gateways:\n  - {id: b32d91a4-demo-a8df-va86-e907174eb11d, network_type: public, attachment_type: vpc, ha_mode: active-active, addresses: [{id: 0c464dad-demo-a8df-va86-c22bb0eb0bde, ip: 10.0.0.134}]}\n" +
		"customer_gateways: [{id: 5247ae10-demo-a8df-va86-dd36659a7f5d, ip: 88.0.0.164}]\n"
	if err := os.WriteFile("env.yaml", []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	selected := []string{"--target", target.URL, "--config", "env.yaml", "--secret", "DECLARED", "--run", "example", "--run", "Dpd.timeout.maximum/[^i]*", "--run", "transport/credentials-*", "--run", "CreateVpnConnection.psk.minLength/[^i]*"}
	runs := [][]string{append([]string{"run", "--strict"}, selected...)}
	for format := range formats {
		runs[0] = append(runs[0], "--report", format+"=report."+format)
		runs = append(runs, []string{"report", "report.json", "--format", format})
	}
	runs = append(runs,
		append([]string{"run", "--dry-run"}, selected...),
		append([]string{"record", "--allow-failing", "--golden", "golden"}, selected...),
		append([]string{"baseline", "--file", "known.yaml", "--reason", "r"}, selected...),
		[]string{"compare", "report.json", "report.json", "--report", "md=compare.md", "--report", "json=compare.json"},
		[]string{"verify", "report.json"},
		[]string{"replay", "report.json", "example/static", "--config", "env.yaml", "--secret", "DECLARED"},
	)
	artefacts := map[string]string{}
	for _, args := range runs {
		var stdout, stderr strings.Builder
		run(t.Context(), args, &stdout, &stderr)
		artefacts[strings.Join(args[:min(4, len(args))], " ")] = stdout.String() + stderr.String()
	}
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || name == "env.yaml" {
			return err
		}
		data, err := os.ReadFile(name)
		artefacts[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(secrets.seen) < 20 || len(artefacts) < 40 || !strings.Contains(artefacts["report.json"], "X-Leak: ") || !strings.Contains(artefacts["report.har"], "Set-Cookie") {
		t.Fatalf("%d secrets, %d artefacts: nothing was planted", len(secrets.seen), len(artefacts))
	}
	for name, text := range artefacts {
		for _, seen := range undone(text) {
			for secret := range secrets.seen {
				if at := strings.Index(seen, strings.ToLower(secret)); at >= 0 {
					t.Errorf("%s shows %q: ...%q", name, secret, seen[max(0, at-60):at])
				}
			}
		}
	}
}

// formsIn are forms that a secret may take in an answer.
func formsIn(secret string) map[string]string {
	var percent, escapes strings.Builder
	for _, c := range []byte(secret) {
		fmt.Fprintf(&percent, "%%%02x", c)
		fmt.Fprintf(&escapes, `\u%04x`, c)
	}
	quoted, _ := json.Marshal(`"` + secret)
	var wide []byte
	for _, c := range []byte(secret) {
		wide = append(wide, c, 0)
	}
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	_, _ = io.WriteString(w, secret) // nothing fails in memory
	_ = w.Close()
	piece := secret[min(1, len(secret)):]
	return map[string]string{
		"plain": secret, "inside": "a " + secret + " b", "percent": percent.String(), "query": url.QueryEscape(secret),
		"escapes": escapes.String(), "quoted": string(quoted), "html": html.EscapeString(secret), "hex": hex.EncodeToString([]byte(secret)),
		"base64": base64.StdEncoding.EncodeToString([]byte(secret)), "longer": base64.StdEncoding.EncodeToString([]byte(`{"psk":"` + secret + `"}`)),
		"url64": base64.RawURLEncoding.EncodeToString([]byte("x " + secret)), "wide": string(wide), "wide64": base64.StdEncoding.EncodeToString(wide),
		"gzip": base64.StdEncoding.EncodeToString(zipped.Bytes()), "twice": url.QueryEscape(percent.String()), "capitals": strings.ToUpper(secret),
		"colons": strings.Join(regexp.MustCompile("..").FindAllString(hex.EncodeToString([]byte(secret)), -1), ":"),
		"mail":   strings.ReplaceAll(percent.String(), "%", "="), "piece": piece, "piece64": base64.StdEncoding.EncodeToString([]byte(piece)),
	}
}

var (
	escaped   = regexp.MustCompile(`\\u00([0-9a-fA-F]{2})|[%=]([0-9a-fA-F]{2})`)
	long64    = regexp.MustCompile(`[A-Za-z0-9+/_-]{6,}`)
	longHex   = regexp.MustCompile(`(?:[0-9a-fA-F]{2}:?){4,}`)
	backslash = regexp.MustCompile(`\\+(["\\/])`)
)

// undone is a text in small letters, and what comes of it when who reads it
// undoes the forms that a text may have.
func undone(text string) []string {
	out := []string{strings.ToLower(text)}
	for range 3 {
		text = html.UnescapeString(text)
		text = escaped.ReplaceAllStringFunc(text, func(escape string) string {
			data, _ := hex.DecodeString(escape[len(escape)-2:])
			return string(data)
		})
		text = strings.ReplaceAll(backslash.ReplaceAllString(text, "$1"), "\x00", "")
		out = append(out, strings.ToLower(text))
	}
	var found strings.Builder // one text of many is soon searched
	add := func(data []byte) {
		found.WriteString(strings.ToLower(strings.ReplaceAll(string(data), "\x00", "")) + "\n")
		if reader, err := gzip.NewReader(bytes.NewReader(data)); err == nil {
			plain, _ := io.ReadAll(reader)
			found.WriteString(strings.ToLower(string(plain)) + "\n")
		}
	}
	for _, word := range long64.FindAllString(text, -1) {
		word = strings.NewReplacer("-", "+", "_", "/").Replace(word)
		for from := range 4 {
			part := word[min(from, len(word)):]
			data, _ := base64.RawStdEncoding.DecodeString(part[:len(part)/4*4])
			add(data)
		}
	}
	for _, word := range longHex.FindAllString(text, -1) {
		data, _ := hex.DecodeString(strings.ReplaceAll(word, ":", ""))
		add(data)
	}
	return append(out, found.String())
}
