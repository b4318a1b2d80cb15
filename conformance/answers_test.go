package conformance_test

import (
	"bytes"
	"fmt"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/report"
)

// TestCompareAnswersAlike runs cases of every kind against two implementations
// that are one: identifiers, times, generated names and keys are others, and none
// of them shows.
func TestCompareAnswersAlike(t *testing.T) {
	opts := conformance.Options{Target: serve(t, newReference(t)), Run: append([]string{"CreateVpnConnection.name.*", "defaults", "largest"}, some...)}
	old := run(t, opts)
	opts.Target = serve(t, newReference(t))
	differences, err := conformance.CompareAnswers(old, run(t, opts), nil)
	if diff := cmp.Diff([]report.AnswerDifference{}, differences); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// TestCompareAnswers lists what may be changed in an answer, and what is said of
// it.
func TestCompareAnswers(t *testing.T) {
	const created, refused, named = "CreateVpnConnection/example/static", "CreateVpnConnection/Dpd.timeout.maximum/above", "CreateVpnConnection/example/bgp"
	replaced := func(pattern, by string) func(*httptest.ResponseRecorder) {
		return func(w *httptest.ResponseRecorder) {
			w.Body = bytes.NewBufferString(regexp.MustCompile(pattern).ReplaceAllString(w.Body.String(), by))
		}
	}
	say := func(text string) func(*httptest.ResponseRecorder) {
		return func(w *httptest.ResponseRecorder) { w.Body = bytes.NewBufferString(text) }
	}
	in := func(is, out func(*httptest.ResponseRecorder), status int) func(*httptest.ResponseRecorder) {
		return func(w *httptest.ResponseRecorder) {
			if is(w); w.Code == status {
				out(w)
			}
		}
	}
	nothing := func(*httptest.ResponseRecorder) {}
	for name, row := range map[string]struct {
		old, now func(*httptest.ResponseRecorder)
		of       string // a case
		want     string // a line each
	}{
		"nothing":             {nothing, nothing, created, ""},
		"an identifier":       {nothing, replaced(`"id":"[^"]*"`, `"id":"0c464dad-1111-a8df-aa86-c22bb0eb0bde"`), created, ""},
		"times":               {nothing, replaced(`"(created|updated)_at":"[^"]*"`, `"${1}_at":"2022-11-28T03:36:20.000Z"`), created, ""},
		"a generated name":    {nothing, replaced(`"name":"[^"]*"`, `"name":"vpn-zzzz"`), created, ""},
		"a name that is sent": {nothing, replaced(`"name":"[^"]*"`, `"name":"vpn-zzzz"`), named, `changed /body/vpn_connection/name "vpn-1655" "vpn-zzzz" false`},
		"no time":             {nothing, replaced(`"created_at":"[^"]*",`, ``), created, `missing /body/vpn_connection/created_at "chosen by the server"  false`},
		"an unknown member":   {nothing, replaced(`"vpn_connection":{`, `"vpn_connection":{"region":{"id":1.0,"list":[null]},`), created, `unexpected /body/vpn_connection/region  {"id":1.0,"list":[null]} true`},
		"that in both":        {replaced(`"vpn_connection":{`, `"vpn_connection":{"region":1,`), replaced(`"vpn_connection":{`, `"vpn_connection":{"region":1.0,`), created, `changed /body/vpn_connection/region 1 1.0 true`},
		"a wrong value":       {replaced(`"STATIC"`, `"static"`), nothing, created, `changed /body/vpn_connection/style "static" "STATIC" false`},
		"no connection": {nothing, replaced(`"vpn_connection":{[^{}]*({[^{}]*({[^{}]*})?[^{}]*}[^{}]*)*}`, `"vpn_connection":null`), created,
			`changed /body/vpn_connection {"cgw_id":`},
		"a status":             {nothing, func(w *httptest.ResponseRecorder) { w.Code = 200 }, created, "changed /status 201 200 false"},
		"the request id":       {nothing, in(nothing, replaced(`"request_id":"[^"]*"`, `"request_id":"x"`), 400), refused, ""},
		"no request id":        {nothing, in(nothing, replaced(`,"request_id":"[^"]*"`, ``), 400), refused, `missing /body/request_id "chosen by the server"  true`},
		"a code":               {nothing, in(nothing, replaced(`"VPN.0001"`, `"VPN.0007"`), 400), refused, `changed /body/error_code "VPN.0001" "VPN.0007" true`},
		"a refusal's status":   {nothing, func(w *httptest.ResponseRecorder) { w.Code = map[int]int{201: 201, 400: 422}[w.Code] }, refused, "changed /status 400 422 false"},
		"no body":              {nothing, say(""), created, `"no body" false`},
		"no JSON":              {nothing, say("<html>"), created, `"no JSON" false`},
		"both no JSON":         {say("<html>1"), say("<html>2"), created, ""},
		"no JSON, no UTF-8":    {say("<html>\xff"), say(`"no JSON"`), created, `changed /body "no JSON" "no JSON" false`},
		"too large":            {say("[" + strings.Repeat("1,", 20000) + "1]"), say("[]"), created, `changed /body "larger than an answer of this operation" [] false`},
		"more than is kept":    {say(`"` + strings.Repeat("x", 100<<10) + `"`), say("[]"), created, `changed /body "no JSON" [] false`},
		"two values of a list": {nothing, replaced(`"peer_subnets":\["[^"]*"\]`, `"peer_subnets":["10.0.0.0/8","10.1.0.0/16"]`), created, `changed /body/vpn_connection/peer_subnets/0 "192.168.44.0/24" "10.0.0.0/8" false` + "\n" + `unexpected /body/vpn_connection/peer_subnets/1  "10.1.0.0/16" false`},
	} {
		found := func(mutate func(*httptest.ResponseRecorder)) *report.Report {
			return run(t, conformance.Options{Target: serve(t, mutated(newReference(t), mutate)), Run: []string{row.of}})
		}
		differences, err := conformance.CompareAnswers(found(row.old), found(row.now), nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var lines []string
		for _, d := range differences {
			if d.Case == row.of {
				lines = append(lines, fmt.Sprintf("%s %s %s %s %t", d.Kind, d.Pointer, d.Old, d.New, d.Lawful))
			}
		}
		switch got := strings.Join(lines, "\n"); {
		case strings.HasSuffix(row.want, ":"): // the beginning
			if !strings.HasPrefix(got, row.want) || strings.Count(got, "chosen by the server") < 4 {
				t.Errorf("%s:\n got %s\nwant %s...", name, got, row.want)
			}
		case strings.HasPrefix(row.want, `"`): // the end
			if !strings.HasPrefix(got, "changed /body {") || !strings.HasSuffix(got, row.want) {
				t.Errorf("%s:\n got %s\nwant ...%s", name, got, row.want)
			}
		case got != row.want:
			t.Errorf("%s:\n got %s\nwant %s", name, got, row.want)
		}
	}
}

// TestCompareAnswersLeavesOut shows that what was not answered by both is not
// compared, and that no other suite is.
func TestCompareAnswersLeavesOut(t *testing.T) {
	exchange := []report.Exchange{{Status: 201, Answer: `{"a":1}`}}
	result := func(edit func(*report.Result)) *report.Report {
		r := report.Result{Case: "CreateVpnConnection/example/static", Outcome: report.Pass, Exchanges: exchange}
		edit(&r)
		return &report.Report{Suite: run(t, conformance.Options{Target: "http://127.0.0.1:1", Run: []string{"CreateVpnConnection/example/static"}}).Suite, Results: []report.Result{r}}
	}
	answered := result(func(r *report.Result) { r.Exchanges = []report.Exchange{{Status: 200, Answer: "{}"}} })
	for name, row := range map[string]struct {
		edit func(*report.Result)
		want int
	}{
		"answered":      {func(*report.Result) {}, 1},
		"failed":        {func(r *report.Result) { r.Outcome = report.Fail }, 1},
		"flaky":         {func(r *report.Result) { r.Outcome = report.Flaky }, 1},
		"another case":  {func(r *report.Result) { r.Case = "other" }, 0},
		"could not run": {func(r *report.Result) { r.Outcome = report.CouldNotRun }, 0},
		"a mistake":     {func(r *report.Result) { r.Outcome = report.KitError }, 0},
		"no outcome":    {func(r *report.Result) { r.Outcome = "" }, 0},
		"not sent":      {func(r *report.Result) { r.Exchanges = nil }, 0},
		"broke off":     {func(r *report.Result) { r.Exchanges = []report.Exchange{{Error: "EOF"}} }, 0},
	} {
		for _, pair := range [][2]*report.Report{{result(row.edit), answered}, {answered, result(row.edit)}} {
			if got, err := conformance.CompareAnswers(pair[0], pair[1], nil); len(got) != row.want || got == nil || err != nil {
				t.Errorf("%s: %v, %+v", name, err, got)
			}
		}
	}
	other := &report.Report{Suite: "another"}
	for _, pair := range [][2]*report.Report{{other, answered}, {answered, other}} {
		if got, err := conformance.CompareAnswers(pair[0], pair[1], nil); got != nil || err == nil || !strings.Contains(err.Error(), "another suite") {
			t.Errorf("%v, %+v", err, got)
		}
	}
}
