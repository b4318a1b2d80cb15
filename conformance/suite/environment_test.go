package suite_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sebdah/goldie/v2"

	"github.com/vpnconform/vpnconform/conformance/suite"
	"github.com/vpnconform/vpnconform/openapi"
)

func defaultEnvironment(t testing.TB) suite.Environment {
	t.Helper()
	e, err := suite.Default()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestDefault holds the environment of the reference implementation: one
// gateway of each kind that the page tells apart.
func TestDefault(t *testing.T) {
	want := suite.Environment{
		ProjectID: "0605767ae480d51b2f0bc00d8e7a9b3f",
		Gateways: []suite.Gateway{
			{
				ID: "b32d91a4-demo-a8df-va86-e907174eb11d", NetworkType: "public", AttachmentType: "vpc", HAMode: "active-active",
				Addresses: []suite.Address{
					{ID: "0c464dad-demo-a8df-va86-c22bb0eb0bde", IP: "10.0.0.134"},
					{ID: "0c464dad-demo-a8df-va86-c22bb0eb0bdf", IP: "10.0.0.135"},
				},
			},
			{
				ID: "b32d91a4-0000-4000-8000-00000000000e", NetworkType: "public", AttachmentType: "er", HAMode: "active-active",
				EnterpriseProjectID: "2c9d6b1e-0000-4000-8000-0000000000ef",
				Addresses: []suite.Address{
					{ID: "0c464dad-0000-4000-8000-0000000000e1", IP: "10.0.0.136"},
					{ID: "0c464dad-0000-4000-8000-0000000000e2", IP: "10.0.0.137"},
				},
			},
			{
				ID: "b32d91a4-0000-4000-8000-00000000000d", NetworkType: "private", AttachmentType: "vpc", HAMode: "active-active",
				Addresses: []suite.Address{{IP: "192.168.45.7"}, {IP: "192.168.45.8"}},
			},
			{
				ID: "b32d91a4-0000-4000-8000-00000000000a", NetworkType: "public", AttachmentType: "vpc", HAMode: "active-standby",
				Addresses: []suite.Address{
					{ID: "0c464dad-0000-4000-8000-0000000000a1", IP: "10.0.0.138", Role: "active"},
					{ID: "0c464dad-0000-4000-8000-0000000000a2", IP: "10.0.0.139", Role: "standby"},
				},
			},
		},
		CustomerGateways: []suite.CustomerGateway{{ID: "5247ae10-demo-a8df-va86-dd36659a7f5d", IP: "88.0.0.164"}},
	}
	if diff := cmp.Diff(want, defaultEnvironment(t)); diff != "" {
		t.Errorf("default environment (-want +got):\n%s", diff)
	}
}

// TestDefaultCopied shows that nobody changes what the next one gets.
func TestDefaultCopied(t *testing.T) {
	want, e, ids := defaultEnvironment(t), defaultEnvironment(t), load(t).Required()
	e.Gateways[0].ID, e.Gateways[0].Addresses[0].IP, e.CustomerGateways[0].IP, ids[0] = "x", "x", "x", "x"
	if diff := cmp.Diff(want, defaultEnvironment(t)); diff != "" {
		t.Errorf("environment (-before +after):\n%s", diff)
	}
	if id := load(t).Required()[0]; id == "x" {
		t.Error("the list of required cases is changed")
	}
}

// TestDefaultFile shows that the file people copy is the one that is embedded.
func TestDefaultFile(t *testing.T) {
	data, err := os.ReadFile("environment.yaml")
	if err != nil {
		t.Fatal(err)
	}
	e, err := suite.Parse("environment.yaml", data)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(defaultEnvironment(t), e); diff != "" {
		t.Errorf("environment.yaml (-embedded +file):\n%s", diff)
	}
}

func TestVgwIP(t *testing.T) {
	for _, row := range []struct {
		address suite.Address
		want    string
	}{
		{suite.Address{ID: "eip", IP: "10.0.0.1"}, "eip"},
		{suite.Address{IP: "10.0.0.1"}, "10.0.0.1"},
		{suite.Address{}, ""},
	} {
		if got := row.address.VgwIP(); got != row.want {
			t.Errorf("%+v is requested as %q, want %q", row.address, got, row.want)
		}
	}
}

// TestFacts holds what rules may know of gateways.
func TestFacts(t *testing.T) {
	e := defaultEnvironment(t)
	standby := map[string]any{
		"network_type": "public", "attachment_type": "vpc", "ha_mode": "active-standby", "enterprise_project_id": "0",
		"addresses": []any{
			map[string]any{"id": "0c464dad-0000-4000-8000-0000000000a1", "ip": "10.0.0.138", "role": "active"},
			map[string]any{"id": "0c464dad-0000-4000-8000-0000000000a2", "ip": "10.0.0.139", "role": "standby"},
		},
	}
	private := map[string]any{
		"network_type": "private", "attachment_type": "vpc", "ha_mode": "active-active", "enterprise_project_id": "0",
		"addresses": []any{
			map[string]any{"id": "", "ip": "192.168.45.7", "role": ""},
			map[string]any{"id": "", "ip": "192.168.45.8", "role": ""},
		},
	}
	customer := map[string]any{"ip": "88.0.0.164"}
	const customerID = "5247ae10-demo-a8df-va86-dd36659a7f5d"
	for _, row := range []struct {
		vgwID, cgwID string
		want         openapi.Facts
	}{
		{"b32d91a4-0000-4000-8000-00000000000a", customerID, openapi.Facts{"gateway": standby, "customer_gateway": customer}},
		{"b32d91a4-0000-4000-8000-00000000000d", "", openapi.Facts{"gateway": private}},
		{"", customerID, openapi.Facts{"customer_gateway": customer}},
		{customerID, "b32d91a4-0000-4000-8000-00000000000a", openapi.Facts{}},
		{"", "", openapi.Facts{}},
	} {
		if diff := cmp.Diff(row.want, e.Facts(row.vgwID, row.cgwID)); diff != "" {
			t.Errorf("%q and %q (-want +got):\n%s", row.vgwID, row.cgwID, diff)
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
			_, err := suite.Parse(name+".yaml", data)
			if err == nil {
				t.Fatal("no fault")
			}
			g.Assert(t, name, []byte(err.Error()+"\n"))
		})
	}
}

