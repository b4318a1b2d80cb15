package suite

import (
	"cmp"
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/openapi"
	"github.com/vpnconform/vpnconform/openapi/source"
)

// Environment is what a target has for the cases to be tried on.
type Environment struct {
	// ProjectID stands in the path of every request.
	ProjectID string `json:"project_id"`

	// TokenEnv names the environment variable that holds the token to send as
	// X-Auth-Token; empty means that none is sent.
	TokenEnv string `json:"token_env"`

	// Headers are sent with every request. Their values count as secrets.
	Headers map[string]string `json:"headers"`

	// Parameters are the values of parameters of operations, by their names.
	Parameters map[string]string `json:"parameters,omitempty"`

	Gateways         []Gateway         `json:"gateways"`
	CustomerGateways []CustomerGateway `json:"customer_gateways"`
}

// Gateway is a VPN gateway.
type Gateway struct {
	ID             string `json:"id"`
	NetworkType    string `json:"network_type"`    // public or private
	AttachmentType string `json:"attachment_type"` // vpc or er (enterprise router)
	HAMode         string `json:"ha_mode"`         // active-active or active-standby

	// EnterpriseProjectID is that of the gateway; empty means 0, the default
	// one.
	EnterpriseProjectID string `json:"enterprise_project_id"`

	// Addresses are those that end tunnels, the first being used first.
	Addresses []Address `json:"addresses"`
}

// Address is an address of a VPN gateway.
type Address struct {
	ID   string `json:"id"`   // of the EIP; only a public gateway's addresses have one
	IP   string `json:"ip"`   // IPv4
	Role string `json:"role"` // active or standby, at a gateway in active-standby mode
}

// CustomerGateway is a customer gateway.
type CustomerGateway struct {
	ID string `json:"id"`
	IP string `json:"ip"` // IPv4
}

// CredentialWords is a regular expression of what is in the names of header
// fields that say who asks, in lower case.
const CredentialWords = `token|authorization|secret|signature|cookie|passw|credential|api.?key`

var credentialNames = regexp.MustCompile(`(?i)` + CredentialWords)

// IsCredential tells whether a header field of the environment says who asks.
// Others, for tracing for instance, are sent by a stranger too.
func IsCredential(name string) bool { return credentialNames.MatchString(name) }

// Given are the values of parameters of operations that the environment has, by
// their names.
func (e Environment) Given() map[string]string {
	out := map[string]string{}
	maps.Copy(out, e.Parameters)
	if e.ProjectID != "" {
		out["project_id"] = e.ProjectID
	}
	return out
}

// IsZero reports whether the environment says nothing.
func (e Environment) IsZero() bool {
	return e.TokenEnv == "" && len(e.Headers)+len(e.Given())+len(e.Gateways)+len(e.CustomerGateways) == 0
}

// hasCredentials tells whether requests of a stranger can be told from others.
func (e Environment) hasCredentials() bool {
	for name := range e.Headers {
		if IsCredential(name) {
			return true
		}
	}
	return e.TokenEnv != ""
}

// VgwIP returns what a request says in vgw_ip to mean the address: the
// identifier of the EIP, or the IP of a private gateway.
// source: Table 3, vgw_ip
func (a Address) VgwIP() string {
	if a.ID != "" {
		return a.ID
	}
	return a.IP
}

// enterpriseProject is the gateway's enterprise project, 0 if nothing is said.
func (g Gateway) enterpriseProject() string { return cmp.Or(g.EnterpriseProjectID, "0") }

// first is the address to use: the first one, at a gateway in active-standby
// mode the active one.
func (g Gateway) first() Address {
	for _, a := range g.Addresses {
		if a.Role != "standby" {
			return a
		}
	}
	return g.Addresses[0]
}

// Facts returns what rules may know of two gateways of the environment, by
// their ids. A gateway that is not there is no fact.
func (e Environment) Facts(vgwID, cgwID string) openapi.Facts {
	facts := openapi.Facts{}
	for _, g := range e.Gateways {
		if g.ID != vgwID {
			continue
		}
		var addresses []any
		for _, a := range g.Addresses {
			addresses = append(addresses, map[string]any{"id": a.ID, "ip": a.IP, "role": a.Role})
		}
		gateway := g.facts()
		gateway["addresses"] = addresses
		facts["gateway"] = gateway
	}
	for _, g := range e.CustomerGateways {
		if g.ID == cgwID {
			facts["customer_gateway"] = map[string]any{"ip": g.IP}
		}
	}
	return facts
}

// facts are those of a gateway but for its addresses.
func (g Gateway) facts() map[string]any {
	return map[string]any{
		"network_type": g.NetworkType, "attachment_type": g.AttachmentType, "ha_mode": g.HAMode,
		"enterprise_project_id": g.enterpriseProject(),
	}
}

//go:embed environment.yaml
var defaultEnvironment []byte

// Default returns the environment of the reference implementation. The
// identifiers of the documented examples exist in it.
func Default() (Environment, error) {
	e, err := embedded()
	e.Headers, e.Gateways, e.CustomerGateways = maps.Clone(e.Headers), slices.Clone(e.Gateways), slices.Clone(e.CustomerGateways)
	for i, g := range e.Gateways {
		e.Gateways[i].Addresses = slices.Clone(g.Addresses)
	}
	return e, err
}

// embedded is the environment of Default, which is read once: not to be changed.
var embedded = sync.OnceValues(func() (Environment, error) {
	return Parse("environment.yaml", defaultEnvironment)
})

