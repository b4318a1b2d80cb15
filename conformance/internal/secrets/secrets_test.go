package secrets

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
)

const (
	testKey        = `Vc1-x"y+z~:'.A9&<k>Q`
	testToken      = "AbCdEfGh12345678"
	testStandIn    = "Masked-Key-123456789" // as long as the key
	testCredential = "Masked-Credential"
)

func testSet() *Set {
	return New([]Secret{
		{Text: testKey, Kind: Key, StandIn: testStandIn},
		{Text: testToken, Kind: Credential, StandIn: testCredential},
	})
}

// standIns finds what testSet shows.
func standIns() *Set {
	return New([]Secret{{Text: testStandIn, Kind: Key}, {Text: testCredential, Kind: Credential}})
}

// TestForms writes secrets in every way, and in every way inside another. Each is
// found and masked, so that neither who reads it nor who undoes it has a piece of
// it, and what is masked says so.
func TestForms(t *testing.T) {
	set, shown := testSet(), standIns()
	for secret, kind := range map[string]Kind{testKey: Key, testToken: Credential} {
		forms := map[string]string{"plain": secret, "backwards": backwards(secret)}
		for _, outer := range encodings {
			forms[outer.name] = outer.write(secret)
			for _, inner := range encodings {
				if !inner.within(outer) {
					continue
				}
				forms[inner.name+" in "+outer.name] = outer.write(`a: "` + inner.write(secret) + `" b`)
			}
		}
		for name, form := range forms {
			for _, text := range []string{form, "key " + form + "."} {
				if got := set.Find(text); got != kind {
					t.Errorf("%s: found %d in %q, want %d", name, got, text, kind)
				}
				masked := set.Mask(text)
				if left := set.pieceLeft(masked); left != "" {
					t.Errorf("%s: %q is left in %q", name, left, masked)
				}
				if got := shown.Find(masked); got != kind {
					t.Errorf("%s: %q does not say what is masked", name, masked)
				}
				if again := set.Mask(masked); again != masked {
					t.Errorf("%s: %q masked twice is %q", name, masked, again)
				}
			}
		}
	}
}

// pieceLeft is the first piece that a text shows in any of its readings.
func (s *Set) pieceLeft(text string) string {
	hits, whole := s.search(text, false)
	hits = s.beside(text, hits)
	for _, h := range hits {
		return text[h.from:h.to]
	}
	if !whole {
		return text
	}
	return ""
}

// TestPieces shows every piece of the secrets: one of ten characters or more is
// found, and one of six or more is masked.
func TestPieces(t *testing.T) {
	set, shown := testSet(), standIns()
	for secret, kind := range map[string]Kind{testKey: Key, testToken: Credential} {
		for from := range len(secret) {
			for to := from + 1; to <= len(secret); to++ {
				part := secret[from:to]
				for _, text := range []string{part, "a " + part + " b", strings.ToUpper(part), hex.EncodeToString([]byte(part)), base64.StdEncoding.EncodeToString([]byte(part))} {
					masked := set.Mask(text)
					want := kind
					if len(part) < long {
						want = 0
					}
					if got := set.Find(text); got != want {
						t.Errorf("found %d in %q, want %d", got, text, want)
					}
					if got := shown.Find(masked); got != want {
						t.Errorf("%q is shown as %q", text, masked)
					}
					if (masked != text) != (len(part) >= piece) || set.pieceLeft(masked) != "" {
						t.Errorf("%q is shown as %q", text, masked)
					}
				}
			}
		}
	}
}

// TestNoSecret lists what is none.
func TestNoSecret(t *testing.T) {
	set := testSet()
	for _, text := range []string{"", testKey[:5], testKey[15:], `\u0056`, "%56%63", testStandIn, testCredential, "Vc1-Vc1-Vc1-Vc1-", "12345", "AbCdE AbCdE"} {
		if found, masked := set.Find(text), set.Mask(text); found != 0 || masked != text {
			t.Errorf("%q: found %d, shown as %q", text, found, masked)
		}
	}
	var none *Set
	if none.Find(testKey) != 0 || none.Mask(testKey) != testKey || New(nil).Mask(testKey) != testKey {
		t.Error("something is found without a secret")
	}
}

