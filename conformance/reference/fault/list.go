package fault

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/vpnconform/vpnconform/openapi"
	"github.com/vpnconform/vpnconform/openapi/rule"
)

// lists are the JSON Pointers of the lists that a rule can be broken in: those
// around the member, and the one that a cross-field rule speaks of.
func (d *breaches) lists(w *world) []string {
	at := d.object
	if d.rule.Kind != openapi.Validation {
		at, _ = openapi.Find(w.op.JSON(), d.rule.Schema)
	}
	var out []string
	for i := 0; i < len(at); i++ {
		if strings.HasPrefix(at[i:], "/0") && (i+2 == len(at) || at[i+2] == '/') {
			out = append(out, at[:i])
		}
	}
	if d.rule.Kind == openapi.Validation {
		field := d.object + "/" + d.blamed
		if s := openapi.Member(w.op.JSON(), field); s != nil && s.Value.Type.Is("array") {
			out = append(out, field)
		}
	}
	return out
}

// lengths are the lengths of a list that faults tell apart.
func lengths(most int) []int { return []int{1, 2, most} }

// inList adds requests that break the rule in one item of a list of every
// length and at every kind of place, and in two items.
func (d *breaches) inList(w *world, seeds []*asked, list string, full []any) {
	if len(full) < 2 {
		return
	}
	for _, n := range append(lengths(len(full)), 3) {
		if n > len(full) {
			continue
		}
		for _, place := range []int{0, 1, 2, n / 2, n - 1} {
			if place < n {
				d.first(w, seeds, func(body any) []any { return []any{d.moved(body, list, full[:n], place)} })
			}
		}
		d.first(w, seeds, func(body any) []any { return []any{d.paired(body, list, full[:n], 0, n-1)} })
		d.first(w, seeds, func(body any) []any { return []any{d.paired(body, list, full[:n], max(n-2, 0), n-1)} })
		if n > 2 {
			d.first(w, seeds, func(body any) []any { return []any{d.paired(body, list, full[:n], 1, n-1)} })
		}
	}
}

// moved is a request with the first item of a list at another place of a list
// of other items.
func (d *breaches) moved(body any, list string, items []any, place int) any {
	sent, ok := lookup(body, list).([]any)
	if !ok || len(sent) == 0 {
		return nil
	}
	out := slices.Clone(items)
	out[place] = d.like(out[place], sent[0])
	return put(body, list, out)
}

// paired is a request with a list of other items, of which one is like another in
// what the rule speaks of.
func (d *breaches) paired(body any, list string, items []any, one, two int) any {
	if d.rule.Kind != openapi.Validation || one == two {
		return nil
	}
	out := slices.Clone(items)
	out[two] = d.like(out[two], out[one])
	return put(body, list, out)
}

// like is an item that is wrong as another one is: an object gets the members
// that the rule speaks of, and keeps the others.
func (d *breaches) like(item, other any) any {
	from, isObject := other.(map[string]any)
	into, ok := item.(map[string]any)
	if !isObject || !ok {
		return other
	}
	into = maps.Clone(into)
	for _, name := range d.names {
		delete(into, name)
		if value, there := from[name]; there {
			into[name] = value
		}
	}
	return into
}

// each tells whether there are numbers, all of which are so.
func each(numbers []int, is func(int) bool) bool {
	return len(numbers) > 0 && !slices.ContainsFunc(numbers, func(n int) bool { return !is(n) })
}

// itemsAt are the numbers that stand at one depth of the places to blame.
func (q *asked) itemsAt(depth int) []int {
	var out []int
	for _, v := range q.broken {
		tokens := strings.Split(v.Pointer, "/")
		if len(tokens) <= depth {
			return nil
		}
		n, err := strconv.Atoi(tokens[depth])
		if err != nil {
			return nil
		}
		out = append(out, n)
	}
	return out
}

// badItems are the places in a list that break a rule, and how long the list is
// there. A rule that blames the list is held against each item alone.
func (d *breaches) badItems(q *asked, list string) (places []int, length int) {
	at := q.concrete(list)
	items, ok := lookup(q.body, at).([]any)
	if !ok {
		return nil, 0
	}
	if list != d.object+"/"+d.blamed || d.rule.Kind != openapi.Validation {
		return q.itemsAt(strings.Count(list, "/") + 1), len(items)
	}
	if places, done := q.items[list]; done {
		return places, len(items)
	}
	for i, item := range items {
		if !d.holds(q, at, []any{item}) {
			places = append(places, i)
		}
	}
	q.items[list] = places
	return places, len(items)
}

