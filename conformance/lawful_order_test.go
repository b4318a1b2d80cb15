package conformance_test

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// noOrder is why a list may come back in another order.
const noOrder = "Table 10 names the list; no source speaks of its order"

// lists calls f for every list of an answer that was sent under that name.
func lists(got object, name string, f func([]any)) {
	if list, ok := got[name].([]any); ok {
		f(list)
	}
	for _, rule := range rulesOf(got) {
		if list, ok := rule[name].([]any); ok {
			f(list)
		}
	}
}

// rulesOf returns the policy rules of a connection.
func rulesOf(c object) []object {
	list, _ := c["policy_rules"].([]any)
	var rules []object
	for _, item := range list {
		if rule, ok := item.(object); ok {
			rules = append(rules, rule)
		}
	}
	return rules
}

// reordered brings a list of every answer into another order.
func reordered(member string, order func([]any)) wrapper {
	return created(func(got, _ object) { lists(got, member, order) })
}

// sortList sorts a list by the JSON text of its elements.
func sortList(list []any) {
	slices.SortFunc(list, func(a, b any) int { return strings.Compare(string(encode(a)), string(encode(b))) })
}

// shuffleList puts a list into a drawn order.
func shuffleList(list []any) {
	rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
}

// rewritten changes the policy rules of every answer that has some.
func rewritten(change func(rules []object) []object) wrapper {
	return created(func(got, _ object) {
		rules := rulesOf(got)
		if len(rules) == 0 {
			return
		}
		var list []any
		for _, rule := range change(rules) {
			list = append(list, rule)
		}
		got["policy_rules"] = list
	})
}

// index is a rule_index.
func index(n int) json.Number { return json.Number(strconv.Itoa(n)) }

// expanded makes a rule of every destination; number says what its index is.
func expanded(number func(n int, sent any) any) wrapper {
	return rewritten(func(rules []object) []object {
		var all []object
		for _, rule := range rules {
			destinations, _ := rule["destination"].([]any)
			if len(destinations) == 0 {
				all = append(all, rule)
			}
			for _, destination := range destinations {
				one := object{"destination": []any{destination}, "rule_index": number(len(all), rule["rule_index"])}
				if source, ok := rule["source"]; ok {
					one["source"] = source
				}
				all = append(all, one)
			}
		}
		return all
	})
}

// renumbered gives the rules other indices.
func renumbered(number func(i int) int) wrapper {
	return rewritten(func(rules []object) []object {
		for i, rule := range rules {
			rule["rule_index"] = index(number(i))
		}
		return rules
	})
}

// lawfulOrders are the orders of lists, and what becomes of policy rules.
func lawfulOrders() []lawfulRow {
	const mayDiffer = "Table 4, rule_index: that of the answer may be different from what was sent"
	const byDestination = "Table 4, rule_index: the service generates a rule for each destination"
	return []lawfulRow{
		{name: "tags-reversed", what: "tags come back in reverse", source: noOrder, level: "must", wrap: reordered("tags", slices.Reverse[[]any])},
		{name: "tags-sorted", what: "tags come back sorted by key", source: noOrder, level: "must", wrap: reordered("tags", sortList)},
		{name: "tags-shuffled", what: "tags come back in any order, as from a map", source: noOrder, level: "must", wrap: reordered("tags", shuffleList)},
		{name: "peer-subnets-reversed", what: "peer_subnets come back in reverse", source: noOrder, level: "must", wrap: reordered("peer_subnets", slices.Reverse[[]any])},
		{name: "peer-subnets-sorted", what: "peer_subnets come back sorted", source: noOrder, level: "must", wrap: reordered("peer_subnets", sortList)},
		{name: "destinations-reversed", what: "Destinations come back in reverse", source: noOrder, level: "must", wrap: reordered("destination", slices.Reverse[[]any])},
		{name: "destinations-sorted", what: "Destinations come back sorted", source: noOrder, level: "must", wrap: reordered("destination", sortList)},
		{name: "rules-reversed", what: "policy_rules come back in reverse", source: noOrder, level: "must", wrap: reordered("policy_rules", slices.Reverse[[]any])},
		{
			name: "rules-by-index", what: "policy_rules come back in the order of their indices", level: "must",
			source: "Table 4, rule_index: it identifies the sequence", wrap: rewritten(func(rules []object) []object {
				slices.SortStableFunc(rules, func(a, b object) int {
					x, _ := strconv.Atoi(string(encode(a["rule_index"])))
					y, _ := strconv.Atoi(string(encode(b["rule_index"])))
					return x - y
				})
				return rules
			}),
		},
		{
			name: "rules-expanded", what: "There is a rule for each destination, numbered from 1 on",
			source: byDestination, level: "must", wrap: expanded(func(n int, _ any) any { return index((n + 1) % 51) }),
		},
		{
			name: "rules-expanded-same-index", what: "There is a rule for each destination, with the index of the rule that was sent",
			source: byDestination, level: "must", wrap: expanded(func(_ int, sent any) any { return sent }),
		},
		{
			name: "rule-index-dropped", what: "Rules come back without an index", level: "must",
			source: "Table 11 does not say that the member is always there; SDK has had it and not had it",
			wrap: rewritten(func(rules []object) []object {
				for _, rule := range rules {
					delete(rule, "rule_index")
				}
				return rules
			}),
		},
		{name: "rule-index-from-0", what: "Rules are numbered from 0 on", source: mayDiffer, level: "should", wrap: renumbered(func(i int) int { return i })},
		{name: "rule-index-from-10", what: "Rules are numbered from 10 on", source: mayDiffer, level: "should", wrap: renumbered(func(i int) int { return 10 + i })},
		{name: "rule-index-in-tens", what: "Rules are numbered in tens, the last first", source: mayDiffer, level: "should", wrap: renumbered(func(i int) int { return 50 - 10*i })},
	}
}
