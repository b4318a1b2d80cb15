package fault

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/openapi"
)

// ofEchoes are faults of members that repeat the request, or a default of it.
func (w *world) ofEchoes() []Fault {
	var out []Fault
	all := members(w.op.Answer(http.StatusCreated), "")
	for _, m := range all {
		sent := openapi.Member(w.op.JSON(), m.at)
		if sent == nil || strings.Contains(m.at, "/0") {
			continue
		}
		likely := w.likely(m.at)
		add := func(kind, breaks, rule string, change func(a *reply, request any)) {
			out = append(out, Fault{
				ID: "echo" + m.at + "/" + kind, Kind: kind, Rule: rule, Breaks: m.at + " " + breaks, Try: likely,
				make: created(func(_ *wrong, request []byte, a *reply) {
					if body, err := match.Decode(request); err == nil {
						change(a, body)
					}
				}),
			})
		}
		if rule := w.doc.Keyword(sent.Value, "default", ""); rule != nil {
			if other, ok := otherValue(sent.Value); ok {
				add("other-default", "has another default", rule.ID, func(a *reply, request any) {
					if _, given := match.Lookup(request, m.at); !given {
						a.edit(m.at, func(v any) (any, bool) {
							value, ok := other(strings.ToLower(fmt.Sprint(v)))
							if b, isBool := v.(bool); isBool {
								value, ok = !b, true
							}
							if _, upper := otherCase(v); upper && m.at == "/vpn_connection/style" {
								value = strings.ToUpper(fmt.Sprint(value))
							}
							return value, ok
						})
					}
				})
			}
			add("always-default", "is the default, whatever was sent", rule.ID, func(a *reply, request any) {
				if given, there := match.Lookup(request, m.at); there && fmt.Sprint(given) != fmt.Sprint(sent.Value.Default) {
					a.edit(m.at, func(v any) (any, bool) { return like(v, sent.Value.Default), true })
				}
			})
		}
		w.ofEcho(m, add)
	}
	return out
}

// like writes a default in the case of the value that it takes the place of.
func like(v, standard any) any {
	text, isText := v.(string)
	if def, ok := standard.(string); ok && isText && text == strings.ToUpper(text) {
		return strings.ToUpper(def)
	}
	return standard
}

// ofEcho are faults of the value that is repeated.
func (w *world) ofEcho(m member, add func(kind, breaks, rule string, change func(a *reply, request any))) {
	rule := w.doc.Keyword(m.schema, "x-echo", "")
	id := ""
	if rule != nil {
		id = rule.ID
	}
	switch {
	case m.schema.Type.Is("array"): // a list that is no plain echo repeats its items all the same
		add("reordered", "has its items in another order", id, func(a *reply, _ any) {
			a.edit(m.at, func(v any) (any, bool) {
				list, ok := v.([]any)
				list = slices.Clone(list)
				slices.Reverse(list)
				return list, ok && len(list) > 1
			})
		})
		add("first-only", "has one item of several", id, func(a *reply, _ any) {
			a.edit(m.at, func(v any) (any, bool) {
				list, ok := v.([]any)
				return list[:min(len(list), 1)], ok && len(list) > 1
			})
		})
		add("not-stored", "is empty, whatever was sent", id, func(a *reply, _ any) {
			a.edit(m.at, func(any) (any, bool) { return []any{}, true })
		})
	case rule == nil:
	case m.schema.Type.Is("string"):
		add("truncated", "lacks its last character", id, func(a *reply, _ any) {
			a.edit(m.at, func(v any) (any, bool) { s, ok := v.(string); return s[:max(len(s)-1, 0)], ok && s != "" })
		})
		add("of-another-member", "is the value of another member", id, func(a *reply, request any) {
			if other, ok := match.Lookup(request, "/vpn_connection/vgw_id"); ok && !strings.HasSuffix(m.at, "/vgw_id") {
				a.edit(m.at, func(any) (any, bool) { return other, true })
			} else if other, ok := match.Lookup(request, "/vpn_connection/cgw_id"); ok {
				a.edit(m.at, func(any) (any, bool) { return other, true })
			}
		})
	case m.schema.Type.Is("integer"):
		add("off-by-one", "is one more than was sent", id, func(a *reply, _ any) {
			a.edit(m.at, func(v any) (any, bool) { n, err := json.Number(fmt.Sprint(v)).Int64(); return n + 1, err == nil })
		})
	}
}

// ofStyles are faults of one style: members that it must not have, and its name.
func (w *world) ofStyles() []Fault {
	var out []Fault
	extra := map[string]any{
		"enable_nqa":   false,
		"policy_rules": []any{map[string]any{"rule_index": 1, "source": "10.0.0.0/24", "destination": []any{"192.168.44.0/24"}}},
	}
	for _, style := range []string{"STATIC", "POLICY", "BGP"} {
		in := func(change func(a *reply)) func(*wrong) http.HandlerFunc {
			return created(func(_ *wrong, _ []byte, a *reply) {
				body, err := match.Decode(a.body)
				if got, _ := match.Lookup(body, "/vpn_connection/style"); err == nil && got == style {
					change(a)
				}
			})
		}
		name := strings.ToLower(style)
		for _, member := range []string{"enable_nqa", "policy_rules"} {
			if style == "STATIC" && member == "enable_nqa" || style == "POLICY" && member == "policy_rules" {
				continue
			}
			out = append(out, Fault{
				ID: "style/" + name + "/" + member, Kind: "of-another-style", Breaks: "a " + name + " connection has " + member,
				make: in(func(a *reply) { a.body = patched(a.body, "add", "/vpn_connection/"+member, extra[member]) }),
			})
		}
		out = append(out, Fault{
			ID: "style/" + name + "/lower-case", Kind: "lower-case-style", Breaks: "the style of a " + name + " connection is in lower case",
			make: in(func(a *reply) { a.edit("/vpn_connection/style", otherCase) }),
		}, Fault{
			ID: "style/" + name + "/psk", Kind: "psk-member", Breaks: "a " + name + " connection has a member psk",
			make: in(func(a *reply) { a.body = patched(a.body, "add", "/vpn_connection/psk", "********") }),
		})
	}
	return append(out, Fault{
		ID: "style/policy/one-index", Kind: "of-rules", Breaks: "all rules of a policy connection have one rule_index",
		make: created(func(_ *wrong, _ []byte, a *reply) {
			a.edit("/vpn_connection/policy_rules", func(v any) (any, bool) {
				rules, ok := v.([]any)
				out := make([]any, len(rules))
				for i, rule := range rules {
					object, isObject := rule.(map[string]any)
					ok = ok && isObject
					object = maps.Clone(object) // what is changed in place looks unchanged
					if isObject {
						object["rule_index"] = json.Number("1")
					}
					out[i] = object
				}
				return out, ok
			})
		}),
	}, Fault{
		ID: "style/v2/phase1_negotiation_mode", Kind: "of-another-style", Breaks: "a connection with IKE v2 has phase1_negotiation_mode",
		make: created(func(_ *wrong, _ []byte, a *reply) {
			a.edit("/vpn_connection/ikepolicy", func(v any) (any, bool) {
				ike, ok := v.(map[string]any)
				if !ok || ike["ike_version"] != "v2" {
					return nil, false
				}
				ike = maps.Clone(ike) // what is changed in place looks unchanged
				ike["phase1_negotiation_mode"] = "main"
				return ike, true
			})
		}),
	})
}
