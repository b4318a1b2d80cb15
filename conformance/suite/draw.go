package suite

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/openapi"
)

// Drawn returns the suite with the values that a seed determines, in the cases
// that draw theirs: an implementation that has learned the requests of one run
// by heart does not know those of another. Ids, twins and the digest are the
// same for every seed. The suite is shared: not to be changed.
func (s *Suite) Drawn(seed uint64) *Suite {
	if last := s.last.Load(); last != nil && last.seed == seed {
		return last.suite
	}
	out := &Suite{Cases: slices.Clone(s.Cases), doc: s.doc, op: s.op, decoded: s.decoded, index: s.index, digest: s.digest}
	for i := range out.Cases {
		if c := &out.Cases[i]; c.draw != nil {
			id := fnv.New64a()
			_, _ = id.Write([]byte(c.ID)) // a hash takes everything
			c.Change.Patch = c.draw(rand.New(rand.NewPCG(seed, id.Sum64())))
		}
	}
	s.last.Store(&drawnSuite{seed, out})
	return out
}

// Draws tells whether the values of a case are those that a seed determines.
func (c Case) Draws() bool { return c.draw != nil }

// drawnSuite is a suite and the seed that it was drawn with.
type drawnSuite struct {
	seed  uint64
	suite *Suite
}

// drawing is a choice whose value is drawn.
func drawing(name string, draw func(*rand.Rand) any) choice {
	return choice{name: name, values: []any{draw(rand.New(rand.NewPCG(0, 0)))}, draw: draw}
}

// lastDrawn returns what draws the value of the last of steps, which makes a
// patch of them; nil if nothing is drawn.
func lastDrawn(steps []step, draw func(*rand.Rand) any) func(*rand.Rand) []byte {
	if draw == nil {
		return nil
	}
	return func(r *rand.Rand) []byte {
		drawn := slices.Clone(steps)
		last := &drawn[len(drawn)-1]
		last.Value, _ = json.Marshal(draw(r)) // texts and numbers always encode
		patch, _ := json.Marshal(drawn)       // and so do steps
		return patch
	}
}

// draw adds the requests whose every value is drawn, two for each style.
func (s *Suite) draw() {
	for _, e := range examples {
		for n := range 2 {
			c := Case{
				ID: fmt.Sprintf("drawn/%s-%d", e.name, n+1), Title: "A connection of style " + e.name + " with values that the seed determines is accepted",
				Level: string(openapi.Should), Source: "OTC, style", Statuses: []int{http.StatusCreated},
				draw: func(r *rand.Rand) []byte { return s.drawnPatch(r, e.name) },
			}
			c.Change = openapi.Violate{Example: e.name, Patch: c.draw(rand.New(rand.NewPCG(0, uint64(n)))), Facts: s.doc.Facts}
			s.Cases = append(s.Cases, c)
		}
	}
}

// drawnPatch draws a patch of an example until it breaks no rule.
func (s *Suite) drawnPatch(r *rand.Rand, example string) []byte {
	const at = "/vpn_connection"
	content := openapi.Member(s.op.JSON(), at)
	given, _ := match.Lookup(s.decoded[example], at)
	for range 1000 {
		d := drawer{Rand: r, block: r.IntN(195 * 64)} // below 169.254.195.0
		object, _ := d.object(content, given, 0.6).(map[string]any)
		var steps []step
		for _, name := range slices.Sorted(maps.Keys(object)) {
			add, _ := stepOf("add", at+"/"+match.Escape(name), object[name]) // what is drawn always encodes
			steps = append(steps, add)
		}
		request, err := requestOf(example, steps, s.doc.Facts)
		if err == nil && len(s.broken(request)) == 0 {
			return request.Patch
		}
	}
	return []byte("[]") // as documented: it breaks no rule
}

// drawer draws values of schemas.
type drawer struct {
	*rand.Rand
	block int // of the tunnel addresses, which are in one
}

