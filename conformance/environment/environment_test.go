package environment_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sebdah/goldie/v2"

	"github.com/vpnconform/vpnconform/conformance/environment"
	"github.com/vpnconform/vpnconform/openapi"
)

func load(t testing.TB) *openapi.Document {
	t.Helper()
	doc, err := openapi.Load()
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func defaultEnvironment(t testing.TB) environment.Environment {
	t.Helper()
	e, err := environment.Default(load(t))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

type object = environment.Object

// TestDefault holds the environment of the reference implementation: one
// gateway of each kind that the page tells apart.
func TestDefault(t *testing.T) {
	want := environment.Environment{
		Parameters: map[string]string{"project_id": "0605767ae480d51b2f0bc00d8e7a9b3f"},
		Objects: map[string][]object{
			"gateway": {
				{
					"id": "b32d91a4-demo-a8df-va86-e907174eb11d", "network_type": "public", "attachment_type": "vpc", "ha_mode": "active-active",
					"addresses": []any{
						object{"id": "0c464dad-demo-a8df-va86-c22bb0eb0bde", "ip": "10.0.0.134"},
						object{"id": "0c464dad-demo-a8df-va86-c22bb0eb0bdf", "ip": "10.0.0.135"},
					},
				},
				{
					"id": "b32d91a4-0000-4000-8000-00000000000e", "network_type": "public", "attachment_type": "er", "ha_mode": "active-active",
					"enterprise_project_id": "2c9d6b1e-0000-4000-8000-0000000000ef",
					"addresses": []any{
						object{"id": "0c464dad-0000-4000-8000-0000000000e1", "ip": "10.0.0.136"},
						object{"id": "0c464dad-0000-4000-8000-0000000000e2", "ip": "10.0.0.137"},
					},
				},
				{
					"id": "b32d91a4-0000-4000-8000-00000000000d", "network_type": "private", "attachment_type": "vpc", "ha_mode": "active-active",
					"addresses": []any{object{"ip": "192.168.45.7"}, object{"ip": "192.168.45.8"}},
				},
				{
					"id": "b32d91a4-0000-4000-8000-00000000000a", "network_type": "public", "attachment_type": "vpc", "ha_mode": "active-standby",
					"addresses": []any{
						object{"id": "0c464dad-0000-4000-8000-0000000000a1", "ip": "10.0.0.138", "role": "active"},
						object{"id": "0c464dad-0000-4000-8000-0000000000a2", "ip": "10.0.0.139", "role": "standby"},
					},
				},
			},
			"customer_gateway": {{"id": "5247ae10-demo-a8df-va86-dd36659a7f5d", "ip": "88.0.0.164"}},
		},
	}
	if diff := cmp.Diff(want, defaultEnvironment(t)); diff != "" {
		t.Errorf("default environment (-want +got):\n%s", diff)
	}
}

// TestDefaultOfFacts shows that a document that comes without an environment has the
// objects of its examples.
func TestDefaultOfFacts(t *testing.T) {
	doc, err := openapi.Parse("vpn.yaml", openapi.Source())
	if err != nil {
		t.Fatal(err)
	}
	e, err := environment.Default(doc)
	want := environment.Environment{Objects: map[string][]object{
		"gateway":          {doc.Facts["gateway"].(object)},
		"customer_gateway": {{"id": "5247ae10-demo-a8df-va86-dd36659a7f5d", "ip": "88.***.***.164"}},
	}}
	if diff := cmp.Diff(want, e); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	e.Objects["gateway"][0]["addresses"].([]any)[0].(object)["ip"] = "x"
	if again, _ := environment.Default(doc); again.Objects["gateway"][0]["addresses"].([]any)[0].(object)["ip"] == "x" {
		t.Error("the document is changed")
	}
}

// TestClone shows that nobody changes what another one has.
func TestClone(t *testing.T) {
	want, e := defaultEnvironment(t), defaultEnvironment(t)
	e.Headers = map[string]string{}
	copied := e.Clone()
	copied.Headers["x"], copied.Parameters["project_id"], copied.Objects["gateway"][0]["id"] = "x", "x", "x"
	copied.Objects["gateway"][0]["addresses"].([]any)[0].(object)["ip"] = "x"
	copied.Objects["customer_gateway"] = nil
	e.Headers = nil
	if diff := cmp.Diff(want, e); diff != "" {
		t.Errorf("environment (-before +after):\n%s", diff)
	}
}

// TestFacts holds what rules may know of gateways.
func TestFacts(t *testing.T) {
	doc, e := load(t), defaultEnvironment(t)
	op := doc.Operations()[0]
	standby := object{
		"id": "b32d91a4-0000-4000-8000-00000000000a", "network_type": "public", "attachment_type": "vpc", "ha_mode": "active-standby", "enterprise_project_id": "0",
		"addresses": []any{
			object{"id": "0c464dad-0000-4000-8000-0000000000a1", "ip": "10.0.0.138", "role": "active"},
			object{"id": "0c464dad-0000-4000-8000-0000000000a2", "ip": "10.0.0.139", "role": "standby"},
		},
	}
	private := object{
		"id": "b32d91a4-0000-4000-8000-00000000000d", "network_type": "private", "attachment_type": "vpc", "ha_mode": "active-active", "enterprise_project_id": "0",
		"addresses": []any{object{"id": "", "ip": "192.168.45.7", "role": ""}, object{"id": "", "ip": "192.168.45.8", "role": ""}},
	}
	const customerID = "5247ae10-demo-a8df-va86-dd36659a7f5d"
	customer := object{"id": customerID, "ip": "88.0.0.164"}
	for _, row := range []struct {
		vgwID, cgwID any
		want         openapi.Facts
	}{
		{"b32d91a4-0000-4000-8000-00000000000a", customerID, openapi.Facts{"gateway": standby, "customer_gateway": customer}},
		{"b32d91a4-0000-4000-8000-00000000000d", "", openapi.Facts{"gateway": private}},
		{"", customerID, openapi.Facts{"customer_gateway": customer}},
		{customerID, "b32d91a4-0000-4000-8000-00000000000a", openapi.Facts{}},
		{nil, true, openapi.Facts{}},
	} {
		request := object{"vpn_connection": object{"vgw_id": row.vgwID, "cgw_id": row.cgwID}}
		if diff := cmp.Diff(row.want, e.Facts(doc, doc.Named(op.JSON()), request)); diff != "" {
			t.Errorf("%v and %v (-want +got):\n%s", row.vgwID, row.cgwID, diff)
		}
	}
}

// TestFaults holds what Parse says of wrong files: testdata/faults/*.yaml and
// the golden file beside each.
func TestFaults(t *testing.T) {
	files, err := filepath.Glob("testdata/faults/*.yaml")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d faulty files: %v", len(files), err)
	}
	g := goldie.New(t, goldie.WithFixtureDir("testdata/faults"))
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		t.Run(name, func(t *testing.T) {
			_, err := environment.Parse(load(t), name+".yaml", data)
			if err == nil {
				t.Fatal("no fault")
			}
			g.Assert(t, name, []byte(err.Error()+"\n"))
		})
	}
}

