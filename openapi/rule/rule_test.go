package rule_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"github.com/vpnconform/vpnconform/openapi/rule"
)

// schemas: Tunnel {name, mtu, ratio, up, peers: [Peer], peer: Peer, blocks, extra}, Peer {address}.
func schemas() openapi3.Schemas {
	ref := func(name string, s *openapi3.Schema) *openapi3.SchemaRef {
		return &openapi3.SchemaRef{Ref: "#/components/schemas/" + name, Value: s}
	}
	peer := openapi3.NewObjectSchema().WithProperty("address", openapi3.NewStringSchema())
	tunnel := openapi3.NewObjectSchema().
		WithProperty("name", openapi3.NewStringSchema()).
		WithProperty("mtu", openapi3.NewIntegerSchema()).
		WithProperty("ratio", openapi3.NewFloat64Schema()).
		WithProperty("up", openapi3.NewBoolSchema()).
		WithProperty("extra", openapi3.NewObjectSchema()).
		WithProperty("blocks", openapi3.NewArraySchema().WithItems(openapi3.NewStringSchema())).
		WithPropertyRef("peer", openapi3.NewSchemaRef("", &openapi3.Schema{AllOf: openapi3.SchemaRefs{ref("Peer", peer)}})).
		WithPropertyRef("peers", openapi3.NewSchemaRef("", openapi3.NewArraySchema().WithItems(peer)))
	tunnel.Properties["peers"].Value.Items = ref("Peer", peer)
	return openapi3.Schemas{"Tunnel": ref("", tunnel), "Peer": ref("", peer)}
}

func scope(t testing.TB) *rule.Scope {
	t.Helper()
	s := schemas()
	parser, err := rule.NewParser()
	if err != nil {
		t.Fatal(err)
	}
	env, err := parser.Env(s)
	if err != nil {
		t.Fatal(err)
	}
	self := &openapi3.SchemaRef{Ref: "#/components/schemas/Tunnel", Value: s["Tunnel"].Value}
	scope, err := env.Scope(rule.Variable{Name: "self", Schema: self}, rule.Variable{Name: "headers"})
	if err != nil {
		t.Fatal(err)
	}
	return scope
}

func TestEval(t *testing.T) {
	value := map[string]any{
		"name": "a", "mtu": json.Number("1400"), "ratio": json.Number("0.5"), "up": true, "none": nil,
		"peer":  map[string]any{"address": "10.0.0.1"},
		"peers": []any{map[string]any{"address": "10.0.0.1"}, map[string]any{}},
		"extra": map[string]any{"free": json.Number("1.0")},
	}
	variables := map[string]any{"self": rule.Native(value), "headers": map[string]any{"etag": "x"}}
	s := scope(t)
	for _, row := range []struct {
		expression string
		want       bool
		failure    string // of the evaluation
	}{
		{"self.name == 'a'", true, ""},
		{"self.mtu == 1400 && self.ratio < 0.6", true, ""},
		{"self.mtu > 1400", false, ""},
		{"has(self.peer.address) && self.peers.exists(p, !has(p.address))", true, ""},
		{"self.peers[1].address == ''", false, "no such key: address"},
		{"self.extra.free == 1.0", true, ""},
		{"headers['etag'] == 'x' && !('age' in headers)", true, ""},
		{"isHostAddress(self.peer.address + '/30') && blockContains('10.0.0.0/8', self.peer.address + '/32')", true, ""},
		{"maskLength(self.name) == -1 && !isBlock(self.name) && !blocksOverlap(self.name, self.name)", true, ""},
		{"sameBlock('10.0.0.1/30', '10.0.0.2/30') && characterClasses('aB1', '~') == 3", true, ""},
		{"areDisjoint(['10.0.0.0/24', self.name, '10.0.1.0/24', '::/0']) && !areDisjoint([self.peer.address + '/8', '10.0.0.0/24'])", true, ""},
	} {
		program, err := s.Compile(row.expression)
		if err != nil {
			t.Errorf("%s: %v", row.expression, err)
			continue
		}
		got, err := program.Eval(variables)
		failure := ""
		if err != nil {
			failure = err.Error()
		}
		if got != row.want || (failure == "") != (row.failure == "") {
			t.Errorf("%s = %v, %q; want %v, %q", row.expression, got, failure, row.want, row.failure)
		}
	}
}

func TestCompileRefuses(t *testing.T) {
	s := scope(t)
	for expression, want := range map[string]string{
		"self.nam == 'a'":         "1:5: undefined field 'nam'",
		"self.mtu == 'a'":         "1:10: found no matching overload for '_==_' applied to '(int, string)'",
		"self.mtu":                "1:1: want a rule of type bool, got int",
		"self.peers[0].port":      "1:14: undefined field 'port'",
		"nobody":                  "1:1: undeclared reference to 'nobody'",
		"headers['a'] == 1":       "1:14: found no matching overload for '_==_' applied to '(string, int)'",
		"isHostAddress(self.mtu)": "1:14: found no matching overload for 'isHostAddress' applied to '(int)'",
	} {
		_, err := s.Compile(expression)
		switch {
		case err == nil:
			t.Errorf("%s compiles", expression)
		case err.Error() != want:
			t.Errorf("%s: %v, want %s", expression, err, want)
		}
	}
}

