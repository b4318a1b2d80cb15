package vpn_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vpnconform/vpnconform/generated/vpn"
)

// nested is a value inside n lists.
func nested(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }

// What no plain path sees is refused by name, at its place, and everything else is judged nevertheless.
func TestStrict(t *testing.T) {
	for name, test := range map[string]struct{ body, want string }{
		"empty":                      {``, ` json.syntax`},
		"blank":                      {" \n", ` json.syntax`},
		"byte order mark":            {"\ufeff{}", ` json.syntax`},
		"trailing value":             {`{"tags":[],"x":1} {}`, ` json.trailing`},
		"trailing NUL":               {"{}\x00", ` json.trailing`},
		"trailing comma":             {`{"code":"V.0001",}`, ` json.syntax`},
		"comma first":                {`{,"code":"V.0001"}`, ` json.syntax`},
		"two commas":                 {`{"code":"V.0001",,"message":"b"}`, ` json.syntax`},
		"no comma":                   {`{"code":"V.0001" "message":"b"}`, ` json.syntax`},
		"no colon":                   {`{"code" "a"}`, ` json.syntax`},
		"name without quotes":        {`{code:"a"}`, ` json.syntax`},
		"single quotes":              {`{'code':"a"}`, ` json.syntax`},
		"comment":                    {`{/* */}`, ` json.syntax`},
		"end in an object":           {`{"code":"V.0001"`, ` json.syntax`},
		"end in a text":              {`{"code":"a`, `/code json.syntax`},
		"end in an escape":           {`{"code":"\u12`, `/code json.syntax`},
		"unknown escape":             {`{"code":"\x"}`, `/code json.syntax`},
		"control character":          {"{\"code\":\"a\tb\"}", `/code json.syntax`},
		"number with a zero":         {`{"x":01}`, `/x json.syntax`},
		"number with a plus":         {`{"x":+1}`, `/x json.syntax`},
		"number with a bare point":   {`{"x":1.}`, `/x json.syntax`},
		"number with a bare e":       {`{"x":1e}`, `/x json.syntax`},
		"minus alone":                {`{"x":-}`, `/x json.syntax`},
		"not a number":               {`{"x":NaN}`, `/x json.syntax`},
		"half a word":                {`{"x":nul}`, `/x json.syntax`},
		"list with a trailing comma": {`{"x":[1,]}`, `/x json.syntax`},
		"list without comma":         {`{"x":[1 2]}`, `/x json.syntax`},
		"list with a colon":          {`{"x":[1:2]}`, `/x json.syntax`},
		"invalid UTF-8":              {"{\"code\":\"\xff\",\"message\":\"\"}", `/code json.utf8, /message ErrorResponse.message.minLength`},
		"overlong UTF-8":             {"{\"x\":\"\xc0\x80\"}", `/x json.utf8`},
		"UTF-8 of a surrogate":       {"{\"x\":\"\xed\xa0\x80\"}", `/x json.utf8`},
		"lone surrogate":             {`{"x":"\ud800"}`, `/x json.utf8`},
		"low surrogate first":        {`{"x":"\udc00\ud800"}`, `/x json.utf8`},
		"two high surrogates":        {`{"x":"\ud800\ud800"}`, `/x json.utf8`},
		"name of invalid UTF-8":      {"{\"\xff\":1}", ` json.utf8`},
		"member twice":               {`{"code":"V.0001","code":"","message":"m"}`, `/code json.duplicate`},
		"member twice with escapes":  {`{"code":"V.0001","\u0063ode":"b"}`, `/code json.duplicate`},
		"unknown member twice":       {`{"x":1,"y":2,"x":3}`, `/x json.duplicate`},
		"thrice":                     {`{"x":1,"x":2,"x":3}`, `/x json.duplicate, /x json.duplicate`},
		"inside an unknown member":   {`{"x":[{"y":1,"y":2}]}`, `/x/0/y json.duplicate`},
		"name with signs":            {`{"a/b~c":1,"a/b~c":2}`, `/a~1b~0c json.duplicate`},
		"too deep":                   {`{"x":` + nested(64) + `}`, `/x` + strings.Repeat("/0", 63) + ` json.depth`},
		"deep enough":                {`{"code":"V.0001","message":"m","x":` + nested(63) + `}`, ``},
		"too large":                  {strings.Repeat(" ", vpn.MaxBody-1) + "{}", ` json.size`},
		"wrong kind":                 {`[1,2]`, ` ErrorResponse.type`},
		"wrong and twice":            {`{"code":{"a":1,"a":2},"message":""}`, `/code ErrorResponse.code.type, /code/a json.duplicate, /message ErrorResponse.message.minLength`},
		"another case":               {`{"code":"V.0001","MESSAGE":5,"message":"m"}`, ``},
		"escaped name":               {`{"\u0063ode":"","message":"m"}`, `/code ErrorResponse.code.minLength, /code ErrorResponse.code.pattern`},
	} {
		_, violations := vpn.DecodeErrorResponse([]byte(test.body))
		var got []string
		for _, v := range violations {
			if v.Rule != "ErrorResponse.code-and-message" {
				got = append(got, v.Pointer+" "+v.Rule)
			}
		}
		if diff := cmp.Diff(test.want, strings.Join(got, ", ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// Numbers that are no int32 written as one.
func TestIntegers(t *testing.T) {
	for number, want := range map[string]string{
		"2": "", "60": "", "-0": "minimum", "1": "minimum", "61": "maximum",
		"60.0": "type", "6e1": "type", "6E+1": "type", "0.5": "type minimum", "60.5": "type maximum", "1e400": "type",
		"2147483648": "maximum", "99999999999999999999": "type maximum", "-99999999999999999999": "type minimum",
		`"2"`: "type", "null": "type", "true": "type", "[]": "type",
	} {
		_, violations := vpn.DecodeDpd([]byte(`{"timeout":` + number + `}`))
		var got []string
		for _, v := range violations {
			got = append(got, strings.TrimPrefix(v.Rule, "Dpd.timeout."))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", number, got, want)
		}
	}
}

// Violations come in the order of the body, with pointers that escape.
func TestOrder(t *testing.T) {
	const body = `{"tags":[{"value":"&"},{"key":"","value":""}],"vgw_ip":5,"peer_subnets":["10.0.0.0/8",null,7],"name":"ä","psk":""}`
	_, violations := vpn.DecodeCreateVpnConnectionRequestBodyContent([]byte(body))
	want := `/tags/0/value: value matches ^[A-Za-z0-9ÀÁÂÃÇÉÊÍÑÓÔÕÚÜàáâãçéêíñóôõúü _.:=+@-]*$
/tags/0/key: key is present
/tags/1/key: key has at least 1 character
/vgw_ip: vgw_ip is a string
/peer_subnets/1: an item of peer_subnets is a string
/peer_subnets/2: an item of peer_subnets is a string
/name: name matches ^[A-Za-z0-9_.-]*$
/psk: psk has at least 8 characters
/vgw_id: vgw_id is present
/cgw_id: cgw_id is present`
	if diff := cmp.Diff(want, violations.Error()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A list's own violation comes before those of its items, and the last ones of too many are only counted.
func TestMany(t *testing.T) {
	body := `{"peer_subnets":[` + strings.TrimSuffix(strings.Repeat("5,", 200), ",") + `]}`
	_, violations := vpn.DecodeCreateVpnConnectionRequestBodyContent([]byte(body))
	if len(violations) != vpn.MaxViolations+1 {
		t.Fatalf("got %d violations", len(violations))
	}
	first, last := violations[0], violations[vpn.MaxViolations]
	if first.Rule != "CreateVpnConnection.peer_subnets.maxItems" || violations[1].Pointer != "/peer_subnets/0" {
		t.Errorf("the first is %v", first)
	}
	if want := (vpn.Violation{"", vpn.RuleMore, "105 more violations are not listed"}); last != want {
		t.Errorf("the last is %v, want %v", last, want)
	}
}

// A pointer does not grow without bounds.
func TestLongPointer(t *testing.T) {
	name := strings.Repeat("n", 2000)
	for body, want := range map[string]string{
		`{"` + name + `":{"a":1,"a":2}}`:                                 "",
		`{"x":{"` + name + `":{"a":1,"a":2}}}`:                           "/x",
		`{"x":{"` + name[:1000] + `":{"` + name[:1000] + `":"\ud800"}}}`: "/x/" + name[:1000],
	} {
		_, violations := vpn.DecodeErrorResponse([]byte(body))
		if violations[0].Pointer != want {
			t.Errorf("%.40s: %.80s", body, violations[0].Pointer)
		}
	}
}

// hostile are bodies of nearly the largest size.
func hostile() map[string]string {
	fill := func(head, part, tail string) string {
		return head + strings.Repeat(part, (vpn.MaxBody-len(head)-len(tail))/len(part)) + tail
	}
	numbered := func(format string) string {
		var b strings.Builder
		b.WriteString(`{"vpn_connection":{`)
		for i := 0; b.Len() < vpn.MaxBody-40; i++ {
			fmt.Fprintf(&b, format, i)
		}
		return b.String() + `"z":1}}`
	}
	return map[string]string{
		"deep":              fill("", "[", ""),
		"deep objects":      fill("", `{"a":`, ""),
		"members":           numbered(`"%x":0,`),
		"escaped members":   numbered(`"\u0061%x":0,`),
		"members twice":     fill(`{"vpn_connection":{`, `"a":0,`, `"a":0}}`),
		"objects":           fill(`{"vpn_connection":{"x":[`, `{"a":0},`, `0]}}`),
		"objects of many":   fill(`{"vpn_connection":{"x":[`, `{"a":0,"b":0,"c":0,"d":0,"e":0,"f":0,"g":0,"h":0,"i":0,"j":0},`, `0]}}`),
		"subnets":           fill(`{"vpn_connection":{"peer_subnets":[`, `"",`, `""]}}`),
		"wrong subnets":     fill(`{"vpn_connection":{"peer_subnets":[`, `0,`, `0]}}`),
		"rules":             fill(`{"vpn_connection":{"policy_rules":[`, `{},`, `{}]}}`),
		"rules of subnets":  fill(`{"vpn_connection":{"policy_rules":[{"destination":[`, `"",`, `""]}]}}`),
		"tags":              fill(`{"vpn_connection":{"tags":[`, `{},`, `{}]}}`),
		"escaped tags":      fill(`{"vpn_connection":{"tags":[`, `{"key":"\u0061","value":"\n"},`, `{}]}}`),
		"text":              fill(`{"vpn_connection":{"psk":"`, `a`, `"}}`),
		"escaped text":      fill(`{"vpn_connection":{"psk":"`, `\u0061`, `"}}`),
		"text beyond ASCII": fill(`{"vpn_connection":{"local_id":"`, `é`, `"}}`),
		"no text":           fill(`{"vpn_connection":{"psk":"`, "\xff", `"}}`),
		"number":            fill(`{"vpn_connection":{"ikepolicy":{"lifetime_seconds":`, `1`, `}}}`),
		"fraction":          fill(`{"vpn_connection":{"ikepolicy":{"lifetime_seconds":1.`, `1`, `}}}`),
		"blanks":            fill(`{"vpn_connection":{`, " ", `}}`),
		"quotes":            fill("", `"`, ""),
		"backslashes":       fill(`"`, `\`, ``),
	}
}

// No body of the largest size needs more than 64 MiB.
func TestHostile(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a second")
	}
	for name, text := range hostile() {
		t.Run(name, func(t *testing.T) {
			body := []byte(text)
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			start := time.Now()
			_, violations := vpn.DecodeCreateVpnConnectionRequestBody(body)
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			if violations == nil || len(violations) > vpn.MaxViolations+1 {
				t.Errorf("got %d violations", len(violations))
			}
			// everything ever allocated is more than was alive at any time
			if got := after.TotalAlloc - before.TotalAlloc + uint64(len(body)); got > 64<<20 {
				t.Errorf("allocated %d MiB", got>>20)
			}
			t.Logf("%v, %d MiB, %d violations", took, (after.TotalAlloc-before.TotalAlloc)>>20, len(violations))
		})
	}
}
