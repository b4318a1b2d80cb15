package mistakes

// Site is what the server has: a project, and the gateways in it.
type Site struct {
	ProjectID        string
	Gateways         []Gateway
	CustomerGateways []CustomerGateway
}

// Gateway is a VPN gateway.
type Gateway struct {
	ID                  string    `json:"id"`
	NetworkType         string    `json:"network_type"`    // public or private
	AttachmentType      string    `json:"attachment_type"` // vpc or er
	HAMode              string    `json:"ha_mode"`         // active-active or active-standby
	EnterpriseProjectID string    `json:"enterprise_project_id"`
	Addresses           []Address `json:"addresses"`
}

// Address is an address of a VPN gateway.
type Address struct {
	ID   string `json:"id"` // of the EIP; only a public gateway's addresses have one
	IP   string `json:"ip"`
	Role string `json:"role"` // active or standby, at a gateway in active-standby mode
}

// VgwIP returns what a request says in vgw_ip to mean the address.
func (a Address) VgwIP() string {
	if a.ID != "" {
		return a.ID
	}
	return a.IP
}

// CustomerGateway is a customer gateway.
type CustomerGateway struct {
	ID string `json:"id"`
	IP string `json:"ip"`
}