func TestReads(t *testing.T) {
	s := scope(t)
	for expression, want := range map[string][]string{
		"true":                                      nil,
		"has(self.name)":                            {"/name"},
		"!has(self.name) || self.mtu + 1 > 2":       {"/mtu", "/name"},
		"self.peer.address == self.name":            {"/name", "/peer/address"},
		"has(self.peer) && has(self.peer.address)":  {"/peer", "/peer/address"},
		"size(self.peers) > 1":                      {"/peers"},
		"self.peers[0].address == 'a'":              {"/peers/*/address"},
		"self.peers.all(p, p.address == self.name)": {"/name", "/peers", "/peers/*/address"},
		"self.peers.all(p, self.peers.filter(q, q.address == p.address).size() == 1)": {"/peers", "/peers/*", "/peers/*/address"},
		"headers['a'] == self.name":             {"/name"},
		"self.name in ['a', self.peer.address]": {"/name", "/peer/address"},
		"areDisjoint(self.blocks)":              {"/blocks", "/blocks/*"},
	} {
		program, err := s.Compile(expression)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, program.Reads("self")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", expression, diff)
		}
	}
}

func TestIsHostAddress(t *testing.T) {
	got := map[string]bool{}
	want := map[string]bool{
		"169.254.76.0/30": false, "169.254.76.1/30": true, "169.254.76.2/30": true, "169.254.76.3/30": false,
		"169.254.76.1/29": true, "169.254.76.7/29": false, "10.0.0.1/31": false, "10.0.0.1/32": false, "0.0.0.1/0": true,
		"255.255.255.255/0": false, "169.254.76.1": false, "169.254.76.1/33": false, "169.254.076.1/30": false, "::1/30": false, "": false,
	}
	for block := range want {
		got[block] = rule.IsHostAddress(block)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("host addresses (-want +got):\n%s", diff)
	}
}

func TestBlocks(t *testing.T) {
	for _, row := range []struct {
		a, b                               string
		contains, contained, overlap, same bool
	}{
		{a: "10.0.0.0/8", b: "10.1.0.0/16", contains: true, overlap: true},
		{a: "10.1.2.3/8", b: "10.4.5.6/8", contains: true, contained: true, overlap: true, same: true},
		{a: "10.0.0.0/8", b: "11.0.0.0/8"},
		{a: "0.0.0.0/0", b: "214.0.0.0/8", contains: true, overlap: true},
		{a: "169.254.1.1/30", b: "169.254.1.2/30", contains: true, contained: true, overlap: true, same: true},
		{a: "169.254.1.2/30", b: "169.254.1.5/30"},
		{a: "10.0.0.0/8", b: "::a00:0/104"},
		{a: "2001:db8::/32", b: "2001:db8:1::/48", contains: true, overlap: true},
		{a: "10.0.0.0", b: "10.0.0.0/8"},
		{},
	} {
		got := []bool{rule.BlockContains(row.a, row.b), rule.BlockContains(row.b, row.a), rule.BlocksOverlap(row.a, row.b), rule.SameBlock(row.a, row.b)}
		if diff := cmp.Diff([]bool{row.contains, row.contained, row.overlap, row.same}, got); diff != "" {
			t.Errorf("%s and %s: contains, contained, overlap, same (-want +got):\n%s", row.a, row.b, diff)
		}
	}
	for text, want := range map[string]struct {
		ip, block, block4 bool
		mask              int
	}{
		"192.168.45.7":    {ip: true, mask: -1},
		"192.168.045.7":   {mask: -1},
		"192.168.45.256":  {mask: -1},
		"::1":             {mask: -1},
		"10.0.0.5/24":     {block: true, block4: true, mask: 24},
		"10.0.0.5/0":      {block: true, block4: true},
		"10.0.0.5/024":    {mask: -1},
		"10.0.0.5/33":     {mask: -1},
		"10.0.0.5/-1":     {mask: -1},
		"2001:db8::1/64":  {block: true, mask: 64},
		"fe80::1%eth0/64": {mask: -1},
		" 10.0.0.5/24":    {mask: -1},
	} {
		if rule.IsIPv4(text) != want.ip || rule.IsBlock(text) != want.block || rule.IsIPv4Block(text) != want.block4 || rule.MaskLength(text) != want.mask {
			t.Errorf("%q: IPv4 %v, block %v, IPv4 block %v, mask length %d; want %+v",
				text, rule.IsIPv4(text), rule.IsBlock(text), rule.IsIPv4Block(text), rule.MaskLength(text), want)
		}
	}
}

