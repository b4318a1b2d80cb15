package vpn_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/testdata"
)

// Bodies that have every member the document knows.
const (
	fullRequest = `{"vpn_connection":{"name":"vpn-1655","vgw_id":"b32d91a4-demo-a8df-va86-e907174eb11d",
		"vgw_ip":"192.168.44.3","style":"bgp","cgw_id":"5247ae10-demo-a8df-va86-dd36659a7f5d",
		"peer_subnets":["192.168.44.0/24"],"tunnel_local_address":"169.254.56.225/30",
		"tunnel_peer_address":"169.254.56.226/30","enable_nqa":false,"psk":"Abcd1234",
		"policy_rules":[{"rule_index":1,"source":"10.0.0.0/24","destination":["192.168.0.0/24"]}],
		"ikepolicy":{"ike_version":"v2","phase1_negotiation_mode":"main","authentication_algorithm":"sha2-512",
			"encryption_algorithm":"aes-256","dh_group":"group16","authentication_method":"pre-share",
			"lifetime_seconds":172800,"local_id_type":"fqdn","local_id":"123***","peer_id_type":"fqdn",
			"peer_id":"456***","dpd":{"timeout":30,"interval":60,"msg":"seq-notify-hash"}},
		"ipsecpolicy":{"authentication_algorithm":"sha2-512","encryption_algorithm":"aes-256","pfs":"group16",
			"transform_protocol":"esp","lifetime_seconds":7200,"encapsulation_mode":"tunnel"},
		"ha_role":"master","tags":[{"key":"k","value":""}]}}`
	fullAnswer = `{"request_id":"f91082d4-6d49-479c-ad1d-4e552a9f5cae","vpn_connection":{
		"id":"98c5af8a-demo-a8df-va86-ae2280a6f4c3","name":"vpn-1655","vgw_id":"b32d91a4-demo-a8df-va86-e907174eb11d",
		"vgw_ip":"0c464dad-demo-a8df-va86-c22bb0eb0bde","style":"BGP","cgw_id":"5247ae10-demo-a8df-va86-dd36659a7f5d",
		"peer_subnets":["192.168.44.0/24"],"tunnel_local_address":"169.254.56.225/30",
		"tunnel_peer_address":"169.254.56.226/30","enable_nqa":true,
		"policy_rules":[{"rule_index":50,"source":"10.0.0.0/24","destination":["192.168.0.0/24"]}],
		"ikepolicy":{"ike_version":"v1","phase1_negotiation_mode":"aggressive","authentication_algorithm":"md5",
			"encryption_algorithm":"3des","dh_group":"group1","authentication_method":"pre-share",
			"lifetime_seconds":60,"local_id_type":"ip","local_id":"10.***.***.134","peer_id_type":"ip",
			"peer_id":"88.***.***.164","dpd":{"timeout":2,"interval":10,"msg":"seq-hash-notify"}},
		"ipsecpolicy":{"authentication_algorithm":"sha1","encryption_algorithm":"aes-128","pfs":"disable",
			"transform_protocol":"esp","lifetime_seconds":30,"encapsulation_mode":"tunnel"},
		"created_at":"2022-11-26T13:41:34.626Z","updated_at":"2022-11-26T13:41:34Z","enterprise_project_id":"0",
		"connection_monitor_id":"b32d91a4-demo-a8df-va86-e907174eb11d","ha_role":"slave",
		"tags":[{"key":"ÀÁ","value":"x"}]}}`
	fullError = `{"error_code":"VPN.0001","error_msg":"invalid request","request_id":"1","code":"c","message":"m"}`
)

// Every body of the table is judged as the plain path does it.
func TestAgreement(t *testing.T) {
	for _, p := range paths(t) {
		t.Run(p.name, func(t *testing.T) {
			p.bodies(t, func(data []byte) { p.agree(t, data) })
		})
	}
	for _, way := range ways(t) {
		paths(t)[0].agree(t, way.body)
	}
}

// bodies calls judge with every body of the table.
func (p path) bodies(t *testing.T, judge func([]byte)) {
	t.Helper()
	var root any
	if err := json.Unmarshal([]byte(p.example), &root); err != nil {
		t.Fatal(err)
	}
	vary(p.schema, root, func(value any) { root = value }, func() {
		data, err := json.Marshal(root)
		if err != nil {
			t.Fatal(err)
		}
		judge(data)
	})
}

