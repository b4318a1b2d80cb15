package conformance_test

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/vpnconform/vpnconform/conformance/reference"
)

// both gives the two times of every answer other forms.
func both(createdAt, updatedAt string, later time.Duration) wrapper {
	return created(func(got, _ object) {
		then, err := time.Parse(time.RFC3339Nano, fmt.Sprint(got["created_at"]))
		if err != nil {
			return
		}
		got["created_at"] = then.Format(createdAt)
		got["updated_at"] = then.Add(later).Format(updatedAt)
	})
}

// off is a clock that is wrong.
func off(by time.Duration) reference.Options {
	return reference.Options{Now: func() time.Time { return time.Now().Add(by) }}
}

// lawfulTimes are the times of an answer.
func lawfulTimes() []lawfulRow {
	const millis, noForm = "2006-01-02T15:04:05.000Z", "errata.yaml, timestamps-format: the page has no form; any number of digits will do"
	const equal = "Table 10, updated_at: the last update; that it equals created_at is known from examples alone"
	return []lawfulRow{
		{name: "updated-1ms-later", what: "updated_at is a millisecond after created_at", source: equal, level: "must", wrap: both(millis, millis, time.Millisecond)},
		{name: "updated-2s-later", what: "updated_at is two seconds after created_at", source: equal, level: "must", wrap: both(millis, millis, 2*time.Second)},
		{name: "updated-6-digits", what: "updated_at has another number of digits than created_at", source: noForm, level: "must", wrap: both("2006-01-02T15:04:05Z", "2006-01-02T15:04:05.000000Z", 0)},
		{name: "times-whole-seconds", what: "Times have no fraction", source: noForm + "; CN", level: "should", wrap: both("2006-01-02T15:04:05Z", "2006-01-02T15:04:05Z", 0)},
		{name: "times-6-digits", what: "Times have six digits", source: noForm, level: "should", wrap: both("2006-01-02T15:04:05.000000Z", "2006-01-02T15:04:05.000000Z", 0)},
		{name: "times-9-digits", what: "Times have nine digits", source: noForm, level: "should", wrap: both("2006-01-02T15:04:05.000000000Z", "2006-01-02T15:04:05.000000000Z", 0)},
		{name: "times-zeros-dropped", what: "Zeros at the end of a fraction are dropped", source: "OTC-BATCH, captured answers", level: "should", wrap: both("2006-01-02T15:04:05.999Z", "2006-01-02T15:04:05.999Z", 0)},
		{name: "times-offset-zero", what: "Times end in +00:00", source: "Table 10, created_at: a string; Z is known from examples alone", level: "must",
			wrap: both("2006-01-02T15:04:05.000+00:00", "2006-01-02T15:04:05.000+00:00", 0)},
		{name: "clock-10min-fast", what: "The clock is ten minutes fast", source: "no source says how right a clock is; signatures may be 15 minutes old", level: "should", options: off(10 * time.Minute)},
		{name: "clock-10min-slow", what: "The clock is ten minutes slow", source: "no source says how right a clock is; signatures may be 15 minutes old", level: "should", options: off(-10 * time.Minute)},
	}
}

// drawn returns n letters of an alphabet.
func drawn(n int, alphabet string) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // it never fails
	for i := range b {
		b[i] = alphabet[int(b[i])%len(alphabet)]
	}
	return string(b)
}

const hexDigits = "0123456789abcdef"

// identified gives every answer another request id, in the body and the header.
func identified(id func() string) wrapper {
	return answering(func(w *httptest.ResponseRecorder, _ *http.Request, _ []byte) {
		old, other := w.Header().Get("X-Request-Id"), id()
		if old == "" {
			return
		}
		w.Header().Set("X-Request-Id", other)
		said := strings.ReplaceAll(w.Body.String(), old, other)
		w.Body.Reset()
		w.Body.WriteString(said)
	})
}

