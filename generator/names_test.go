package generator_test

import (
	"testing"

	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"

	"github.com/vpnconform/vpnconform/generator"
)

// The generator and oapi-codegen must agree on names: one plans with them, the other writes them.
func TestGoName(t *testing.T) {
	generate(t) // fills oapi-codegen's variables
	for _, name := range []string{
		"id", "request_id", "vgw_ip", "project-id", "X-Request-Id", "Ikepolicy", "dh_group", "phase1_negotiation_mode",
		"CreateVpnConnectionRequestBodyContent", "HTTPServer", "httpServerUrl", "OneOf2things", "3des", "a1b2C3", "Ids",
		"getLoan", "ID", "UTF8", "ABc", "ABC", "A1", "Ünïcode", "ipAddress", "sha2-256", "v1.2", "loan id", "API2Key",
		"already_CamelCase", "IPv4", "x509Id", "/v5/{project_id}/vpn",
	} {
		want := codegen.SchemaNameToTypeName(name)
		if got := generator.GoName(name); got != want {
			t.Errorf("GoName(%q) is %q, oapi-codegen's is %q", name, got, want)
		}
		if again := codegen.SchemaNameToTypeName(want); again != want {
			t.Errorf("oapi-codegen names %q %q, and that %q", name, want, again)
		}
	}
}

func TestValueName(t *testing.T) {
	for _, test := range []struct {
		value any
		want  string
	}{
		{"static", "Static"}, {"STATIC", "Static"}, {"TOO_MANY", "TooMany"}, {"", "Empty"}, {"pre-share", "PreShare"},
		{"sha2-512", "Sha2_512"}, {"aes-256-gcm-16", "Aes256Gcm16"}, {"3des", "3Des"}, {"group14", "Group14"},
		{"ip", "IP"}, {"1.2.3", "1_2_3"}, {"v1", "V1"}, {float64(-1), "Minus1"}, {float64(10), "10"}, {"a+b", "AB"},
		{"+1", "Plus1"}, {"-1", "Minus1"}, {"%", "Percent"}, {"+", "Plus"}, {"名称", "X名称"},
	} {
		if got := generator.ValueName(test.value); got != test.want {
			t.Errorf("ValueName(%v) is %q, want %q", test.value, got, test.want)
		}
	}
}
