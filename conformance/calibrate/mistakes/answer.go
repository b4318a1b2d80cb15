package mistakes

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// connection creates the connection that a call asks for, and returns it as
// Table 10 has it.
func (s *Server) connection(call *Call) map[string]any {
	c, n := call.Fields, s.created.Add(1)
	now := time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
	id := newID()
	local, peer := assign(n)
	if sent, ok := parseBlock(c.word("tunnel_local_address", "")); ok {
		peer = sent.otherHost()
	}
	if sent, ok := parseBlock(c.word("tunnel_peer_address", "")); ok {
		local = sent.otherHost()
	}
	conn := map[string]any{
		"id": id, "name": "vpn-" + id[:4],
		"style":                 strings.ToUpper(c.style()),
		"tunnel_local_address":  local,
		"tunnel_peer_address":   peer,
		"ha_role":               "master",
		"created_at":            now,
		"updated_at":            now,
		"enterprise_project_id": "0",
		"ikepolicy":             s.ike(call),
		"ipsecpolicy":           ipsec(c.object("ipsecpolicy")),
	}
	repeat(conn, c, "name", "vgw_id", "vgw_ip", "cgw_id", "ha_role", "tunnel_local_address", "tunnel_peer_address")
	if tags, ok := c.list("tags"); ok {
		conn["tags"] = answerTags(tags)
	}
	if call.Gateway != nil && call.Gateway.EnterpriseProjectID != "" {
		conn["enterprise_project_id"] = call.Gateway.EnterpriseProjectID
	}
	if c.style() == "static" || call.Gateway == nil || call.Gateway.AttachmentType != "er" {
		repeat(conn, c, "peer_subnets")
	}
	switch c.style() {
	case "static":
		conn["enable_nqa"] = false
		repeat(conn, c, "enable_nqa")
	case "policy":
		conn["policy_rules"] = answerRules(c)
	}
	return conn
}

// repeat puts the members that were sent into an answer.
func repeat(answer map[string]any, sent object, members ...string) {
	for _, member := range members {
		if v, ok := sent.get(member); ok {
			answer[member] = v
		}
	}
}

// answerRules returns the policy rules, numbered from 1 where no number was
// sent.
func answerRules(c object) []any {
	list, _ := c.list("policy_rules")
	used := map[json.Number]bool{}
	for _, item := range list {
		rule, _ := item.(map[string]any)
		n, _ := rule["rule_index"].(json.Number)
		used[n] = true
	}
	rules, next := []any{}, 0
	for _, item := range list {
		sent, _ := item.(map[string]any)
		rule := map[string]any{}
		repeat(rule, object{members: sent}, "rule_index", "source", "destination")
		for rule["rule_index"] == nil {
			next++
			if n := json.Number(strconv.Itoa(next)); !used[n] {
				rule["rule_index"] = n
			}
		}
		rules = append(rules, rule)
	}
	return rules
}

// answerTags returns the tags, without members that Table 15 does not have.
func answerTags(list []any) []any {
	tags := []any{}
	for _, item := range list {
		sent, _ := item.(map[string]any)
		tag := map[string]any{}
		repeat(tag, object{members: sent}, "key", "value")
		tags = append(tags, tag)
	}
	return tags
}

// ike returns the IKE settings, defaults filled in.
func (s *Server) ike(call *Call) map[string]any {
	o := call.Fields.object("ikepolicy")
	answer := map[string]any{
		"ike_version": "v2", "authentication_algorithm": "sha2-256", "encryption_algorithm": "aes-128",
		"dh_group": "group15", "authentication_method": "pre-share", "lifetime_seconds": 86400,
		"local_id_type": "ip", "peer_id_type": "ip",
	}
	if o.word("ike_version", "v2") == "v1" {
		answer["phase1_negotiation_mode"] = "main"
		repeat(answer, o, "phase1_negotiation_mode")
	}
	repeat(answer, o, "ike_version", "authentication_algorithm", "encryption_algorithm", "dh_group",
		"authentication_method", "lifetime_seconds", "local_id_type", "peer_id_type")
	answer["local_id"], answer["peer_id"] = s.addresses(call)
	for _, end := range []string{"local_id", "peer_id"} {
		if o.word(end+"_type", "ip") != "ip" {
			repeat(answer, o, end)
		}
	}
	dpd := map[string]any{"timeout": 15, "interval": 30, "msg": "seq-hash-notify"}
	repeat(dpd, o.object("dpd"), "timeout", "interval", "msg")
	answer["dpd"] = dpd
	return answer
}

// addresses returns the IP addresses of the two gateways.
func (s *Server) addresses(call *Call) (local, peer string) {
	if call.Gateway != nil {
		for _, a := range call.Gateway.Addresses {
			if a.VgwIP() == call.Fields.word("vgw_ip", "") {
				local = a.IP
			}
		}
	}
	if call.Remote != nil {
		peer = call.Remote.IP
	}
	return local, peer
}

// ipsec returns the IPsec settings, defaults filled in.
func ipsec(o object) map[string]any {
	answer := map[string]any{
		"authentication_algorithm": "sha2-256", "encryption_algorithm": "aes-128", "pfs": "group15",
		"transform_protocol": "esp", "lifetime_seconds": 3600, "encapsulation_mode": "tunnel",
	}
	repeat(answer, o, "authentication_algorithm", "encryption_algorithm", "pfs", "transform_protocol",
		"lifetime_seconds", "encapsulation_mode")
	return answer
}

// otherHost is the other one of the two host addresses of a /30 block.
func (b block) otherHost() string { return block{b.address ^ 3, 30}.String() }

// assign returns the two host addresses of the n-th free /30 block.
func assign(n int64) (local, peer string) {
	base := linkLocal.address + uint32(n%(1<<14))*4
	if reserved195.contains(base) {
		base += 256
	}
	return block{base + 1, 30}.String(), block{base + 2, 30}.String()
}
