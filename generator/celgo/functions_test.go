package celgo

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/vpnconform/vpnconform/openapi/rule"
)

// blockTexts are blocks, nearly blocks, and addresses.
var blockTexts = []string{
	"", "/", "10.0.0.0/8", "10.1.2.3/8", "10.1.2.3/32", "10.1.2.3/31", "10.1.2.3/30", "10.1.2.4/30", "10.1.2.0/30", "0.0.0.0/0",
	"255.255.255.255/0", "255.255.255.255/32", "1.2.3.4/33", "1.2.3.4/99", "1.2.3.4/100", "1.2.3.4/08", "1.2.3.4/00", "1.2.3.4/+8",
	"1.2.3.4/-1", "1.2.3.4/ 8", "1.2.3.4/8 ", " 1.2.3.4/8", "1.2.3.4/", "1.2.3.4", "1.2.3/8", "1.2.3.4.5/8", "1..3.4/8", ".1.2.3/8",
	"1.2.3./8", "01.2.3.4/8", "1.2.3.00/8", "256.2.3.4/8", "1.2.3.4/8/8", "1.2.3.4%eth0/8", "0x1.2.3.4/8", "1.2.3.٤/8", "a.b.c.d/8",
	"::/0", "::1/128", "::1/129", "::1", "2001:db8::/32", "2001:db8::1/64", "2001:DB8::1/64", "fe80::1%eth0/64", "::ffff:10.1.2.3/104",
	"::ffff:10.1.2.3/96", "::10.1.2.3/8", "1:2:3:4:5:6:7:8/16", "1:2:3:4:5:6:7:8:9/16", "::1/01", ":/8", "1.2.3.4:80/8",
}

// agreesWithRules compares the emitted functions with those of package rule.
func agreesWithRules(t *testing.T, a, b string) {
	t.Helper()
	type answers struct {
		IPv4, Block, IPv4Block, Host, Network bool
		Length                                int
		Contains, Overlap, Same               bool
		Classes                               int
	}
	p, q := parseBlock(a), parseBlock(b)
	got := answers{
		IPv4: isIPv4(a), Block: p.IsValid(), IPv4Block: p.Addr().Is4(), Host: isHostAddress(p), Network: isNetworkAddress(p), Length: p.Bits(), Contains: containsBlock(p, q), Overlap: p.Overlaps(q), Same: sameBlock(p, q),
		Classes: characterClasses(a, b),
	}
	want := answers{
		IPv4: rule.IsIPv4(a), Block: rule.IsBlock(a), IPv4Block: rule.IsIPv4Block(a), Host: rule.IsHostAddress(a), Network: rule.IsNetworkAddress(a), Length: rule.MaskLength(a), Contains: rule.BlockContains(a, b),
		Overlap: rule.BlocksOverlap(a, b), Same: rule.SameBlock(a, b), Classes: rule.CharacterClasses(a, b),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%q, %q (-rule +emitted):\n%s", a, b, diff)
	}
}

// foldsCase compares the emitted functions on the case of letters with their definition.
func foldsCase(t *testing.T, a, b string) {
	t.Helper()
	upper := mapped(a, 'a', 'z', 'A')
	lower := mapped(a, 'A', 'Z', 'a')
	got := []any{upperASCII(a), lowerASCII(a), isUpperASCII(b, a), isLowerASCII(b, a), isUpperASCII(upper, a), isLowerASCII(lower, a), equalFoldASCII(a, b)}
	want := []any{upper, lower, b == upper, b == lower, true, true, lower == mapped(b, 'A', 'Z', 'a')}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%q, %q (-want +got):\n%s", a, b, diff)
	}
}

// mapped replaces the runes from first to last by those from to on, as CEL's string extension does.
func mapped(text string, first, last, to rune) string {
	runes := []rune(text)
	for i, r := range runes {
		if first <= r && r <= last {
			runes[i] = r - first + to
		}
	}
	return string(runes)
}

func TestFunctions(t *testing.T) {
	texts := append([]string{"aB1!", "ABC", "abc", "é", "É", "ſ", "K", "a-b", "~!@#", "\x00"}, blockTexts...)
	for _, a := range texts {
		for _, b := range texts {
			agreesWithRules(t, a, b)
			foldsCase(t, a, b)
		}
	}
}

func FuzzFunctions(f *testing.F) {
	for i, a := range blockTexts {
		f.Add(a, blockTexts[(i*7+3)%len(blockTexts)])
	}
	f.Add("aÉ1!", "AÉ1!")
	f.Fuzz(func(t *testing.T, a, b string) {
		agreesWithRules(t, a, b)
		if utf8.ValidString(a) && utf8.ValidString(b) {
			foldsCase(t, a, b)
		}
	})
}

// No function allocates, but for converted text and for text that has a colon and is no block.
func TestFunctionsAllocateNothing(t *testing.T) {
	for _, text := range append([]string{"abc", "ABC"}, blockTexts...) {
		if strings.Contains(text, ":") && !rule.IsBlock(text) {
			continue
		}
		got := testing.AllocsPerRun(10, func() {
			p := parseBlock(text)
			_ = isIPv4(text) || isHostAddress(p) || containsBlock(p, p) || sameBlock(p, p) || characterClasses(text, "!-.") > 4 ||
				isUpperASCII(text, text) || isLowerASCII(text, text) || equalFoldASCII(text, text)
		})
		if got > 0 {
			t.Errorf("%q: %v allocations", text, got)
		}
	}
}

func TestLowerFirst(t *testing.T) {
	for name, want := range map[string]string{
		"VgwIP": "vgwIP", "IP": "ip", "IPAddress": "ipAddress", "ID": "id", "TunnelLocalAddress": "tunnelLocalAddress", "x": "x", "": "",
		"X": "x", "Äb": "äb",
	} {
		if got := lowerFirst(name); got != want {
			t.Errorf("lowerFirst(%q) = %q, want %q", name, got, want)
		}
	}
}
