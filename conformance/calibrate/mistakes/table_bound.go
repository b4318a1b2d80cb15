package mistakes

import (
	"net/http"
	"slices"
	"unicode/utf8"
)

// items counts what stands in lists of the request.
func items(c *Call, paths ...string) int {
	n := 0
	for _, path := range paths {
		n += len(texts(c, path))
	}
	return n
}

// size adds up the lengths of texts, in bytes.
func size(c *Call, paths ...string) int {
	n := 0
	for _, path := range paths {
		for _, s := range texts(c, path) {
			n += len(s)
		}
	}
	return n
}

// sumMistakes hold limits in sum that the page gives each, or have limits that
// it does not give.
func sumMistakes() []Mistake {
	const kind = "sum"
	const subnets, destinations, key, value = "peer_subnets", "policy_rules.destination", "tags.key", "tags.value"
	over := func(name, source, member string, much func(*Call) bool) Mistake {
		return turnsDown(kind, name, must, source, member, much)
	}
	const each = "Table 11, destination: a maximum of 50 for each policy rule"
	const tags, both = "Tables 3 and 8: 20 tags with 128 and 255 characters each", "Tables 3 and 11: 50 customer subnets, and 50 destinations for each rule"
	const largest = "Tables 3 to 8: no limit but those of the members"
	body := func(n int) func(*Call) bool { return func(c *Call) bool { return len(c.Body) > n } }
	inSum := func(name, rule string, sum func(*Call) bool) Mistake {
		return skip(kind, name, unless(sum), rule)
	}
	return []Mistake{
		over("destinations-50-in-all", each, destinations, func(c *Call) bool { return items(c, destinations) > 50 }),
		over("destinations-100-in-all", each, destinations, func(c *Call) bool { return items(c, destinations) > 100 }),
		over("blocks-50-in-all", both, subnets, func(c *Call) bool { return items(c, subnets, destinations) > 50 }),
		over("blocks-255-in-all", both, subnets, func(c *Call) bool { return items(c, subnets, destinations) > 255 }),
		over("tags-1024-bytes-in-all", tags, "tags", func(c *Call) bool { return size(c, key, value) > 1024 }),
		over("tags-4096-bytes-in-all", tags, "tags", func(c *Call) bool { return size(c, key, value) > 4096 }),
		over("tags-8192-bytes-in-all", tags, "tags", func(c *Call) bool { return size(c, key, value) > 8192 }),
		over("ids-255-in-all", idSource, "ikepolicy.local_id", func(c *Call) bool {
			return size(c, "ikepolicy.local_id", "ikepolicy.peer_id") > 255
		}),
		over("tag-key-and-value-255-in-all", tags, "tags", func(c *Call) bool {
			keys, values := texts(c, key), texts(c, value)
			return len(keys) == len(values) && slices.ContainsFunc(keys, func(k string) bool {
				v := values[slices.Index(keys, k)]
				return utf8.RuneCountInString(k)+utf8.RuneCountInString(v) > 255
			})
		}),
		over("subnets-as-many-as-fit-a-column", both, subnets, func(c *Call) bool { return size(c, subnets)+items(c, subnets) > 512 }),
		over("body-at-most-8-KiB", largest, "vpn_connection", body(8<<10)),
		over("body-at-most-16-KiB", largest, "vpn_connection", body(16<<10)),
		over("body-at-most-32-KiB", largest, "vpn_connection", body(32<<10)),
		switched(kind, "buffer-of-4-KiB", must, largest, Hooks{Wrap: func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.ContentLength > 4<<10 {
					http.Error(w, "request entity too large", http.StatusRequestEntityTooLarge)
					return
				}
				next.ServeHTTP(w, r)
			})
		}}),
		inSum("destinations-counted-in-all-rules", destinationCount, func(c *Call) bool { return items(c, destinations) > 250 }),
		inSum("tag-values-measured-together", valueLength, func(c *Call) bool { return size(c, value) > 20*255 }),
		inSum("subnets-counted-with-destinations", subnetsCount, func(c *Call) bool { return items(c, subnets, destinations) > 100 }),
	}
}

// boundMistakes accept what the page leaves open, and then answer what it rules
// out.
func boundMistakes() []Mistake {
	const kind = "bound"
	const repeats = "Table 10, peer_subnets, and Table 11, destination: what was configured is what is returned"
	list := func(name, member string, change func([]any) []any) Mistake {
		return answers(kind, name, should, repeats, member, func(_ *Call, v any) any {
			if l, ok := v.([]any); ok {
				return change(l)
			}
			return v
		})
	}
	doubled := func(l []any) []any {
		out := slices.Clone(l)
		for i, v := range l {
			if slices.Contains(l[:i], v) {
				out = append(out, v)
			}
		}
		return out
	}
	once := func(l []any) []any {
		var out []any
		for _, v := range l {
			if !slices.Contains(out, v) {
				out = append(out, v)
			}
		}
		return out
	}
	masked := func(name, member string) Mistake {
		return answersText(kind, name, should, repeats, member, func(s string) string {
			if b, ok := parseBlock(s); ok {
				return b.network().String()
			}
			return s
		})
	}
	return []Mistake{
		switched(kind, "subnets-answered-at-er", must, "Table 10, peer_subnets: not returned when er and BGP or POLICY", Hooks{
			Answer: func(c *Call, body map[string]any) {
				conn, _ := body["vpn_connection"].(map[string]any)
				repeat(conn, c.Fields, "peer_subnets")
			},
		}),
		list("duplicate-subnets-answered-once", "peer_subnets", once),
		list("duplicate-subnets-doubled", "peer_subnets", doubled),
		list("duplicate-destinations-answered-once", "policy_rules.destination", once),
		list("duplicate-tags-answered-once", "tags", lastOfKey),
		list("adjacent-subnets-joined", "peer_subnets", joined),
		masked("subnet-host-bits-masked", "peer_subnets"),
		masked("source-host-bits-masked", "policy_rules.source"),
		masked("destination-host-bits-masked", "policy_rules.destination"),
	}
}

// lastOfKey keeps the last tag of each key.
func lastOfKey(l []any) []any {
	var out []any
	for i, v := range l {
		tag, _ := v.(map[string]any)
		if !slices.ContainsFunc(l[i+1:], func(later any) bool {
			t, _ := later.(map[string]any)
			return t["key"] == tag["key"]
		}) {
			out = append(out, v)
		}
	}
	return out
}

// joined makes one block of two neighbours that are the halves of it.
func joined(l []any) []any {
	var out []any
	for _, v := range l {
		s, _ := v.(string)
		b, ok := parseBlock(s)
		if n := len(out); n > 0 && ok {
			before, _ := out[n-1].(string)
			a, other := parseBlock(before)
			wide := block{a.address, a.bits - 1}
			if other && a.bits == b.bits && a.bits > 0 && wide == wide.network() && wide.contains(b.address) && a.address != b.address {
				out[n-1] = wide.String()
				continue
			}
		}
		out = append(out, v)
	}
	return out
}