func TestCharacterClasses(t *testing.T) {
	const specials = "~!@#$%^()-_+={ },./:;"
	for text, want := range map[string]int{
		"": 0, "abcd": 1, "abcd****": 1, "Abcd": 2, "Abcd1": 3, "Abcd1-": 4, "-----": 1, " ": 1, "éÉ٣": 0, "Test@123": 4, "abcde1Z!": 4,
	} {
		if got := rule.CharacterClasses(text, specials); got != want {
			t.Errorf("%q has %d classes, want %d", text, got, want)
		}
	}
}

func TestIsTimestamp(t *testing.T) {
	for text, want := range map[string]bool{
		"2022-11-26T13:41:34.626Z": true, "2022-11-26T13:41:34Z": true, "2025-02-21T06:50:25.5Z": true,
		"2024-02-29T00:00:00.1234567890Z": true, "2023-02-29T00:00:00Z": false, "2022-13-45T99:99:99Z": false,
		"2022-11-26T13:41:34+00:00": false, "2022-11-26 13:41:34Z": false, "yesterday": false, "": false,
	} {
		if got := rule.IsTimestamp(text); got != want {
			t.Errorf("IsTimestamp(%q) = %v, want %v", text, got, want)
		}
	}
}

// FuzzBlocks holds the functions against what containment means: a sample of
// the inner block's addresses lies in the outer one.
func FuzzBlocks(f *testing.F) {
	f.Add("10.0.0.0/8", "10.1.0.0/16")
	f.Add("169.254.1.1/30", "169.254.1.2/30")
	f.Add("::/0", "0.0.0.0/0")
	f.Fuzz(func(t *testing.T, a, b string) {
		outer, errA := netip.ParsePrefix(a)
		inner, errB := netip.ParsePrefix(b)
		want := errA == nil && errB == nil && outer.Overlaps(inner) && outer.Bits() <= inner.Bits()
		if got := rule.BlockContains(a, b); got != want {
			t.Errorf("BlockContains(%q, %q) = %v, want %v", a, b, got, want)
		}
		if same := rule.SameBlock(a, b); same != (errA == nil && errB == nil && outer.Masked() == inner.Masked()) {
			t.Errorf("SameBlock(%q, %q) = %v", a, b, same)
		}
		if overlap := rule.BlocksOverlap(a, b); overlap != rule.BlocksOverlap(b, a) {
			t.Errorf("BlocksOverlap(%q, %q) depends on the order", a, b)
		}
	})
}

// FuzzCharacterClasses holds the count against the alphabet.
func FuzzCharacterClasses(f *testing.F) {
	f.Add("Abcd1-", "~-")
	f.Fuzz(func(t *testing.T, text, specials string) {
		got := rule.CharacterClasses(text, specials)
		if got < 0 || got > 4 || text == "" && got != 0 {
			t.Errorf("CharacterClasses(%q, %q) = %d", text, specials, got)
		}
		if more := rule.CharacterClasses(text+"aA0", specials); more < max(3, got) {
			t.Errorf("CharacterClasses(%q, %q) = %d with all the letters and digits", text+"aA0", specials, more)
		}
	})
}

// FuzzIsHostAddress holds the function against the definition: an address is a
// host of its block if it is neither the first nor the last address in it.
func FuzzIsHostAddress(f *testing.F) {
	for _, seed := range []string{"169.254.76.1/30", "169.254.76.3/30", "10.0.0.1/31", "::1/64", "1.2.3.4", "x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, block string) {
		want := false
		if p, err := netip.ParsePrefix(block); err == nil && p.Addr().Is4() && p.Bits() <= 30 {
			first := p.Masked().Addr()
			last := !p.Contains(p.Addr().Next())
			want = p.Addr() != first && !last
		}
		if got := rule.IsHostAddress(block); got != want {
			t.Errorf("IsHostAddress(%q) = %v, want %v", block, got, want)
		}
	})
}

// TestAreDisjoint holds the function against every pair of blocks.
func TestAreDisjoint(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	seen := map[bool]int{}
	for range 10000 {
		blocks := make([]string, r.IntN(6))
		for i := range blocks {
			blocks[i] = fmt.Sprintf([]string{"%d.%d.0.1/%d", "%d:%d::/%d", "%d.%d/%d"}[min(r.IntN(8)/3, 2)], 10+r.IntN(4), r.IntN(4), r.IntN(25))
		}
		want := true
		for i, a := range blocks {
			for _, b := range blocks[:i] {
				want = want && !rule.BlocksOverlap(a, b)
			}
		}
		seen[want]++
		if got := rule.AreDisjoint(blocks); got != want {
			t.Errorf("AreDisjoint(%q) = %v", blocks, got)
		}
	}
	if seen[true] < 1000 || seen[false] < 1000 {
		t.Errorf("nearly all lists are of one kind: %v", seen)
	}
}
