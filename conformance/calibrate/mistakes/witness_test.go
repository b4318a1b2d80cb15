package mistakes

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestWitness finds for every mistake a request that shows it: a mistake that
// nobody can see would be none. It knows nothing of the kit.
func TestWitness(t *testing.T) {
	env := ownSite(t)
	requests := witnesses(env)
	for _, m := range Mistakes() {
		if m.Kind == "memory" || m.Kind == "adaptive" || m.Name == "first-second-only" { // seen in no single answer
			continue
		}
		t.Run(m.Name, func(t *testing.T) {
			hooks := m.Hooks(nil)
			if !slices.ContainsFunc(requests, func(w witness) bool { return w.shows(env, hooks) }) {
				t.Errorf("none of %d requests shows it", len(requests))
			}
		})
	}
}

// witness is a request, and what the healthy server found in it.
type witness struct {
	http  *http.Request
	call  *Call // nil if the server did not look into the body
	found []Violation
	body  map[string]any // of the answer; nil if it was refused
}

// shows reports whether a mistake changes the answer to a request.
func (w witness) shows(env Site, h Hooks) bool {
	switch {
	case h.Route != nil && h.Route(w.http.URL.EscapedPath(), env.ProjectID):
		return w.body == nil
	case w.call == nil:
		return false
	case h.Wrap != nil:
		refused := false
		r := w.http.Clone(w.http.Context())
		recorder := httptest.NewRecorder()
		h.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusCreated) })).ServeHTTP(recorder, r)
		refused = recorder.Code != http.StatusCreated
		return refused != (w.body == nil)
	case w.body == nil && h.Ignore != nil:
		return !slices.ContainsFunc(w.found, func(v Violation) bool { return !h.Ignore(w.call, v) })
	case w.body == nil && h.Refuse != nil:
		before := Refusal{Status: http.StatusBadRequest, Code: "VPN.0001", Text: w.found[0].Member + " " + w.found[0].Text}
		after := before
		h.Refuse(w.call, w.found, &after)
		return after != before
	case w.body != nil && h.Extra != nil:
		return len(h.Extra(w.call)) > 0
	case w.body != nil && h.Answer != nil:
		changed, _ := clone(w.body).(map[string]any)
		h.Answer(w.call, changed)
		return !reflect.DeepEqual(changed, w.body)
	}
	return false
}

// clone copies what JSON can hold.
func clone(v any) any {
	switch v := v.(type) {
	case map[string]any:
		m := map[string]any{}
		for name, inner := range v {
			m[name] = clone(inner)
		}
		return m
	case []any:
		list := make([]any, len(v))
		for i, inner := range v {
			list[i] = clone(inner)
		}
		return list
	}
	return v
}

// request makes a request that the healthy server has answered; second says that
// it is the second of its TCP connection.
func request(server *Server, path string, header http.Header, body string, length int64, second bool) witness {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header, r.ContentLength = header, length
	r = r.WithContext(ConnContext(r.Context(), nil))
	if second {
		server.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil).WithContext(r.Context()))
	}
	w := witness{http: r}
	server.hooks = Hooks{
		Ignore: func(c *Call, v Violation) bool {
			w.call, w.found = c, append(w.found, v)
			return false
		},
		Answer: func(c *Call, body map[string]any) {
			w.call = c
			w.body, _ = clone(body).(map[string]any)
		},
	}
	server.ServeHTTP(httptest.NewRecorder(), r)
	return w
}

// body is a connection that a request asks for.
type body map[string]any

// base returns a request for an address of a gateway; complete says that it has
// every member that it may have.
func base(env Site, gateway, address int, style string, complete bool) body {
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
func contexts(env Site) []func() body {
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
	changed(false, "ikepolicy.ike_version", "v1")
	for range 4 { // what is rare is tried more often
		changed(true, "ikepolicy.ike_version", "v1")
		changed(true, "ikepolicy.dpd.msg", "seq-hash-notify")
	}
	all = append(all, func() body {
		b := base(env, 0, 0, "bgp", true)
		set(b, "ikepolicy.peer_id", nil)
		set(b, "ikepolicy.peer_id_type", nil)
		return b
	})
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

// witnesses returns values at every gateway, in a quarter of the other contexts,
// and in every way of sending one.
func witnesses(env Site) []witness {
	random := rand.New(rand.NewPCG(1, 2))
	server := New(env, Hooks{})
	var all []witness
	plain := http.Header{"Content-Type": {"application/json"}, "Accept": {"application/json"}, "User-Agent": {"vpnconform"}}
	path := "/v5/" + env.ProjectID + "/vpn-connection"
	around := contexts(env)
	for _, change := range changes() {
		for i, context := range around {
			if i >= 8*len(env.Gateways) && random.IntN(4) > 0 {
				continue
			}
			b := context()
			change(b)
			data := encode(map[string]any{"vpn_connection": b}, false)
			all = append(all, request(server, path, plain, data, int64(len(data)), false))
		}
		b := base(env, 0, 0, "bgp", true)
		change(b)
		all = append(all, transports(server, path, plain, b)...)
	}
	id := env.ProjectID
	for _, project := range []string{id + "x", "x" + id, strings.ToUpper(id), "", id[:31], id + "%20", id + "/x"} {
		b := encode(map[string]any{"vpn_connection": base(env, 0, 0, "static", false)}, false)
		all = append(all, request(server, "/v5/"+project+"/vpn-connection", plain, b, int64(len(b)), false))
	}
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] }) // what is wrong at many places is soon found
	return all
}

// transports returns one request in every way of sending it.
func transports(server *Server, path string, plain http.Header, b body) []witness {
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
		return request(server, path, header, body, int64(len(body)), false)
	}
	return []witness{
		request(server, path, plain, data, -1, false), request(server, path, plain, data, int64(len(data)), true),
		w(with("Content-Type", "application/json; charset=utf-8"), data),
		w(with("Content-Type", "Application/JSON"), data), w(with("Accept", "*/*"), data), w(with("User-Agent", "curl/8"), data),
		w(plain, indented.String()), w(plain, " \n"+data), w(plain, encode(root, true)),
		w(plain, strings.Replace(data, `"psk"`, `"\u0070sk"`, 1)), w(plain, strings.NewReplacer("ñ", `\u00f1`, "ü", `\u00fc`).Replace(data)),
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