// TestParse reads files that are right.
func TestParse(t *testing.T) {
	gateway := suite.Gateway{
		ID: "g", NetworkType: "private", AttachmentType: "er", HAMode: "active-standby",
		Addresses: []suite.Address{{IP: "10.0.0.1", Role: "standby"}, {IP: "10.0.0.2", Role: "active"}},
	}
	other := gateway
	other.EnterpriseProjectID = "00000000-0000-4000-8000-000000000001"
	for _, row := range []struct {
		name, text string
		want       suite.Environment
	}{
		{"project alone", "project_id: p\n", suite.Environment{ProjectID: "p"}},
		{"marked as one document", "---\nproject_id: p\n...\n", suite.Environment{ProjectID: "p"}},
		{"Windows line ends", "project_id: p\r\ntoken_env: T\r\n", suite.Environment{ProjectID: "p", TokenEnv: "T"}},
		{"JSON", `{"project_id": "p", "headers": {"X-Account": "a b", "x-empty": ""}}`, suite.Environment{
			ProjectID: "p", Headers: map[string]string{"X-Account": "a b", "x-empty": ""},
		}},
		{"every character of a segment", `project_id: "!\"$&'()*+,-.09:;<=>@AZ[\\]^_` + "`" + `az{|}~"`, suite.Environment{ProjectID: "!\"$&'()*+,-.09:;<=>@AZ[\\]^_`az{|}~"}},
		{"lists of nothing", "project_id: p\nheaders: {}\ngateways: []\ncustomer_gateways: []\n", suite.Environment{
			ProjectID: "p", Headers: map[string]string{}, Gateways: []suite.Gateway{}, CustomerGateways: []suite.CustomerGateway{},
		}},
		{"gateways", `
project_id: p
gateways:
  - {id: g, network_type: private, attachment_type: er, ha_mode: active-standby, addresses: [{ip: 10.0.0.1, role: standby}, {ip: 10.0.0.2, role: active}]}
  - id: h
    network_type: public
    attachment_type: vpc
    ha_mode: active-active
    enterprise_project_id: 00000000-0000-4000-8000-000000000001
    addresses: [{id: a, ip: 0.0.0.0}]
customer_gateways: [{id: c, ip: 255.255.255.255}, {id: d, ip: 255.255.255.255}]
`, suite.Environment{ProjectID: "p", Gateways: []suite.Gateway{gateway, {
			ID: "h", NetworkType: "public", AttachmentType: "vpc", HAMode: "active-active",
			EnterpriseProjectID: "00000000-0000-4000-8000-000000000001", Addresses: []suite.Address{{ID: "a", IP: "0.0.0.0"}},
		}}, CustomerGateways: []suite.CustomerGateway{{ID: "c", IP: "255.255.255.255"}, {ID: "d", IP: "255.255.255.255"}}}},
	} {
		got, err := suite.Parse("f.yaml", []byte(row.text))
		if err != nil {
			t.Errorf("%s: %v", row.name, err)
		}
		if diff := cmp.Diff(row.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", row.name, diff)
		}
	}
}

