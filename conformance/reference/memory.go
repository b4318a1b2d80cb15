package reference

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"sync"

	"github.com/google/uuid"
)

// A block is a /30 of 169.254.0.0/16, counted from 0; the page takes those of
// 169.254.195.0/24 out. source: Table 3, tunnel_local_address
const (
	blocks        = 1 << 14
	blocksOfThird = 1 << 6 // in 169.254.x.0/24
	reservedThird = 195
	usableBlocks  = blocks - blocksOfThird
)

// idAttempts is how often an identifier is drawn before the source of random
// numbers counts as broken.
const idAttempts = 4

// memory is what the service knows of the connections that it made, of all or of
// the last. It is safe for concurrent use.
type memory struct {
	mu     sync.Mutex
	random io.Reader
	recent []connection        // a ring, of a fixed length
	oldest int                 // the place in recent to write next
	ids    map[string]struct{} // of recent
	inUse  map[int]int         // how many of recent have a block
	cursor int                 // the block to try next

	forgets bool // the oldest connection for a new one; otherwise a new one is refused
}

// errQuota says that there is no place for another connection.
var errQuota = errors.New("the quota of connections is used up")

// connection is what is remembered of one.
type connection struct {
	id    string
	block int
}

// newMemory returns a memory of at most size connections. With fewer than
// usableBlocks there is always a block that is not in use.
func newMemory(size int, random io.Reader) *memory {
	return &memory{
		random: random,
		recent: make([]connection, 0, size),
		ids:    make(map[string]struct{}),
		inUse:  make(map[int]int),

		forgets: true,
	}
}

// reset forgets everything that was made.
func (m *memory) reset() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.recent, m.oldest, m.cursor = m.recent[:0], 0, 0
	clear(m.ids)
	clear(m.inUse)
}

// requestID returns a new identifier for a request. With an error it is the
// version 4 UUID of zeros, for the error to bear.
func (m *memory) requestID() (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	id, err := uuid.NewRandomFromReader(m.random)
	if err != nil {
		return "00000000-0000-4000-8000-000000000000", fmt.Errorf("identifier of a request: %w", err)
	}
	return id.String(), nil
}

// add makes a connection in the block that was sent or, when that is nil, in a
// fresh one, and remembers it. It returns also a name for it.
func (m *memory) add(sent *int) (made connection, name string, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.forgets && len(m.recent) == cap(m.recent) {
		return made, "", errQuota
	}
	if made.id, err = m.newID(); err != nil {
		return made, "", fmt.Errorf("identifier of a connection: %w", err)
	}
	var digits [2]byte
	if _, err := io.ReadFull(m.random, digits[:]); err != nil {
		return made, "", fmt.Errorf("name of a connection: %w", err)
	}
	if sent != nil {
		made.block = *sent
	} else {
		made.block = m.freshBlock()
	}
	m.remember(made)
	// source: Table 3, name; the examples' four digits are hexadecimal
	return made, fmt.Sprintf("vpn-%04x", binary.BigEndian.Uint16(digits[:])), nil
}

// newID draws an identifier that no remembered connection has.
func (m *memory) newID() (string, error) {
	for range idAttempts {
		id, err := uuid.NewRandomFromReader(m.random)
		if err != nil {
			return "", err
		}
		if _, taken := m.ids[id.String()]; !taken {
			return id.String(), nil
		}
	}
	return "", errors.New("the random numbers repeat themselves")
}

// freshBlock moves the cursor on to a block that is not in use.
func (m *memory) freshBlock() int {
	for {
		block := m.cursor
		m.cursor = (m.cursor + 1) % blocks
		if block/blocksOfThird != reservedThird && m.inUse[block] == 0 {
			return block
		}
	}
}

// remember writes a connection over the oldest.
func (m *memory) remember(made connection) {
	if len(m.recent) < cap(m.recent) {
		m.recent = append(m.recent, made)
	} else {
		forgotten := m.recent[m.oldest]
		delete(m.ids, forgotten.id)
		if m.inUse[forgotten.block]--; m.inUse[forgotten.block] == 0 {
			delete(m.inUse, forgotten.block)
		}
		m.recent[m.oldest] = made
		m.oldest = (m.oldest + 1) % len(m.recent)
	}
	m.ids[made.id] = struct{}{}
	m.inUse[made.block]++
}

// hosts returns the two host addresses of a block, the lower first.
func hosts(block int) (lower, upper netip.Prefix) {
	third, fourth := byte(block/blocksOfThird), byte(block%blocksOfThird*4)
	at := func(host byte) netip.Prefix {
		return netip.PrefixFrom(netip.AddrFrom4([4]byte{169, 254, third, fourth + host}), 30)
	}
	return at(1), at(2)
}

// blockOf returns the block of a tunnel address and the other host in it.
func blockOf(address netip.Prefix) (block int, other netip.Prefix) {
	a := address.Addr().As4()
	block = int(a[2])*blocksOfThird + int(a[3])/4
	lower, upper := hosts(block)
	if address == lower {
		return block, upper
	}
	return block, lower
}
