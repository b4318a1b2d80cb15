package reference

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/netip"
	"strings"

	"github.com/vpnconform/vpnconform/conformance/reference/internal/problem"
	"github.com/vpnconform/vpnconform/conformance/reference/internal/project"
	"github.com/vpnconform/vpnconform/generated/vpn"
)

// service answers the operations of the generated server.
type service struct{ *Server }

// CreateVpnConnection creates a connection. The request was admitted, so that
// the gateways alone can still be wrong.
func (s service) CreateVpnConnection(
	ctx context.Context, request vpn.CreateVpnConnectionRequestObject,
) (vpn.CreateVpnConnectionResponseObject, error) {
	sent := &request.Body.VpnConnection
	gateway := s.project.Gateway(request.ProjectID, sent.VgwID)
	if gateway == nil {
		// source: OTC-ERR, VPN.0509
		return nil, &problem.Problem{Status: http.StatusNotFound, Code: "VPN.0509", Message: "The gateway does not exist."}
	}
	customer := s.project.Customer(sent.CgwID)
	if customer == nil {
		return nil, problem.NotFound("cgw_id")
	}
	if violations := request.Body.ValidateFacts(vpn.Facts{Gateway: gateway, CustomerGateway: customer}); violations != nil {
		return nil, violations
	}
	answer, err := s.overlaid(sent)
	if err != nil {
		return nil, problem.Broken("the settings cannot be passed on")
	}
	s.settle(&answer, gateway, customer)
	err = s.create(&answer, sent)
	switch {
	case errors.Is(err, errQuota):
		return nil, problem.Full(cap(s.memory.recent))
	case err != nil:
		return nil, problem.Broken("no random numbers")
	}
	id, _ := ctx.Value(requestIDKey{}).(string)
	return vpn.CreateVpnConnection201JSONResponse{
		Body:    vpn.CreateVpnConnectionResponseBody{VpnConnection: answer, RequestID: id},
		Headers: vpn.CreateVpnConnection201ResponseHeaders{XRequestID: &id},
	}, nil
}

// overlaid returns the document's defaults with what was sent laid over them.
// The answer's members have the names of the request's, and it has none for
// the key.
func (s *Server) overlaid(sent *vpn.CreateVpnConnectionRequestBodyContent) (vpn.ResponseVpnConnection, error) {
	var answer vpn.ResponseVpnConnection
	if err := json.Unmarshal(s.defaults, &answer); err != nil {
		return answer, err
	}
	settings, err := json.Marshal(sent)
	if err != nil {
		return answer, err
	}
	return answer, json.Unmarshal(settings, &answer)
}

// settle gives the answer's members the form in which the service returns
// them, and leaves out those that do not go with the style.
func (s *Server) settle(answer *vpn.ResponseVpnConnection, gateway *vpn.Gateway, customer *vpn.CustomerGateway) {
	style := string(answer.Style)
	answer.Style = vpn.ResponseVpnConnectionStyle(strings.ToUpper(style)) // source: Example responses
	if project.LearnsSubnets(gateway, style) {
		answer.PeerSubnets = nil // source: Table 10, peer_subnets
	}
	if style != "static" {
		answer.EnableNqa = nil // source: Table 10, enable_nqa
	}
	if style != "policy" {
		answer.PolicyRules = nil // source: Table 10, policy_rules
	}
	indexRules(answer.PolicyRules)
	if len(answer.Tags) == 0 {
		answer.Tags = nil // no example of the page has any, although an empty list would do. erratum tags-unshown
	}
	ike := &answer.Ikepolicy
	if ike.IkeVersion != "v1" {
		ike.Phase1NegotiationMode = nil // source: OTC, phase1_negotiation_mode
	}
	// source: Table 12, local_id and peer_id. An identifier that was sent with
	// type ip is dropped; the page does not say what becomes of it.
	if address := project.AddressOf(gateway, answer.VgwIP); ike.LocalIDType == "ip" && address != nil {
		ike.LocalID = address.IP
	}
	if ike.PeerIDType == "ip" {
		ike.PeerID = customer.IP
	}
	answer.EnterpriseProjectID = gateway.EnterpriseProjectID
}

// indexRules gives every rule without an index the lowest one, from 1, that no
// other rule has. The page leaves the choice to the service.
// source: Table 4, rule_index
func indexRules(rules []vpn.ResponsePolicyRule) {
	taken := make(map[int32]bool)
	for _, rule := range rules {
		if rule.RuleIndex != nil {
			taken[*rule.RuleIndex] = true
		}
	}
	next := int32(1)
	for i := range rules {
		if rules[i].RuleIndex != nil {
			continue
		}
		for taken[next] {
			next++
		}
		taken[next] = true
		index := next
		rules[i].RuleIndex = &index
	}
}

// create makes the connection and tells the answer what it got.
func (s *Server) create(answer *vpn.ResponseVpnConnection, sent *vpn.CreateVpnConnectionRequestBodyContent) error {
	block, local, peer := sentAddresses(sent)
	made, name, err := s.memory.add(block)
	if err != nil {
		return err
	}
	if block == nil {
		local, peer = hosts(made.block) // in this order in the page's examples
	}
	localText, peerText := local.String(), peer.String()
	answer.TunnelLocalAddress, answer.TunnelPeerAddress = &localText, &peerText
	answer.ID = made.id
	if sent.Name == nil {
		answer.Name = name
	}
	answer.CreatedAt = s.now().UTC().Format("2006-01-02T15:04:05.000Z") // source: OTC, created_at
	answer.UpdatedAt = answer.CreatedAt
	return nil
}

// sentAddresses returns the tunnel addresses of a request and their block; nil
// when the service has to choose it. When one address was sent alone, the
// other is the other host of its block: a choice, the page is silent.
func sentAddresses(sent *vpn.CreateVpnConnectionRequestBodyContent) (block *int, local, peer netip.Prefix) {
	if address, ok := tunnelAddress(sent.TunnelLocalAddress); ok {
		in, other := blockOf(address)
		return &in, address, other
	}
	if address, ok := tunnelAddress(sent.TunnelPeerAddress); ok {
		in, other := blockOf(address)
		return &in, other, address
	}
	return nil, local, peer
}

// tunnelAddress reads a tunnel address that was perhaps not sent.
func tunnelAddress(sent *string) (netip.Prefix, bool) {
	if sent == nil {
		return netip.Prefix{}, false
	}
	address, err := netip.ParsePrefix(*sent)
	return address, err == nil
}
