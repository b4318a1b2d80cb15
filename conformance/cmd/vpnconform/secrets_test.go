package main

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/cryptotest"
)

// answer answers every secret of a request in every form, what cases make of it
// too: those of a request that is refused are near-copies of what is right.
func (p *planted) answer(w http.ResponseWriter, r *http.Request) {
	p.add(own)
	body, _ := io.ReadAll(r.Body)
	said := p.said(r, body)
	leaks := map[string]any{"psk": own, "other": map[string]any{"API-Key": own}}
	var sentence strings.Builder
	for i, secret := range said {
		if secret == "" {
			continue
		}
		for name, form := range forms {
			leaks[fmt.Sprintf("%s %d", name, i)] = form(secret)
			w.Header().Add("X-Leak", inField(form(secret)))
		}
		leaks[secret] = true
		fmt.Fprintf(&sentence, "token %s is invalid; ", secret)
	}
	w.Header().Set("Set-Cookie", "session="+own)
	w.Header().Set("X-Subject-Token", own)
	w.Header().Set("Content-Type", "application/json")
	if len(said[0])%2 == 0 { // of the near-copies some
		w.WriteHeader(http.StatusUnauthorized)
	} else {
		w.WriteHeader(http.StatusCreated)
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"error_code": "VPN.0001", "error_msg": sentence.String(), "vpn_connection": leaks, "request_id": said[0]}) // the client may be gone
}

// TestSecretsInArtefacts has a target that answers the secrets in many forms, and
// searches what commands print and write for them. TestHostile does so with every
// format of a run.
func TestSecretsInArtefacts(t *testing.T) {
	cryptotest.SetGlobalRandom(t, 1) // as in TestHostile
	secrets, config := plant(t)
	target := httptest.NewServer(http.HandlerFunc(secrets.answer))
	defer target.Close()
	t.Chdir(t.TempDir())
	selected := []string{"--target", target.URL, "--config", config, "--secret", "DECLARED", "--run", "CreateVpnConnection/example/static", "--run", "CreateVpnConnection/Dpd.timeout.maximum/above", "--run", "transport/credentials-*"}
	artefacts := map[string]string{}
	for _, args := range [][]string{
		append([]string{"run", "--strict", "--report", "json=report.json", "--report", "har=report.har"}, selected...),
		append([]string{"run", "--dry-run"}, selected...),
		append([]string{"record", "--allow-failing", "--golden", "golden"}, selected...),
		append([]string{"baseline", "--file", "known.yaml", "--reason", "r"}, selected...),
		{"report", "report.json", "--format", "html"},
		{"compare", "report.json", "report.json", "--report", "md=compare.md", "--report", "json=compare.json"},
		{"verify", "report.json"},
		{"replay", "report.json", "CreateVpnConnection/example/static", "--target", target.URL, "--config", config, "--secret", "DECLARED"},
	} {
		var stdout, stderr strings.Builder
		run(t.Context(), args, &stdout, &stderr)
		artefacts[strings.Join(args[:2], " ")] = stdout.String() + stderr.String()
	}
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		artefacts[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(secrets.pieces) < 200 || len(artefacts) < 13 || !strings.Contains(artefacts["report.json"], "X-Leak: ") || !strings.Contains(artefacts["report.har"], "Set-Cookie") {
		t.Fatalf("%d pieces of secrets, %d artefacts: nothing was planted", len(secrets.pieces), len(artefacts))
	}
	for name, text := range artefacts {
		if secret, before := secrets.find(text); secret != "" {
			t.Errorf("%s shows a piece of %q: ...%q", name, secret, before)
		}
	}
}