// vary gives a value and everything in it each of the values at the edges of its keywords, one at a time, and calls
// judge with each.
func vary(s *openapi3.SchemaRef, value any, set func(any), judge func()) {
	for len(s.Value.AllOf) == 1 {
		s = s.Value.AllOf[0]
	}
	for _, edge := range edges(s.Value, value) {
		set(json.RawMessage(edge))
		judge()
	}
	set(value)
	switch v := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			member := v[name]
			delete(v, name)
			judge()
			v[name] = member
			vary(s.Value.Properties[name], member, func(value any) { v[name] = value }, judge)
		}
		v["unknown"] = json.RawMessage(`{"unknown":[1,2,{}]}`)
		judge()
		delete(v, "unknown")
	case []any:
		for i := range v {
			vary(s.Value.Items, v[i], func(value any) { v[i] = value }, judge)
		}
	}
}

// edges returns values at the edges of a schema's keywords, and values of every type, as JSON.
func edges(s *openapi3.Schema, value any) []string {
	out := []string{`null`, `true`, `false`, `0`, `-1`, `1.5`, `""`, `"a"`, `[]`, `{}`, `[null]`, `[[]]`, `{"a":null}`, `1e400`}
	for _, e := range s.Enum {
		text, _ := json.Marshal(e)
		out = append(out, string(text), strings.ToUpper(string(text)), strings.Replace(string(text), `"`, `" `, 1))
	}
	for _, bound := range []*float64{s.Min, s.Max} {
		if bound != nil {
			for _, n := range []int{-1, 0, 1} {
				x := int(*bound) + n
				out = append(out, fmt.Sprint(x), fmt.Sprintf("%d.0", x), fmt.Sprintf("%d.5", x), fmt.Sprintf("%de0", x), fmt.Sprintf("%dE+1", x), fmt.Sprintf("%q", fmt.Sprint(x)))
			}
		}
	}
	if s.Type.Is("integer") {
		out = append(out, `-0`, `0.0`, `1e-400`, `2147483647`, `2147483648`, `-2147483648`, `-2147483649`, `9223372036854775807`,
			`9223372036854775808`, `-9223372036854775809`, `1`+strings.Repeat("0", 400), `0.`+strings.Repeat("0", 400)+`1`)
	}
	if s.Type.Is("string") {
		out = append(out, texts(s, value)...)
	}
	if s.MaxItems != nil {
		item, _ := json.Marshal(value.([]any)[0])
		for n := int(*s.MaxItems) - 1; n <= int(*s.MaxItems)+1; n++ {
			out = append(out, "["+strings.TrimSuffix(strings.Repeat(string(item)+",", n), ",")+"]",
				"["+strings.Repeat("5,", n)+"null]", "["+strings.Repeat("{},", n)+"null]")
		}
	}
	return out
}

// texts returns strings at the edges of the keywords of text, as JSON.
func texts(s *openapi3.Schema, value any) []string {
	text, _ := value.(string)
	out := []string{text + " ", " " + text, text + "\n", text + "é", text + "\u0000", text + "𝔸", strings.ToUpper(text)}
	if s.Pattern == "" {
		text = text[:min(1, len(text))] // nothing looks inside
	}
	for i := range text {
		out = append(out, text[:i], text[:i]+text[i+1:], text[:i]+"&"+text[i+1:], text[:i]+text[i:i+1]+text[i:])
	}
	lengths := []int{int(s.MinLength)}
	if s.MaxLength != nil {
		lengths = append(lengths, int(*s.MaxLength))
	}
	for _, length := range lengths {
		for n := max(0, length-1); n <= length+1; n++ {
			out = append(out, strings.Repeat("a", n), strings.Repeat("é", n), strings.Repeat("𝔸", n))
		}
	}
	for c := rune(0); c < 0x100 && s.Pattern != ""; c++ {
		out = append(out, "Abcd1234"+string(c))
	}
	for i, s := range out {
		text, _ := json.Marshal(s)
		out[i] = string(text)
	}
	return out
}

// FuzzDecode holds the generated code against the plain path.
func FuzzDecode(f *testing.F) {
	all := paths(f)
	for _, p := range all {
		f.Add([]byte(p.example))
		f.Add(compact(f, p.example))
	}
	for _, name := range []string{"static", "policy", "bgp"} {
		for _, file := range []string{"request", "response"} {
			data, err := testdata.Examples.ReadFile("examples/" + name + "/" + file + ".json")
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	bodies, err := filepath.Glob("testdata/bodies/*.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, body := range bodies {
		data, err := os.ReadFile(body)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, p := range all {
			p.agree(t, data)
		}
	})
}

func compact(tb testing.TB, text string) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(text)); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}
