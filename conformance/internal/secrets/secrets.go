package secrets

import (
	"slices"
	"strings"
	"sync"
)

// Kind says what a secret is to a run. Kinds are a set of bits.
type Kind uint8

// The kinds of secrets.
const (
	Key        Kind = 1 << iota // the pre-shared key: no answer repeats it
	Credential                  // of the target: no answer repeats it
	Hidden                      // masked, and no finding where an answer has it
)

// Secret is a text that must not be shown.
type Secret struct {
	Text string
	Kind Kind

	// StandIn is shown in the place of the whole and of long pieces. Empty means
	// that letters are shown as x and digits as 1, which keeps JSON what it is.
	StandIn string

	Whole bool // a piece of it is no secret
}

// The lengths, in bytes, that decide what is found.
const (
	Shortest = 4  // secret that is masked
	anywhere = 8  // secret that is found inside a word, and in pieces
	piece    = 6  // piece that is masked
	long     = 10 // piece that is a finding
)

// Set is all secrets of a run. It is not changed, and safe for concurrent use;
// nil has none.
type Set struct {
	secrets  []Secret
	patterns []pattern

	pieces map[uint64]struct{}     // of six folded bytes
	open   map[uint64]struct{}     // those that public texts have, in their letters
	longs  map[[long]byte]position // the first ten folded bytes of long pieces
	wholes map[uint32][]int        // patterns found as a whole, by their first four folded bytes

	pieceFilter filter // of pieces
	wholeFilter filter // of the keys of wholes

	findings Kind // of the secrets that are more than hidden

	searches sync.Pool // of *search
	large    sync.Mutex
	recent   recent
}

// pattern is one way in which a secret is written.
type pattern struct {
	text      string // folded
	secret    int    // its index
	delimited bool   // found between delimiters alone
}

// position is a place in a pattern.
type position struct{ pattern, offset int }

// New takes the secrets of a run. Public texts say openly what is no secret. A
// secret of less than [Shortest] bytes is none.
func New(secrets []Secret, public ...string) *Set {
	s := &Set{pieces: map[uint64]struct{}{}, open: map[uint64]struct{}{}, longs: map[[long]byte]position{}, wholes: map[uint32][]int{}}
	secrets = slices.Clone(secrets)
	slices.SortStableFunc(secrets, func(a, b Secret) int { return int(a.Kind) - int(b.Kind) }) // what is a finding comes first
	open := inOneLine(strings.Join(public, "\n"))
	words := sync.OnceValue(func() string { return fold(open) }) // few runs have a short secret
	for _, secret := range secrets {
		switch {
		case len(secret.Text) >= anywhere:
			s.secrets = append(s.secrets, secret)
		case len(secret.Text) >= Shortest && !standsIn(words(), fold(secret.Text)):
			secret.Kind, secret.StandIn = Hidden, ""
			s.secrets = append(s.secrets, secret)
		}
	}
	for i := range s.secrets {
		s.add(i)
	}
	s.pieceFilter, s.wholeFilter = newFilter(len(s.pieces)), newFilter(len(s.wholes))
	for key := range s.pieces {
		s.pieceFilter.add(key)
	}
	for key := range s.wholes {
		s.wholeFilter.add(uint64(key))
	}
	s.publish(open)
	return s
}

// add adds the patterns of a secret.
func (s *Set) add(index int) {
	secret := s.secrets[index]
	s.findings |= secret.Kind &^ Hidden
	inPieces := len(secret.Text) >= anywhere && !secret.Whole && !holdsPiece(secret.StandIn, secret.Text)
	for _, text := range writings(secret.Text) {
		p := pattern{text: fold(text), secret: index, delimited: len(secret.Text) < anywhere}
		n := len(s.patterns)
		if len(p.text) < Shortest || slices.ContainsFunc(s.patterns, func(other pattern) bool { return other.text == p.text && other.secret == index }) {
			continue
		}
		s.patterns = append(s.patterns, p)
		if !inPieces || len(p.text) < long && secret.Kind != Hidden {
			key := uint32(gram(p.text[:Shortest]))
			s.wholes[key] = append(s.wholes[key], n)
		}
		for at := 0; inPieces && at+piece <= len(p.text); at++ {
			s.pieces[gram(p.text[at:at+piece])] = struct{}{}
			if secret.Kind == Hidden || at+long > len(p.text) {
				continue
			}
			if begin := [long]byte([]byte(p.text[at : at+long])); !has(s.longs, begin) {
				s.longs[begin] = position{n, at}
			}
		}
	}
}

func has[K comparable, V any](m map[K]V, key K) bool {
	_, ok := m[key]
	return ok
}

