package mistakes

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vpnconform/vpnconform/conformance/suite"
)

// TestWitness finds for every mistake a request that the healthy server answers
// otherwise: a mistake that nobody can see would be none. It asks both servers
// the same, one request after the other, and knows nothing of the kit.
func TestWitness(t *testing.T) {
	env := environment(t)
	requests := witnesses(env)
	var healthy []string
	server := still(env, Hooks{})
	for _, w := range requests {
		healthy = append(healthy, w.send(server))
	}
	for _, m := range Mistakes() {
		if m.Kind == "memory" || m.Kind == "adaptive" || strings.Contains(m.Name, "second-only") { // seen in no single answer
			continue
		}
		t.Run(m.Name, func(t *testing.T) {
			server := still(env, m.Hooks(nil))
			for i, w := range requests {
				if w.send(server) != healthy[i] {
					return
				}
			}
			t.Errorf("none of %d requests shows it", len(requests))
		})
	}
}

// still returns a server whose identifiers are counted and whose clock stands
// still: two of them answer alike.
func still(env suite.Environment, hooks Hooks) http.Handler {
	s := New(env, hooks)
	var n atomic.Int64
	s.newID = func() string { return fmt.Sprintf("%08x-0000-4000-8000-000000000000", n.Add(1)<<16) }
	s.now = func() time.Time { return time.Unix(1700000000, 0) }
	return s.Handler()
}

// witness is a request.
type witness struct {
	path   string
	header http.Header
	body   string
	conn   bool // it is the second of its connection
	length int64
}

// send returns what a server answers.
func (w witness) send(h http.Handler) string {
	r := httptest.NewRequest(http.MethodPost, w.path, strings.NewReader(w.body))
	for name, values := range w.header {
		r.Header[name] = values
	}
	r.ContentLength = w.length
	ctx := ConnContext(r.Context(), nil)
	r = r.WithContext(ctx)
	recorder := httptest.NewRecorder()
	if w.conn {
		h.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/", nil).WithContext(ctx))
		recorder = httptest.NewRecorder()
	}
	h.ServeHTTP(recorder, r)
	return strconv.Itoa(recorder.Code) + recorder.Body.String()
}

// body is a connection that a request asks for.
type body map[string]any

// base returns a request for an address of a gateway; complete says that it has
// every member that it may have.
func base(env suite.Environment, gateway, address int, style string, complete bool) body {
	g := env.Gateways[gateway]
	b := body{
		"vgw_id": g.ID, "vgw_ip": g.Addresses[address].VgwIP(), "cgw_id": env.CustomerGateways[0].ID,
		"peer_subnets": []any{"192.168.44.0/24", "192.168.46.0/24"}, "psk": "Abcdef-1234",
	}
	if style != "" {
		b["style"] = style
	}
	if style == "policy" {
		b["policy_rules"] = []any{
			map[string]any{"rule_index": 3, "source": "10.0.0.0/24", "destination": []any{"192.168.0.0/24"}},
			map[string]any{"source": "10.0.1.0/24", "destination": []any{"192.168.1.0/24", "192.168.2.0/24", "192.168.3.0/24"}},
			map[string]any{"rule_index": 0, "source": "10.0.2.0/24", "destination": []any{"192.168.4.0/24"}},
		}
	}
	if g.HAMode == "active-standby" && address == 1 {
		b["ha_role"] = "slave"
	}
	if !complete {
		return b
	}
	b["name"], b["tags"] = "a.name-1", []any{map[string]any{"key": "One", "value": "Uno"}, map[string]any{"key": "Two", "value": "Dos"}}
	if style == "" || style == "static" {
		b["enable_nqa"] = true
	}
	if style != "policy" {
		b["tunnel_local_address"], b["tunnel_peer_address"] = "169.254.56.225/30", "169.254.56.226/30"
	}
	b["ikepolicy"] = map[string]any{
		"ike_version": "v2", "authentication_algorithm": "sha2-512", "encryption_algorithm": "aes-256", "dh_group": "group16",
		"lifetime_seconds": 172800, "local_id_type": "fqdn", "local_id": "Here.example", "peer_id_type": "fqdn", "peer_id": "There.example",
		"dpd": map[string]any{"timeout": 30, "interval": 60, "msg": "seq-notify-hash"},
	}
	b["ipsecpolicy"] = map[string]any{
		"authentication_algorithm": "sha2-512", "encryption_algorithm": "aes-256", "pfs": "group19",
		"transform_protocol": "esp", "lifetime_seconds": 7200, "encapsulation_mode": "tunnel",
	}
	return b
}

// set puts a value at a path, and the objects around it.
func set(b map[string]any, path string, value any) {
	name, rest, more := strings.Cut(path, ".")
	if !more {
		if value == nil {
			delete(b, name)
		} else {
			b[name] = value
		}
		return
	}
	inner, ok := b[name].(map[string]any)
	if !ok {
		inner = map[string]any{}
		if value != nil {
			b[name] = inner
		}
	}
	set(inner, rest, value)
}