// TestProjectID refuses what would change the path of a request.
func TestProjectID(t *testing.T) {
	for text, shown := range map[string]string{
		`" "`: `" "`, `a b`: `"a b"`, `/`: `"/"`, `a/b`: `"a/b"`, `../a`: `"../a"`, `"a?b"`: `"a?b"`, `"a#b"`: `"a#b"`, `"a%2fb"`: `"a%2fb"`,
		`"a\tb"`: `"a\tb"`, `"a\n"`: `"a\n"`, `"\0"`: `"\x00"`, `"a\x7f"`: `"a\x7f"`, `é`: `"é"`, `"\u200b"`: `"\u200b"`,
	} {
		want := "f.yaml:1:1: /project_id: want a non-empty text without blanks, control characters and / ? # %, got " + shown
		if _, err := suite.Parse("f.yaml", []byte("project_id: "+text)); err == nil || err.Error() != want {
			t.Errorf("%s:\n got %v\nwant %s", text, err, want)
		}
	}
	for _, text := range []string{".", ".."} {
		want := "f.yaml:1:1: /project_id: " + strconv.Quote(text) + " is no name in a path"
		if _, err := suite.Parse("f.yaml", []byte("project_id: "+text)); err == nil || err.Error() != want {
			t.Errorf("%s:\n got %v\nwant %s", text, err, want)
		}
	}
}

// FuzzParse shows that whatever Parse accepts can be used, and that every line
// of an error names the file.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/faults/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range append(files, "environment.yaml") {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	s := load(f)
	var cases []suite.Case // the examples, and one for each thing that a target may lack
	seen := map[string]bool{}
	for _, c := range s.Cases {
		if c.Duty {
			continue // it sends nothing
		}
		if needs := kind(c.Change.Facts) + c.Wire.Credentials; c.Request != nil || !seen[needs] {
			cases = append(cases, c)
			seen[needs] = true
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := suite.Parse("fuzz.yaml", data)
		if err != nil {
			for line := range strings.Lines(err.Error()) {
				if !strings.HasPrefix(line, "fuzz.yaml:") {
					t.Errorf("line %q of %q names no file", line, err)
				}
			}
			return
		}
		if e.ProjectID == "" || slices.ContainsFunc(e.Gateways, func(g suite.Gateway) bool { return len(g.Addresses) == 0 }) {
			t.Errorf("accepted: %+v", e)
		}
		for _, c := range cases {
			var missing *suite.MissingError
			if _, err := s.Bind(c, e, "Example-Key-1"); err != nil && !errors.As(err, &missing) {
				t.Errorf("%s: %v", c.ID, err)
			}
		}
	})
}
