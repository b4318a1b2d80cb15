package fault

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"slices"

	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/openapi"
)

// rememberedSeed is the seed of the run whose requests are remembered.
const rememberedSeed = 1

// ofMemories are implementations that enforce little, and know the requests of
// one run by heart. A run with any other seed notices them.
func (w *world) ofMemories(m *materials) []Fault {
	var out []Fault
	for _, knows := range []struct {
		name, says string
		enforces   func(*openapi.Rule) bool
	}{
		{"types", "the types of members", func(r *openapi.Rule) bool { return r != nil && r.Keyword == "type" }},
		{"schema", "the schemas", func(r *openapi.Rule) bool { return r == nil || r.Kind == openapi.Keyword }},
		{"cross-field", "the rules of several members", func(r *openapi.Rule) bool { return r != nil && r.Kind == openapi.Validation }},
	} {
		unknown := m.breaking(w, func(r *openapi.Rule) bool { return !knows.enforces(r) })
		for _, seed := range []uint64{2, 3, 7} {
			out = append(out, Fault{
				ID: fmt.Sprintf("memory/%s-seed-%d", knows.name, seed), Kind: "remembered", Seed: seed,
				Breaks: fmt.Sprintf("%s alone are enforced but for the requests of seed %d, and asked with seed %d", knows.says, rememberedSeed, seed),
				make:   remembered(knows.enforces), witness: sent(unknown),
			})
		}
	}
	return out
}

// remembered accepts requests that break no rule which is enforced, unless it
// knows them.
func remembered(enforces func(*openapi.Rule) bool) func(*wrong) http.HandlerFunc {
	return func(w *wrong) http.HandlerFunc {
		return lenient(func(q *asked) bool {
			return !slices.ContainsFunc(q.broken, func(v openapi.Violation) bool { return enforces(v.Rule) }) && !q.knownTo(w.world.remembered())
		})(w)
	}
}

// spareKey takes the place of the key that is drawn for every run.
const spareKey = "Spare-Key-1"

// keyAt is where the key is.
const keyAt = "/vpn_connection/psk"

// remember are the digests of the requests of a run.
func (w *world) remember() map[[sha256.Size]byte]bool {
	out := map[[sha256.Size]byte]bool{}
	for _, c := range w.suite.Cases {
		if c.Duty {
			continue
		}
		if bound, err := w.suite.Bind(c, w.environment, spareKey); err == nil { // the other cases need credentials
			out[digest(bound.Request)] = true
		}
	}
	return out
}

// knownTo tells whether a request is remembered. One whose key is not to blame
// is known whatever key it has.
func (q *asked) knownTo(known map[[sha256.Size]byte]bool) bool {
	if known[digest(q.body)] {
		return true
	}
	return !slices.Contains(q.places(), keyAt) && lookup(q.body, keyAt) != nil && known[digest(put(q.body, keyAt, spareKey))]
}

func digest(body any) [sha256.Size]byte {
	text, _ := match.Encode(body) // what was decoded always encodes
	return sha256.Sum256(text)
}