// badPairs are the pairs of places in a list that break a rule which no single
// item breaks, such as one of items that differ.
func (d *breaches) badPairs(q *asked, list string) (pairs [][2]int, length int) {
	at := q.concrete(list)
	items, ok := lookup(q.body, at).([]any)
	if singles, _ := d.badItems(q, list); !ok || len(singles) > 0 || len(items) > 50 {
		return nil, 0
	}
	for i := range items {
		for k := i + 1; k < len(items); k++ {
			if !d.holds(q, at, []any{items[i], items[k]}) {
				pairs = append(pairs, [2]int{i, k})
			}
		}
	}
	return pairs, len(items)
}

// holds tells whether the rule holds with other items in a list.
func (d *breaches) holds(q *asked, list string, items []any) bool {
	object := list[:strings.LastIndexByte(list, '/')]
	self := lookup(put(q.body, list, items), object)
	variables := map[string]any{"self": rule.Native(self)}
	for name, fact := range q.facts {
		variables[name] = rule.Native(fact)
	}
	holds, err := d.rule.Program.Eval(variables)
	return err == nil && holds
}

// concrete is a JSON Pointer with the places to blame in it: of the items that
// a request is blamed for instead of the first.
func (q *asked) concrete(pointer string) string {
	if len(q.broken) == 0 || !strings.Contains(pointer, "/0") {
		return pointer
	}
	blamed, tokens := strings.Split(q.broken[0].Pointer, "/"), strings.Split(pointer, "/")
	for i := range tokens {
		switch {
		case i >= len(blamed):
			return strings.Join(tokens, "/")
		case tokens[i] == "0":
			tokens[i] = blamed[i]
		case tokens[i] != blamed[i]:
			return strings.Join(tokens, "/")
		}
	}
	return strings.Join(tokens, "/")
}

// inLists are the surroundings of lists: the place of the wrong item, and the
// length.
func (d *breaches) inLists(w *world) []surrounding {
	var out []surrounding
	for _, list := range d.lists(w) {
		name := strings.ReplaceAll(strings.TrimPrefix(list, "/vpn_connection/"), "/", ".")
		add := func(kind, says string, passes func(places []int, n int) bool) {
			out = append(out, surrounding{kind, "list/" + list, name + "-" + kind, says + " " + name, func(q *asked) bool {
				places, n := d.badItems(q, list)
				return n > 0 && passes(places, n)
			}})
		}
		add("last-alone", "but for the last of", func(p []int, n int) bool { return each(p, func(i int) bool { return i < n-1 }) })
		add("all-but-last", "for the last of several", func(p []int, n int) bool { return n > 1 && each(p, func(i int) bool { return i == n-1 }) })
		add("even-alone", "for the second, fourth and so on of", func(p []int, _ int) bool { return each(p, func(i int) bool { return i%2 == 1 }) })
		add("middle-not", "between the first and the last of", func(p []int, n int) bool { return each(p, func(i int) bool { return i > 0 && i < n-1 }) })
		if most := openapi.Member(w.op.JSON(), list).Value.MaxItems; most != nil {
			for _, n := range lengths(int(*most)) {
				add(fmt.Sprintf("only-of-%d", n), fmt.Sprintf("unless there are %d of", n), func(_ []int, length int) bool { return length != n })
				add(fmt.Sprintf("not-of-%d", n), fmt.Sprintf("if there are %d of", n), func(_ []int, length int) bool { return length == n })
			}
		}
		out = append(out, d.inPairs(list, name)...)
	}
	return out
}

// inPairs are the surroundings of two items that break a rule together.
func (d *breaches) inPairs(list, name string) []surrounding {
	var out []surrounding
	add := func(kind, says string, found func(pair [2]int, n int) bool) {
		out = append(out, surrounding{kind, "list/" + list, name + "-" + kind, says + " " + name, func(q *asked) bool {
			pairs, n := d.badPairs(q, list)
			return len(pairs) > 0 && !slices.ContainsFunc(pairs, func(pair [2]int) bool { return found(pair, n) })
		}})
	}
	add("neighbours-alone", "unless it is two beside each other of", func(p [2]int, _ int) bool { return p[1] == p[0]+1 })
	add("with-first-alone", "unless it is the first of", func(p [2]int, _ int) bool { return p[0] == 0 })
	add("with-last-alone", "unless it is the last of", func(p [2]int, n int) bool { return p[1] == n-1 })
	return out
}