// holdsPiece reports whether a stand-in has a piece of its secret: what is masked
// by it would be found again.
func holdsPiece(standIn, secret string) bool {
	standIn, secret = fold(standIn), fold(secret)
	for at := 0; at+long <= len(secret); at++ {
		if strings.Contains(standIn, secret[at:at+long]) {
			return true
		}
	}
	return false
}

// writings are a secret as it is, backwards, in other letters where these are not
// ASCII, with blanks as in a query, and as what is left of it when a text that
// quotes it is read, if it has itself what looks like an escape.
func writings(secret string) []string {
	var read view
	read.begin(len(secret))
	unescape([]byte(secret), &read)
	read.end()
	return []string{
		secret, backwards(secret), strings.ToUpper(secret), strings.ToLower(secret),
		strings.ReplaceAll(secret, " ", "+"), strings.ReplaceAll(secret, `\`, ""), string(read.data),
	}
}

func backwards(text string) string {
	runes := []rune(text)
	slices.Reverse(runes)
	return string(runes)
}

// publish keeps the pieces that a text has openly, in the same letters: an
// alphabet in the document is no token in other ones.
func (s *Set) publish(open string) {
	var last, small uint64
	for i, c := range []byte(open) {
		last, small = last<<8|uint64(c), small<<8|uint64(folded(c))
		if key := small & sixBytes; i >= piece-1 && s.pieceFilter.may(key) && has(s.pieces, key) {
			s.open[last&sixBytes] = struct{}{}
		}
	}
}

// inOneLine adds to a text what it is in one line: a sentence may go on in the next.
func inOneLine(text string) string {
	var out strings.Builder
	out.Grow(2*len(text) + 2)
	out.WriteString(text)
	out.WriteByte('\n')
	before := ""
	for word := range strings.FieldsSeq(text) {
		out.WriteString(before)
		out.WriteString(word)
		before = " "
	}
	return out.String()
}

// standsIn reports whether a word stands in a text between delimiters.
func standsIn(text, word string) bool {
	for from := 0; ; {
		at := strings.Index(text[from:], word)
		if at < 0 {
			return false
		}
		at += from
		if delimited(text, at, at+len(word)) {
			return true
		}
		from = at + 1
	}
}

// Find reports the kinds of secrets that a text has as a whole or in a long
// piece. Hidden ones are not among them.
func (s *Set) Find(text string) Kind {
	if s == nil {
		return 0
	}
	if len(text) > most {
		return s.findInLarge(text)
	}
	hits, _ := s.search(text, false)
	return kinds(hits)
}

// kinds are those of hits that are findings.
func kinds(hits []hit) (found Kind) {
	for _, h := range hits {
		found |= h.kind
	}
	return found &^ Hidden
}

// Withheld is shown in the place of a text that cannot be searched.
const Withheld = "(withheld: it cannot be searched for secrets)"

// Mask puts something else in the place of secrets and of their pieces. What it
// returns has none, and stays as it is if it is masked again.
func (s *Set) Mask(text string) string { return s.mask(text, false) }

// MaskJSON masks a text that is known to be JSON, and nothing else in another
// encoding: the kit's own. It takes much less time.
func (s *Set) MaskJSON(text string) string { return s.mask(text, true) }

func (s *Set) mask(text string, shallow bool) string {
	const rounds = 4 // what is left beside a stand-in may become a piece with it
	for range rounds {
		if s == nil || len(s.patterns) == 0 {
			return text
		}
		hits, whole := s.search(text, shallow)
		if !whole {
			return Withheld
		}
		masked := replace(text, s.beside(text, slices.Clone(hits)))
		if masked == text {
			return text
		}
		text = masked
	}
	return Withheld
}

// beside returns the hits that are not in a stand-in: what one has of a secret by
// chance says nothing of it.
func (s *Set) beside(text string, hits []hit) []hit {
	var shown []string
	for _, secret := range s.secrets {
		if secret.StandIn != "" && !slices.Contains(shown, secret.StandIn) && strings.Contains(text, secret.StandIn) {
			shown = append(shown, secret.StandIn)
		}
	}
	if len(shown) == 0 {
		return hits
	}
	in := make([]int, len(text)) // how many bytes of a stand-in follow; 0 outside
	for _, standIn := range shown {
		for at := strings.Index(text, standIn); at >= 0; {
			for i := range standIn {
				in[at+i] = len(standIn) - i
			}
			next := strings.Index(text[at+len(standIn):], standIn)
			if next < 0 {
				break
			}
			at += len(standIn) + next
		}
	}
	return slices.DeleteFunc(hits, func(h hit) bool { return h.kind == Hidden && in[h.from] >= h.to-h.from })
}