// contexts returns what a value is tried in: every gateway, address and style,
// and requests with one member more or less, or with another value of one.
func contexts(env suite.Environment) []func() body {
	var all []func() body
	for g := range env.Gateways {
		for a := range 2 {
			for _, style := range []string{"", "static", "policy", "bgp"} {
				all = append(all, func() body { return base(env, g, a, style, true) })
			}
		}
	}
	changed := func(complete bool, path string, value any) {
		for _, style := range []string{"", "policy"} {
			all = append(all, func() body {
				b := base(env, 0, 0, style, complete)
				if path == "ikepolicy.ike_version" && value == "v1" {
					set(b, "ikepolicy.phase1_negotiation_mode", "main")
				}
				set(b, path, value)
				return b
			})
		}
	}
	changed(false, "name", nil)
	for _, path := range []string{
		"name", "tags", "ha_role", "enable_nqa", "ikepolicy", "ipsecpolicy", "ikepolicy.dpd", "ikepolicy.ike_version", "ikepolicy.peer_id",
		"ikepolicy.peer_id_type", "ikepolicy.authentication_algorithm", "ipsecpolicy.pfs", "ipsecpolicy.encryption_algorithm",
		"ipsecpolicy.transform_protocol", "ikepolicy.dpd.timeout", "ikepolicy.dpd.interval", "ikepolicy.local_id_type", "tunnel_local_address",
	} {
		changed(true, path, nil)
	}
	for path, values := range map[string][]any{
		"ikepolicy.ike_version": {"v1"}, "ikepolicy.encryption_algorithm": {"3des", "aes-256-gcm-16", "aes-128-gcm-16"},
		"ikepolicy.authentication_algorithm": {"sha2-256", "md5"}, "ikepolicy.dpd.msg": {"seq-hash-notify"},
		"ipsecpolicy.authentication_algorithm": {"sha1", "md5"}, "ipsecpolicy.pfs": {"disable"},
		"ipsecpolicy.encryption_algorithm": {"aes-256-gcm-16"}, "ha_role": {"master"},
		"ikepolicy.peer_id_type": {"ip"}, "ikepolicy.local_id_type": {"ip"},
		"tags": {[]any{map[string]any{"key": "k", "value": "v"}}},
	} {
		for _, value := range values {
			changed(true, path, value)
		}
	}
	return all
}

// witnesses returns values in contexts, a third of all pairs, and every way of
// sending a value, shuffled: what is wrong at many places is soon found.
func witnesses(env suite.Environment) []witness {
	random := rand.New(rand.NewPCG(1, 2))
	var all []witness
	plain := http.Header{"Content-Type": {"application/json"}, "Accept": {"application/json"}, "User-Agent": {"vpnconform"}}
	path := "/v5/" + env.ProjectID + "/vpn-connection"
	add := func(b body) {
		data := encode(map[string]any{"vpn_connection": b}, false)
		all = append(all, witness{path: path, header: plain, body: data, length: int64(len(data))})
	}
	around := contexts(env)
	for _, change := range changes() {
		for _, context := range around {
			if random.IntN(3) > 0 {
				continue
			}
			b := context()
			change(b)
			add(b)
		}
	}
	for _, change := range changes() {
		b := base(env, 0, 0, "bgp", true)
		change(b)
		all = append(all, transports(path, plain, b)...)
	}
	id := env.ProjectID
	for _, project := range []string{id + "x", "x" + id, strings.ToUpper(id), "", id[:31], id + "%20", id + "/x"} {
		b := encode(map[string]any{"vpn_connection": base(env, 0, 0, "static", false)}, false)
		all = append(all, witness{path: "/v5/" + project + "/vpn-connection", header: plain, body: b, length: int64(len(b))})
	}
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// transports returns one request in every way of sending it.
func transports(path string, plain http.Header, b body) []witness {
	root := map[string]any{"vpn_connection": b}
	data := encode(root, false)
	with := func(name, value string) http.Header {
		h := plain.Clone()
		h.Set(name, value)
		return h
	}
	var indented bytes.Buffer
	_ = json.Indent(&indented, []byte(data), "", "  ")
	w := func(header http.Header, body string) witness {
		return witness{path: path, header: header, body: body, length: int64(len(body))}
	}
	chunked, second := w(plain, data), w(plain, data)
	chunked.length, second.conn = -1, true
	return []witness{
		chunked, second, w(with("Content-Type", "application/json; charset=utf-8"), data),
		w(with("Content-Type", "Application/JSON"), data), w(with("Accept", "*/*"), data), w(with("User-Agent", "curl/8"), data),
		w(plain, indented.String()), w(plain, " \n"+data), w(plain, encode(root, true)),
		w(plain, strings.Replace(data, `"psk"`, `"\u0070sk"`, 1)),
	}
}

// encode writes JSON with sorted members, backwards if asked.
func encode(v any, backwards bool) string {
	m, ok := v.(map[string]any)
	if b, isBody := v.(body); isBody {
		m, ok = b, true
	}
	if !ok {
		data, _ := json.Marshal(v)
		return string(data)
	}
	var names []string
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	if backwards {
		slices.Reverse(names)
	}
	for i, name := range names {
		names[i] = strconv.Quote(name) + ":" + encode(m[name], backwards)
	}
	return "{" + strings.Join(names, ",") + "}"
}
