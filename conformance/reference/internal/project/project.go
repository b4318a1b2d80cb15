package project

import (
	"encoding/json"
	"fmt"

	"github.com/vpnconform/vpnconform/conformance/environment"
	"github.com/vpnconform/vpnconform/generated/vpn"
	"github.com/vpnconform/vpnconform/openapi"
)

// Project is what there is: a project and the gateways in it.
type Project struct {
	ID        string
	Gateways  []vpn.Gateway
	Customers []vpn.CustomerGateway
}

// Of reads an environment.
func Of(doc *openapi.Document, e environment.Environment) (Project, error) {
	t := Project{ID: e.Parameters["project_id"]}
	for _, f := range doc.Kinds() {
		for i, object := range e.Objects[f.Name] {
			if err := t.add(f.Name, environment.Fact(f, object)); err != nil {
				return t, fmt.Errorf("/objects/%s/%d: %w", f.Name, i, err)
			}
		}
	}
	return t, nil
}

func (t *Project) add(fact string, object environment.Object) error {
	data, err := json.Marshal(object)
	if err != nil {
		return err
	}
	if fact == "gateway" {
		var g vpn.Gateway
		err = json.Unmarshal(data, &g)
		t.Gateways = append(t.Gateways, g)
		return err
	}
	var g vpn.CustomerGateway
	err = json.Unmarshal(data, &g)
	t.Customers = append(t.Customers, g)
	return err
}

// Gateway returns a gateway of a project; nil when there is none.
func (t *Project) Gateway(projectID, id string) *vpn.Gateway {
	for i := range t.Gateways {
		if t.Gateways[i].ID == id && projectID == t.ID {
			return &t.Gateways[i]
		}
	}
	return nil
}

// Customer returns a customer gateway; nil when there is none.
func (t *Project) Customer(id string) *vpn.CustomerGateway {
	for i := range t.Customers {
		if t.Customers[i].ID == id {
			return &t.Customers[i]
		}
	}
	return nil
}

// NameOf is what a request says in vgw_ip to mean an address: the identifier of the
// EIP, or the IP of a private gateway.
// source: Table 3, vgw_ip
func NameOf(a vpn.GatewayAddress) string {
	if a.ID != "" {
		return a.ID
	}
	return a.IP
}

// AddressOf returns the address that a request means by vgw_ip; nil when the
// gateway has none of that name.
func AddressOf(gateway *vpn.Gateway, vgwIP string) *vpn.GatewayAddress {
	for i, a := range gateway.Addresses {
		if NameOf(a) == vgwIP {
			return &gateway.Addresses[i]
		}
	}
	return nil
}

// LearnsSubnets reports whether a gateway needs no peer subnets for a connection
// of that style, and answers without any.
// source: Table 3, peer_subnets; Table 10, peer_subnets
func LearnsSubnets(gateway *vpn.Gateway, style string) bool {
	return gateway.AttachmentType == vpn.GatewayAttachmentTypeEr && style != "static"
}