// lawfulIdentifiers are the identifiers and names that an answer brings.
func lawfulIdentifiers() []lawfulRow {
	const noForm = "Table 9, request_id: a string; OTC-BATCH has another form than the page"
	const generated = "Table 3, name: vpn-****; which characters they are is not said"
	named := func(letters string) wrapper {
		return created(func(got, sent object) {
			if sent["name"] == nil {
				got["name"] = "vpn-" + drawn(4, letters)
			}
		})
	}
	return []lawfulRow{
		{name: "id-upper-case", what: "The id of a connection has upper-case digits", source: "Table 10, id: a UUID of 36 characters; RFC 9562, 4: case does not matter", level: "must",
			wrap: created(func(got, _ object) { got["id"] = strings.ToUpper(fmt.Sprint(got["id"])) })},
		{name: "id-by-time", what: "The id of a connection is a UUID of version 7", source: "Table 10, id: a UUID of 36 characters", level: "should",
			wrap: created(func(got, _ object) {
				stamp := fmt.Sprintf("%012x", time.Now().UnixMilli())
				got["id"] = stamp[:8] + "-" + stamp[8:] + "-7" + drawn(3, hexDigits) + "-8" + drawn(3, hexDigits) + "-" + drawn(12, hexDigits)
			})},
		{name: "request-id-32-digits", what: "A request id is 32 hexadecimal digits", source: "OTC-BATCH, captured answers", level: "should",
			wrap: identified(func() string { return drawn(32, hexDigits) })},
		{name: "request-id-any-text", what: "A request id is a text of the server's own make", source: noForm, level: "should",
			wrap: identified(func() string {
				return "req_" + strings.ToUpper(hex.EncodeToString([]byte(drawn(16, hexDigits)))) + "/1"
			})},
		{name: "no-request-id-header", what: "No answer has X-Request-Id", source: "the page has request_id in the body alone; the header is known from SDK", level: "must",
			wrap: answering(func(w *httptest.ResponseRecorder, _ *http.Request, _ []byte) { w.Header().Del("X-Request-Id") })},
		{name: "other-request-id-header", what: "X-Request-Id is that of a gateway before the service", source: "the page has request_id in the body alone", level: "must",
			wrap: answering(func(w *httptest.ResponseRecorder, _ *http.Request, _ []byte) {
				w.Header().Set("X-Request-Id", drawn(32, hexDigits))
			})},
		{name: "name-letters", what: "A name that is made up ends in four letters and digits of any kind", source: generated, level: "must",
			wrap: named("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")},
		{name: "name-repeated", what: "Names that are made up come again", source: "no source says that a name is unique", level: "must", wrap: named("7")},
	}
}