// object draws an object: new values of the members that are given, and with a
// chance others. Identifiers, the key and the style stay, and so does what says
// of which form another member is; that member and the tunnel addresses are
// drawn where they are given.
func (d drawer) object(s *openapi3.SchemaRef, given any, chance float64) any {
	old, _ := given.(map[string]any)
	out := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(s.Value.Properties)) {
		member := openapi.Member(s.Value.Properties[name], "")
		value, there := old[name]
		_, formed := s.Value.Properties[name+"_type"]
		stays := slices.Contains(s.Value.Required, name) && given != nil || member.Value.Format == "password" || name == "style" || strings.HasSuffix(name, "_type")
		formed = formed || strings.HasPrefix(name, "tunnel_") // of one alone, and of a policy connection, nothing is claimed
		switch {
		case stays && there:
			out[name] = value
		case stays, formed && !there:
		case there, slices.Contains(s.Value.Required, name), d.Float64() < chance:
			out[name] = d.value(member, value)
		}
	}
	return out
}

// value draws a value of a schema.
func (d drawer) value(s *openapi3.SchemaRef, given any) any {
	v := s.Value
	example, _ := v.Example.(string)
	block, err := netip.ParsePrefix(example)
	switch {
	case err == nil && block.Bits() == 30: // a tunnel address; that of the example is the first or second host
		return fmt.Sprintf("169.254.%d.%d/30", d.block/64, d.block%64*4+int(block.Addr().As4()[3])%4)
	case err == nil:
		return fmt.Sprintf("10.%d.%d.0/24", d.IntN(256), d.IntN(256))
	case len(v.Enum) > 0:
		return v.Enum[d.IntN(len(v.Enum))]
	case v.Type.Is("integer"):
		return drawInteger(d.Rand, v)
	case v.Type.Is("boolean"):
		return d.IntN(2) == 0
	case v.Type.Is("array"):
		items := make([]any, 1+d.IntN(3))
		for i := range items {
			items[i] = d.value(openapi.Member(v.Items, ""), nil)
		}
		return items
	case v.Type.Is("object"):
		return d.object(s, given, 1)
	}
	return drawMatching(d.Rand, v)
}

const (
	letters  = "abcdefghijklmnopqrstuvwxyz"
	alphabet = letters + "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
)

// drawText draws a text of n characters, which begins with three classes of
// them.
func drawText(r *rand.Rand, n int) string {
	text := []byte("aB1")
	for len(text) < n {
		text = append(text, alphabet[r.IntN(len(alphabet))])
	}
	return string(text[:n])
}

// drawWord draws a word that is none of an enumeration.
func drawWord(r *rand.Rand, v *openapi3.Schema) string {
	for {
		word := make([]byte, 5+r.IntN(8))
		for i := range word {
			word[i] = letters[r.IntN(len(letters))]
		}
		if !slices.Contains(v.Enum, any(string(word))) {
			return string(word)
		}
	}
}

// drawInteger draws an integer of a range.
func drawInteger(r *rand.Rand, v *openapi3.Schema) int {
	least, most := 0, 1000
	if v.Min != nil {
		least = int(*v.Min)
	}
	if v.Max != nil {
		most = int(*v.Max)
	}
	return least + r.IntN(most-least+1)
}

// drawMatching draws a free text that a pattern allows.
func drawMatching(r *rand.Rand, v *openapi3.Schema) string {
	least, most := max(int(v.MinLength), 3), 48
	if v.MaxLength != nil {
		most = min(most, int(*v.MaxLength))
	}
	return drawText(r, least+r.IntN(most-least+1))
}

// drawNotMatching draws a text in which one character is none that a pattern
// allows, wherever it stands: of a free text, or else of a sample.
func drawNotMatching(r *rand.Rand, v *openapi3.Schema, free bool) string {
	text := fmt.Sprint(sampleOf(&openapi3.SchemaRef{Value: v}, 0))
	if free {
		text = drawMatching(r, v)
	}
	pattern := regexp.MustCompile(v.Pattern) // kin-openapi has compiled it before
	for {
		at, c := r.IntN(len(text)), special[r.IntN(len(special))]
		if wrong := text[:at] + string(c.is) + text[at+1:]; c.is >= ' ' && c.is <= '~' && !pattern.MatchString(wrong) {
			return wrong
		}
	}
}