// TestParse reads files that are right.
func TestParse(t *testing.T) {
	const id = "b32d91a4-0000-4000-8000-00000000000a"
	for _, row := range []struct {
		name, text string
		want       environment.Environment
	}{
		{"token alone", "token_env: T\n", environment.Environment{TokenEnv: "T"}},
		{"marked as one document", "---\ntoken_env: T\n...\n", environment.Environment{TokenEnv: "T"}},
		{"Windows line ends", "parameters: {project_id: p}\r\ntoken_env: T\r\n", environment.Environment{Parameters: map[string]string{"project_id": "p"}, TokenEnv: "T"}},
		{"JSON", `{"token_env": "T", "headers": {"X-Account": "a b", "x-empty": ""}}`, environment.Environment{
			TokenEnv: "T", Headers: map[string]string{"X-Account": "a b", "x-empty": ""},
		}},
		{
			"every character of a segment", `parameters: {project_id: "!\"$&'()*+,-.09:;<=>@AZ[\\]^_` + "`" + `az{|}~"}`,
			environment.Environment{Parameters: map[string]string{"project_id": "!\"$&'()*+,-.09:;<=>@AZ[\\]^_`az{|}~"}},
		},
		{"lists of nothing", "token_env: T\nheaders: {}\nobjects: {gateway: []}\n", environment.Environment{
			TokenEnv: "T", Headers: map[string]string{}, Objects: map[string][]object{"gateway": {}},
		}},
		{"objects", `
objects:
  gateway:
    - {id: ` + id + `, network_type: private, attachment_type: er, ha_mode: active-standby, addresses: [{ip: 10.0.0.1, role: standby}, {ip: 255.255.255.255, role: active}]}
  customer_gateway: [{id: ` + id + `, ip: 0.0.0.0}]
`, environment.Environment{Objects: map[string][]object{
			"gateway": {{
				"id": id, "network_type": "private", "attachment_type": "er", "ha_mode": "active-standby",
				"addresses": []any{object{"ip": "10.0.0.1", "role": "standby"}, object{"ip": "255.255.255.255", "role": "active"}},
			}},
			"customer_gateway": {{"id": id, "ip": "0.0.0.0"}},
		}}},
	} {
		got, err := environment.Parse(load(t), "f.yaml", []byte(row.text))
		if err != nil {
			t.Errorf("%s: %v", row.name, err)
		}
		if diff := cmp.Diff(row.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", row.name, diff)
		}
	}
}

// TestSegments refuses what would change the path of a request.
func TestSegments(t *testing.T) {
	for text, shown := range map[string]string{
		`" "`: `" "`, `a b`: `"a b"`, `/`: `"/"`, `a/b`: `"a/b"`, `../a`: `"../a"`, `"a?b"`: `"a?b"`, `"a#b"`: `"a#b"`, `"a%2fb"`: `"a%2fb"`,
		`"a\tb"`: `"a\tb"`, `"a\n"`: `"a\n"`, `"\0"`: `"\x00"`, `"a\x7f"`: `"a\x7f"`, `é`: `"é"`, `"\u200b"`: `"\u200b"`, `''`: `""`,
	} {
		want := "f.yaml:2:2: /parameters/project_id: want a non-empty text without blanks, control characters and / ? # %, got " + shown
		if _, err := environment.Parse(load(t), "f.yaml", []byte("parameters:\n project_id: "+text)); err == nil || err.Error() != want {
			t.Errorf("%s:\n got %v\nwant %s", text, err, want)
		}
	}
	for _, text := range []string{".", ".."} {
		want := "f.yaml:2:2: /parameters/project_id: " + strconv.Quote(text) + " is not a name in a path"
		if _, err := environment.Parse(load(t), "f.yaml", []byte("parameters:\n project_id: "+text)); err == nil || err.Error() != want {
			t.Errorf("%s:\n got %v\nwant %s", text, err, want)
		}
	}
}