// lawfulMembers are members of an answer that may be there or not.
func lawfulMembers() []lawfulRow {
	const absentOrEmpty = "errata.yaml, tags-unshown and policy-rules-returned: absent, or an empty list; OTC-BATCH has []"
	mode := func(got object) (object, bool) {
		ike, ok := got["ikepolicy"].(object)
		return ike, ok
	}
	return []lawfulRow{
		{name: "tags-empty", what: "A connection without tags has an empty list of them", source: absentOrEmpty, level: "should",
			wrap: created(func(got, _ object) {
				if got["tags"] == nil {
					got["tags"] = []any{}
				}
			})},
		{name: "rules-empty", what: "A connection without policy rules has an empty list of them", source: absentOrEmpty, level: "should",
			wrap: created(func(got, _ object) {
				if got["policy_rules"] == nil {
					got["policy_rules"] = []any{}
				}
			})},
		{name: "subnets-empty", what: "A connection that returns no customer subnets has an empty list of them", source: "errata.yaml, policy-rules-returned: not returned may be empty; alike", level: "should",
			wrap: created(func(got, _ object) {
				if got["peer_subnets"] == nil {
					got["peer_subnets"] = []any{}
				}
			})},
		{name: "as-captured", what: "Lists are empty, ids have 32 digits, zeros of a fraction are dropped, as in captured answers", source: "OTC-BATCH, captured answers", level: "should",
			wrap: func(h http.Handler) http.Handler {
				return both("2006-01-02T15:04:05.999Z", "2006-01-02T15:04:05.999Z", 0)(identified(func() string { return drawn(32, hexDigits) })(created(func(got, _ object) {
					for _, name := range []string{"tags", "policy_rules"} {
						if got[name] == nil {
							got[name] = []any{}
						}
					}
				})(h)))
			}},
		{name: "monitor-id", what: "connection_monitor_id is there", source: "Table 10, connection_monitor_id", level: "should",
			wrap: created(func(got, _ object) { got["connection_monitor_id"] = got["id"] })},
		{name: "phase1-mode-with-v2", what: "phase1_negotiation_mode is there for IKE v2 too", source: "Table 12 lists it without a condition; that it goes with v1 is known from OTC alone", level: "must",
			wrap: created(func(got, _ object) {
				if ike, ok := mode(got); ok && ike["phase1_negotiation_mode"] == nil {
					ike["phase1_negotiation_mode"] = "main"
				}
			})},
		{name: "phase1-mode-never", what: "phase1_negotiation_mode is not there for IKE v1 either", source: "Table 12, phase1_negotiation_mode: no text, and no example has it", level: "must",
			wrap: created(func(got, _ object) {
				if ike, ok := mode(got); ok {
					delete(ike, "phase1_negotiation_mode")
				}
			})},
		{name: "later-members", what: "Members of other editions are there", source: "OTC and SDK have them; the page does not say that there are no others", level: "should",
			wrap: created(func(got, _ object) {
				got["status"], got["enable_hub"], got["eip_id"] = "PENDING_CREATE", false, got["vgw_ip"]
				got["type"], got["route_mode"], got["peer_subnets_v6"] = "ROUTE", "static", []any{}
			})},
		{name: "many-members", what: "There are two hundred members that the page does not have, and some in its objects", source: "the page does not say that there are no others", level: "should",
			wrap: creating(func(body, _ object) {
				got := connection(body)
				for i := range 200 {
					got[fmt.Sprintf("x_extension_%03d", i)] = object{"value": i, "text": "of no meaning"}
				}
				body["links"] = []any{}
				for _, name := range []string{"ikepolicy", "ipsecpolicy"} {
					if inner, ok := got[name].(object); ok {
						inner["x_extension"] = true
					}
				}
			})},
	}
}

// lawfulTunnels are the tunnel addresses of an answer.
func lawfulTunnels() []lawfulRow {
	const assigned = "no sentence says what becomes of tunnel addresses that are not sent (errata.yaml, tunnel-addresses-assigned)"
	drop := func(when func(got, sent object) bool) wrapper {
		return created(func(got, sent object) {
			if when(got, sent) {
				delete(got, "tunnel_local_address")
				delete(got, "tunnel_peer_address")
			}
		})
	}
	unsent := func(sent object) bool {
		return sent["tunnel_local_address"] == nil && sent["tunnel_peer_address"] == nil
	}
	return []lawfulRow{
		{name: "tunnel-not-for-policy", what: "A policy connection has no tunnel addresses", alarm: "*/open-*", source: "Table 10: valid only when style is STATIC or BGP", level: "should",
			wrap: drop(func(got, _ object) bool { return got["style"] == "POLICY" })},
		{name: "tunnel-if-sent", what: "Tunnel addresses come back only if they were sent", source: assigned, level: "must",
			wrap: drop(func(_, sent object) bool { return unsent(sent) })},
		{name: "tunnel-one-pair", what: "Every connection gets the same pair", source: assigned, level: "must",
			wrap: created(func(got, sent object) {
				if unsent(sent) {
					got["tunnel_local_address"], got["tunnel_peer_address"] = "169.254.76.1/30", "169.254.76.2/30"
				}
			})},
		{name: "tunnel-swapped", what: "The gateway gets the higher address of the block", source: "OTC-LIST shows such a pair; Table 3 does not say which end is which", level: "should",
			wrap: created(func(got, sent object) {
				if unsent(sent) {
					got["tunnel_local_address"], got["tunnel_peer_address"] = got["tunnel_peer_address"], got["tunnel_local_address"]
				}
			})},
	}
}
