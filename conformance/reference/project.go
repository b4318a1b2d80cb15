package reference

import (
	"encoding/json"
	"fmt"

	"github.com/vpnconform/vpnconform/conformance/environment"
	"github.com/vpnconform/vpnconform/generated/vpn"
	"github.com/vpnconform/vpnconform/openapi"
)

// project is what there is: a project and the gateways in it.
type project struct {
	id        string
	gateways  []vpn.Gateway
	customers []vpn.CustomerGateway
}

// projectOf reads an environment.
func projectOf(doc *openapi.Document, e environment.Environment) (project, error) {
	t := project{id: e.Parameters["project_id"]}
	for _, f := range doc.Kinds() {
		for i, object := range e.Objects[f.Name] {
			if err := t.add(f.Name, environment.Fact(f, object)); err != nil {
				return t, fmt.Errorf("/objects/%s/%d: %w", f.Name, i, err)
			}
		}
	}
	return t, nil
}

func (t *project) add(fact string, object environment.Object) error {
	data, err := json.Marshal(object)
	if err != nil {
		return err
	}
	if fact == "gateway" {
		var g vpn.Gateway
		err = json.Unmarshal(data, &g)
		t.gateways = append(t.gateways, g)
		return err
	}
	var g vpn.CustomerGateway
	err = json.Unmarshal(data, &g)
	t.customers = append(t.customers, g)
	return err
}

// gateway returns a gateway of a project; nil when there is none.
func (t *project) gateway(projectID, id string) *vpn.Gateway {
	for i := range t.gateways {
		if t.gateways[i].ID == id && projectID == t.id {
			return &t.gateways[i]
		}
	}
	return nil
}

// customer returns a customer gateway; nil when there is none.
func (t *project) customer(id string) *vpn.CustomerGateway {
	for i := range t.customers {
		if t.customers[i].ID == id {
			return &t.customers[i]
		}
	}
	return nil
}

// nameOf is what a request says in vgw_ip to mean an address: the identifier of the
// EIP, or the IP of a private gateway.
// source: Table 3, vgw_ip
func nameOf(a vpn.GatewayAddress) string {
	if a.ID != "" {
		return a.ID
	}
	return a.IP
}

// addressOf returns the address that a request means by vgw_ip; nil when the
// gateway has none of that name.
func addressOf(gateway *vpn.Gateway, vgwIP string) *vpn.GatewayAddress {
	for i, a := range gateway.Addresses {
		if nameOf(a) == vgwIP {
			return &gateway.Addresses[i]
		}
	}
	return nil
}

// learnsSubnets reports whether a gateway needs no peer subnets for a connection
// of that style, and answers without any.
// source: Table 3, peer_subnets; Table 10, peer_subnets
func learnsSubnets(gateway *vpn.Gateway, style string) bool {
	return gateway.AttachmentType == vpn.GatewayAttachmentTypeEr && style != "static"
}