// TestShort masks secrets of four to seven characters between delimiters, and no
// shorter ones.
func TestShort(t *testing.T) {
	set := New([]Secret{{Text: "a1b2", Kind: Credential, StandIn: testCredential}, {Text: "o!pen?", Kind: Hidden}, {Text: "xyz", Kind: Hidden}, {Text: "demo", Kind: Hidden}}, "b32d91a4-demo-a8df")
	for text, want := range map[string]string{
		"a1b2":               "1111",
		`{"x":"a1b2"}`:       `{"x":"1111"}`,
		"user:A1B2@":         "user:1111@",
		"xa1b2":              "xa1b2",
		"a1b2_":              "a1b2_",
		"is o!pen?yes":       "is x-xxx-yes",
		"iso!pen?":           "iso!pen?",
		"is o!pen?":          "is x-xxx-",
		"xyz":                "xyz",
		"demo":               "demo",
		`"\u0061\u0031b2"`:   `"1111"`,
		"61 31 62 32":        "1111",
		"dXNlcjphMWIy":       "dXNlcj1111",
		"a1b2,a1b2":          "1111,1111",
		"%61%31%62%32 %61%3": "1111 %61%3",
	} {
		if got := set.Mask(text); got != want || set.Find(text) != 0 {
			t.Errorf("%q is shown as %q, want %q", text, got, want)
		}
	}
}

// TestPublic leaves words alone that everybody reads anyway, but for a long piece
// of a secret.
func TestPublic(t *testing.T) {
	set := New([]Secret{{Text: "secret-connection-token", Kind: Credential, StandIn: testCredential}}, "the connection is no secret")
	for text, want := range map[string]string{
		"a secret":              "a secret",
		"a connection":          "a " + testCredential, // ten characters of it
		"Secrets":               "Xxxxxxs",
		"cret-con":              "xxxx-xxx",
		"a secret-c":            "a xxxxxx-x",
		"connec":                "connec",
		"my secret-connection.": "my " + testCredential + ".",
	} {
		if got := set.Mask(text); got != want {
			t.Errorf("%q is shown as %q, want %q", text, got, want)
		}
	}
}

// TestWhole finds a secret without its pieces, and one of eight characters.
func TestWhole(t *testing.T) {
	set := New([]Secret{{Text: testToken, Kind: Key, StandIn: "***", Whole: true}, {Text: "Pass-123", Kind: Credential, StandIn: "+++"}, {Text: "session=Pass-123", Kind: Credential, StandIn: "+++"}})
	for text, want := range map[string]string{
		testToken:             "***",
		"x" + testToken[1:]:   "x" + testToken[1:],
		"a=Pass-123;":         "a-+++;",
		"n=pass-123":          "+++",
		"session=Pass-123":    "+++",
		"xPass-123x":          "x+++x",
		"Pass-12":             "Xxxx-11",
		testToken + testToken: "******",
	} {
		if got := set.Mask(text); got != want {
			t.Errorf("%q is shown as %q, want %q", text, got, want)
		}
	}
}

// TestStandInOfItself masks a secret that its stand-in is a piece of.
func TestStandInOfItself(t *testing.T) {
	set := New([]Secret{{Text: "my-" + testCredential + "-1", Kind: Credential, StandIn: testCredential}})
	for text, want := range map[string]string{
		"a my-Masked-Credential-1 b": "a " + testCredential + " b",
		"Masked-Credential-1":        "Masked-Credential-1",
	} {
		if got := set.Mask(text); got != want {
			t.Errorf("%q is shown as %q, want %q", text, got, want)
		}
	}
}

// TestNested withholds what it does not search to the end.
func TestNested(t *testing.T) {
	set := testSet()
	bomb := deflated(strings.Repeat("a", 2<<20))
	for name, text := range map[string]string{
		"a bomb":               bomb,
		"a bomb in a text":     base64.StdEncoding.EncodeToString([]byte(bomb)),
		"more than 32 streams": strings.Repeat(zipped(testKey)+" ", 33),
	} {
		if got := set.Mask(text); got != Withheld {
			t.Errorf("%s: shown as %.99q", name, got)
		}
	}
	if got := set.Mask(strings.Repeat(zipped("no secret")+" ", 32)); got == Withheld {
		t.Error("32 streams are withheld")
	}
}