// Parse reads an environment from YAML. Every error names the file and the
// line, or the JSON Pointer of the value; all wrong values are reported. A
// number where a text is wanted is refused: YAML takes 0123 for eighty-three.
func Parse(name string, data []byte) (Environment, error) {
	var e Environment
	file, err := source.Read(name, data)
	if err != nil {
		return e, err
	}
	if file.Empty() {
		return e, fmt.Errorf("%s: empty file", name)
	}
	if err := file.Decode(&e); err != nil {
		return e, withoutSecrets(err)
	}
	if e.IsZero() {
		return e, file.Fault("", "want what the target has, such as project_id")
	}
	return e, e.validate(file.Fault)
}

// withoutSecrets leaves the values out of what is wrong with header fields and the
// token's variable: a number that is not quoted may be a secret.
func withoutSecrets(err error) error {
	var faults source.Faults
	if !errors.As(err, &faults) {
		return err
	}
	for i, f := range faults {
		if strings.HasPrefix(f.Message, "want a text, put ") && (strings.HasPrefix(f.Pointer, "/headers/") || f.Pointer == "/token_env") {
			faults[i].Message = "want a text, put it in quotes"
		}
	}
	return faults
}

// Validate says what is wrong in an environment, all of it, each by its JSON
// Pointer. The name stands in messages.
func (e Environment) Validate(name string) error {
	return e.validate(func(pointer, format string, args ...any) source.Fault {
		return source.Fault{File: name, Pointer: pointer, Message: fmt.Sprintf(format, args...)}
	})
}

// validate says what is wrong in an environment; fault makes it something said
// of the value at a place.
func (e Environment) validate(fault func(pointer, format string, args ...any) source.Fault) error {
	c := checker{fault: fault}
	if c.environment(e); len(c.faults) > 0 {
		return c.faults
	}
	return nil
}

// headerName matches the name of a header field (RFC 9110, 5.6.2).
var headerName = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")

// checker gathers the wrong values of an environment.
type checker struct {
	fault  func(pointer, format string, args ...any) source.Fault
	faults source.Faults
}

func (c *checker) wrong(pointer, format string, args ...any) {
	c.faults = append(c.faults, c.fault(pointer, format, args...))
}

func (c *checker) environment(e Environment) {
	if e.ProjectID != "" {
		c.segment("/project_id", e.ProjectID)
	}
	for _, name := range slices.Sorted(maps.Keys(e.Parameters)) {
		if value := e.Parameters[name]; value == "" || strings.ContainsFunc(value, unicode.IsControl) {
			c.wrong("/parameters/"+match.Escape(name), "want a non-empty text without control characters, got %q", value)
		}
	}
	fields := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(e.Headers)) {
		at := "/headers/" + match.Escape(name)
		if first, ok := fields[strings.ToLower(name)]; ok {
			c.wrong(at, "the same header field as %s", first)
		}
		fields[strings.ToLower(name)] = name
		if !headerName.MatchString(name) || strings.ContainsFunc(e.Headers[name], unicode.IsControl) {
			c.wrong(at, "no valid header field")
		}
		if slices.Contains([]string{"host", "content-length", "content-type", "transfer-encoding"}, strings.ToLower(name)) {
			c.wrong(at, "the runner sets this header itself")
		}
	}
	seen := map[string]string{}
	for i, g := range e.Gateways {
		at := fmt.Sprintf("/gateways/%d", i)
		c.id(seen, at+"/id", g.ID)
		c.oneOf(at+"/network_type", g.NetworkType, "public", "private")
		c.oneOf(at+"/attachment_type", g.AttachmentType, "vpc", "er")
		c.oneOf(at+"/ha_mode", g.HAMode, "active-active", "active-standby")
		if len(g.Addresses) == 0 {
			c.wrong(at+"/addresses", "a gateway has an address")
		}
		for k, a := range g.Addresses {
			c.address(seen, fmt.Sprintf("%s/addresses/%d", at, k), g, a)
		}
	}
	for i, g := range e.CustomerGateways {
		at := fmt.Sprintf("/customer_gateways/%d", i)
		c.id(seen, at+"/id", g.ID)
		c.ip(at+"/ip", g.IP)
	}
}

func (c *checker) address(seen map[string]string, at string, g Gateway, a Address) {
	c.ip(at+"/ip", a.IP)
	switch {
	case g.NetworkType == "public":
		c.id(seen, at+"/id", a.ID)
	case a.ID != "":
		c.wrong(at+"/id", "an address of a private gateway has no EIP")
	}
	switch {
	case g.HAMode == "active-standby":
		c.oneOf(at+"/role", a.Role, "active", "standby")
	case a.Role != "":
		c.wrong(at+"/role", "only at a gateway in active-standby mode an address has a role")
	}
}

// segment checks what becomes a segment of a path.
func (c *checker) segment(at, s string) {
	switch {
	case s == "" || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("/?#%", r) }):
		c.wrong(at, "want a non-empty text without blanks, control characters and / ? # %%, got %q", s)
	case s == "." || s == "..":
		c.wrong(at, "%q is no name in a path", s)
	}
}

func (c *checker) id(seen map[string]string, at, id string) {
	c.segment(at, id)
	if first, ok := seen[id]; ok && id != "" {
		c.wrong(at, "id %q is also that of %s", id, first)
	}
	seen[id] = at
}

func (c *checker) oneOf(at, got string, allowed ...string) {
	if !slices.Contains(allowed, got) {
		c.wrong(at, "want %s, got %q", strings.Join(allowed, " or "), got)
	}
}

func (c *checker) ip(at, got string) {
	if a, err := netip.ParseAddr(got); err != nil || !a.Is4() {
		c.wrong(at, "want an IPv4 address, got %q", got)
	}
}
