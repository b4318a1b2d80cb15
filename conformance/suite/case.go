package suite

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	jsonpatch "github.com/evanphx/json-patch/v5"

	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/openapi"
	"github.com/vpnconform/vpnconform/testdata"
)

// Case is one request and the answer expected to it.
type Case struct {
	ID     string // permanent: example/static
	Title  string // what the case shows, in a sentence
	Level  string // how binding it is: must, should or may
	Source string // citation of the page

	// Errata are the ids of the page's errata that the expectation follows.
	Errata []string

	Request []byte // body of the request as documented, in JSON
	Golden  []byte // body of the documented answer, corrected
}

// examples are the documented examples, in the page's order.
var examples = []struct{ name, title, source string }{
	{"static", "Creates a connection with static routing", "Example requests, static routing mode"},
	{"policy", "Creates a policy-based connection", "Example requests, policy-based mode"},
	{"bgp", "Creates a connection with BGP routing", "Example requests, BGP routing mode"},
}

// Cases returns the cases, in a fixed order. The error says which file of the
// embedded examples is broken.
func Cases() ([]Case, error) {
	var cases []Case
	for _, e := range examples {
		c, err := read(testdata.Examples, "examples/"+e.name)
		if err != nil {
			return nil, fmt.Errorf("example %s: %w", e.name, err)
		}
		c.ID, c.Title, c.Level, c.Source = "example/"+e.name, e.title, "must", e.source
		cases = append(cases, c)
	}
	return cases, nil
}

// read reads the files of one example.
func read(files fs.FS, dir string) (Case, error) {
	var c Case
	var err error
	if c.Request, err = fs.ReadFile(files, dir+"/request.json"); err != nil {
		return c, err
	}
	if c.Golden, err = fs.ReadFile(files, dir+"/response.json"); err != nil {
		return c, err
	}
	errata, err := fs.ReadFile(files, dir+"/errata.json")
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return c, err
	}
	return c.corrected(errata)
}

// corrected applies the errata, a JSON Patch, to the documented answer.
func (c Case) corrected(errata []byte) (Case, error) {
	var steps []struct {
		Erratum string `json:"erratum"`
	}
	if err := json.Unmarshal(errata, &steps); err != nil {
		return c, fmt.Errorf("errata.json: %w", err)
	}
	for i, step := range steps {
		if step.Erratum == "" {
			return c, fmt.Errorf("errata.json: /%d: a step names its erratum", i)
		}
		c.Errata = append(c.Errata, step.Erratum)
	}
	patch, err := jsonpatch.DecodePatch(errata)
	if err != nil {
		return c, fmt.Errorf("errata.json: %w", err)
	}
	if c.Golden, err = patch.Apply(c.Golden); err != nil {
		return c, fmt.Errorf("errata.json: %w", err)
	}
	return c, nil
}

// Bound is a case in an environment: what is sent and what is expected.
type Bound struct {
	Body    []byte // of the request, compact, members in the documented order
	Request any    // Body, decoded
	Golden  any    // the body of the answer, decoded
	Facts   openapi.Facts
	Key     string // the pre-shared key in it
}

// MissingError says what the environment lacks for a case to be tried.
type MissingError struct{ What string }

func (e *MissingError) Error() string { return "the environment has no " + e.What }

// documented are the values in an example that belong to the gateways of
// whoever wrote it.
type documented struct {
	Connection struct {
		VgwID               string `json:"vgw_id"`
		VgwIP               string `json:"vgw_ip"`
		CgwID               string `json:"cgw_id"`
		PSK                 string `json:"psk"`
		EnterpriseProjectID string `json:"enterprise_project_id"`
		IkePolicy           struct {
			LocalIDType string `json:"local_id_type"`
			LocalID     string `json:"local_id"`
			PeerIDType  string `json:"peer_id_type"`
			PeerID      string `json:"peer_id"`
		} `json:"ikepolicy"`
	} `json:"vpn_connection"`
}

// Bind puts the environment's identifiers and addresses and the given
// pre-shared key in the place of the documented ones. The documented gateway
// stands for the first public one that is attached to a VPC. The error is a
// *[MissingError] when the environment has none, or no customer gateway.
func (c Case) Bind(e Environment, psk string) (Bound, error) {
	gateway, ok := e.gateway("public", "vpc")
	if !ok {
		return Bound{}, &MissingError{"gateway with network_type public and attachment_type vpc"}
	}
	if len(e.CustomerGateways) == 0 {
		return Bound{}, &MissingError{"customer gateway"}
	}
	values, err := c.replacements(gateway, e.CustomerGateways[0], psk)
	if err != nil {
		return Bound{}, err
	}
	b := Bound{Facts: e.Facts(gateway.ID, e.CustomerGateways[0].ID), Key: psk}
	var body bytes.Buffer
	if err := json.Compact(&body, replace(c.Request, values)); err != nil {
		return Bound{}, fmt.Errorf("%s: request: %w", c.ID, err)
	}
	b.Body = body.Bytes()
	if b.Request, err = match.Decode(b.Body); err != nil {
		return Bound{}, fmt.Errorf("%s: request: %w", c.ID, err)
	}
	if b.Golden, err = match.Decode(replace(c.Golden, values)); err != nil {
		return Bound{}, fmt.Errorf("%s: golden file: %w", c.ID, err)
	}
	return b, nil
}

// gateway returns the first gateway of a kind.
func (e Environment) gateway(networkType, attachmentType string) (Gateway, bool) {
	for _, g := range e.Gateways {
		if g.NetworkType == networkType && g.AttachmentType == attachmentType {
			return g, true
		}
	}
	return Gateway{}, false
}

// replacements maps documented values to the environment's.
func (c Case) replacements(g Gateway, customer CustomerGateway, psk string) (map[string]string, error) {
	var request, golden documented
	if err := json.Unmarshal(c.Request, &request); err != nil {
		return nil, fmt.Errorf("%s: request: %w", c.ID, err)
	}
	if err := json.Unmarshal(c.Golden, &golden); err != nil {
		return nil, fmt.Errorf("%s: golden file: %w", c.ID, err)
	}
	sent, answered := request.Connection, golden.Connection
	values := map[string]string{
		sent.VgwID: g.ID,
		sent.VgwIP: g.first().VgwIP(),
		sent.CgwID: customer.ID,
		sent.PSK:   psk,

		answered.EnterpriseProjectID: g.enterpriseProject(),
	}
	if answered.IkePolicy.LocalIDType == "ip" {
		values[answered.IkePolicy.LocalID] = g.first().IP
	}
	if answered.IkePolicy.PeerIDType == "ip" {
		values[answered.IkePolicy.PeerID] = customer.IP
	}
	delete(values, "") // what the example lacks stands for no text of it
	return values, nil
}

// replace writes other texts in the place of whole JSON texts, and leaves the
// order of the members and everything else as it is.
func replace(document []byte, values map[string]string) []byte {
	var pairs []string
	for from, to := range values {
		pairs = append(pairs, quote(from), quote(to))
	}
	return []byte(strings.NewReplacer(pairs...).Replace(string(document)))
}

func quote(s string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // text always encodes
	return strings.TrimSuffix(b.String(), "\n")
}
