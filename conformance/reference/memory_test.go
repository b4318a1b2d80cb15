package reference

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"github.com/vpnconform/vpnconform/conformance/reference/internal/harness"
	"github.com/vpnconform/vpnconform/openapi/rule"
)

// TestMemoryIsBounded makes more connections than are remembered.
func TestMemoryIsBounded(t *testing.T) {
	const size = 8
	s := newServer(t, Options{Connections: size})
	request := harness.Example(t, "static")
	for n := range 5 * size {
		wantCreated(t, harness.Send(t, s, request), s, request)
		want := min(n+1, size)
		if got := [3]int{len(s.memory.recent), len(s.memory.ids), len(s.memory.inUse)}; got != [3]int{want, want, want} {
			t.Fatalf("after %d connections: %v are remembered, want %d each", n+1, got, want)
		}
	}
	if cap(s.memory.recent) != size {
		t.Errorf("room for %d", cap(s.memory.recent))
	}
}

// TestQuota makes more connections than the quota: the last are refused, whatever
// they send, and none is forgotten. No block is given to two.
func TestQuota(t *testing.T) {
	const quota = 5
	s := newServer(t, Options{Quota: quota})
	request := harness.Example(t, "static")
	for range quota {
		wantCreated(t, harness.Send(t, s, request), s, request)
	}
	for _, style := range []string{"static", "bgp"} {
		refused := harness.Send(t, s, harness.Example(t, style))
		if want := "the quota of 5 connections is used up"; refused.Status != 409 || !strings.Contains(string(refused.Body), want) {
			t.Errorf("%s: %d %s, want 409, %s", style, refused.Status, refused.Body, want)
		}
	}
	if got := [3]int{len(s.memory.recent), len(s.memory.ids), len(s.memory.inUse)}; got != [3]int{quota, quota, quota} {
		t.Errorf("%v are remembered", got)
	}
	if _, err := New(Options{Quota: MostConnections + 1}); err == nil {
		t.Error("a quota for which there are no addresses is taken")
	}
	m := newMemory(MostConnections, rand.NewChaCha8([32]byte{}))
	m.forgets = false
	seen := map[int]bool{}
	for range MostConnections {
		seen[mustAdd(t, m, nil).block] = true
	}
	if _, _, err := m.add(nil); !errors.Is(err, errQuota) || len(seen) != MostConnections {
		t.Errorf("%v after %d blocks", err, len(seen))
	}
}

// TestMemoryForgets uses a block that was sent often, until it is forgotten.
func TestMemoryForgets(t *testing.T) {
	const size = 3
	m := newMemory(size, rand.NewChaCha8([32]byte{}))
	first := 0
	for range 4 { // the same block again and again, as a client may send it
		mustAdd(t, m, &first)
	}
	if m.inUse[0] != size || len(m.inUse) != 1 {
		t.Fatalf("blocks in use: %v", m.inUse)
	}
	for want := 1; want <= size; want++ { // block 0 stays in use as long as one connection has it
		if got := mustAdd(t, m, nil); got.block != want {
			t.Errorf("block %d, want %d", got.block, want)
		}
	}
	m.cursor = 0
	if got := mustAdd(t, m, nil); got.block != 0 {
		t.Errorf("block %d, want the forgotten one", got.block)
	}
}

func mustAdd(t *testing.T, m *memory, block *int) connection {
	t.Helper()
	made, name, err := m.add(block)
	if err != nil {
		t.Fatal(err)
	}
	if len(name) != len("vpn-0000") {
		t.Errorf("name %q", name)
	}
	return made
}

// TestMemoryTexts looks at the form of names and identifiers.
func TestMemoryTexts(t *testing.T) {
	name := regexp.MustCompile(`^vpn-[0-9a-f]{4}$`)
	id := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	m := newMemory(1, rand.NewChaCha8([32]byte{}))
	for range 1000 {
		made, gotName, err := m.add(nil)
		if err != nil {
			t.Fatal(err)
		}
		requestID, err := m.requestID()
		if err != nil {
			t.Fatal(err)
		}
		if !name.MatchString(gotName) || !id.MatchString(made.id) || !id.MatchString(requestID) {
			t.Errorf("name %q, identifier %q, request %q", gotName, made.id, requestID)
		}
	}
	m.random = eof{}
	if requestID, err := m.requestID(); err == nil || !id.MatchString(requestID) {
		t.Errorf("request %q, error %v", requestID, err)
	}
}

// eof is a source of random numbers that has none.
type eof struct{}

// Read ends.
func (eof) Read([]byte) (int, error) { return 0, io.EOF }

// TestMemoryWrapsAround gives out every block there is, twice, and at its
// largest never one that is in use.
func TestMemoryWrapsAround(t *testing.T) {
	const size = usableBlocks - 1
	m := newMemory(size, rand.NewChaCha8([32]byte{}))
	reserved := netip.MustParsePrefix("169.254.195.0/24")
	seen := make(map[int]int)
	for n := range 2 * usableBlocks {
		made := mustAdd(t, m, nil)
		if last, ok := seen[made.block]; ok && n-last < size {
			t.Fatalf("block %d is given out after %d connections", made.block, n-last)
		}
		seen[made.block] = n
		lower, upper := hosts(made.block)
		if reserved.Overlaps(lower) || reserved.Overlaps(upper) {
			t.Fatalf("block %d is reserved", made.block)
		}
	}
	if len(seen) != usableBlocks {
		t.Errorf("%d blocks, want %d", len(seen), usableBlocks)
	}
}

// TestHosts compares every block with what package rule says of its addresses.
func TestHosts(t *testing.T) {
	all := netip.MustParsePrefix("169.254.0.0/16")
	for block := range blocks {
		lower, upper := hosts(block)
		for address, other := range map[netip.Prefix]netip.Prefix{lower: upper, upper: lower} {
			if !rule.IsHostAddress(address.String()) || !all.Contains(address.Addr()) {
				t.Fatalf("block %d: %s", block, address)
			}
			gotBlock, gotOther := blockOf(address)
			if got, want := fmt.Sprint(gotBlock, gotOther), fmt.Sprint(block, other); got != want {
				t.Fatalf("%s: block and other host are %s, want %s", address, got, want)
			}
		}
		if lower.Masked() != upper.Masked() || lower.Addr().Compare(upper.Addr()) >= 0 {
			t.Fatalf("block %d: %s, %s", block, lower, upper)
		}
	}
}
