package mistakes

import (
	"regexp"
	"slices"
	"strings"
)

// The forms that the page describes.
var (
	uuidForm = regexp.MustCompile(`^[0-9A-Za-z]{8}(-[0-9A-Za-z]{4}){3}-[0-9A-Za-z]{12}$`)
	nameForm = regexp.MustCompile(`^[0-9A-Za-z_.-]*$`)
	pskForm  = regexp.MustCompile(`^[A-Za-z0-9~!@#$%^()_+={ },./:;-]*$`)
	idForm   = regexp.MustCompile(`^[^&<>\[\]\\ ]*$`)
	tagForm  = regexp.MustCompile(`^[0-9A-Za-zÀÁÂÃÇÉÊÍÑÓÔÕÚÜàáâãçéêíñóôõúü _.:=+@-]*$`)
)

// specials are the special characters of a key that the page lists.
const specials = "~!@#$%^()-_+={ },./:;"

// body checks a request body: Table 2.
func (k *checker) body(root any) {
	m, ok := root.(map[string]any)
	if !ok {
		k.report(Violation{Rule: "body.type", Text: "the body must be an object with vpn_connection"})
		return
	}
	o := object{members: m}
	if v, ok := o.get("vpn_connection"); !ok {
		k.report(Violation{Rule: "vpn_connection.required", Member: "vpn_connection", Text: "must be filled"})
		return
	} else if _, ok := v.(map[string]any); !ok {
		k.report(Violation{Rule: "vpn_connection.type", Member: "vpn_connection", Text: "must be an object"})
		return
	}
	c := o.object("vpn_connection")
	c.path, c.place = "", ""
	k.call.Fields = c
	k.connection(c)
}

// connection checks Table 3.
func (k *checker) connection(c object) {
	k.gateways(c)
	k.string(c, "name")
	k.length(c, "name", 1, 64)
	k.form(c, "name", "chars", nameForm, "must have digits, letters, underscores, hyphens and periods only")
	k.choice(c, "style", "policy", "static", "bgp")
	k.peerSubnets(c)
	k.tunnel(c)
	if v, ok := c.get("enable_nqa"); ok {
		if _, ok := v.(bool); !ok {
			k.fail(c, "enable_nqa", "type", "must be true or false")
		}
		if c.style() != "static" {
			k.fail(c, "enable_nqa", "static", "must not be filled if style is not static")
		}
	}
	k.psk(c)
	k.policyRules(c)
	k.ike(k.nested(c, "ikepolicy"))
	k.ipsec(k.nested(c, "ipsecpolicy"))
	k.haRole(c)
	for _, tag := range k.objects(c, "tags", 20) {
		k.required(tag, "key")
		k.length(tag, "key", 1, 128)
		k.form(tag, "key", "chars", tagForm, "has a character that is not allowed")
		k.required(tag, "value")
		k.length(tag, "value", 0, 255)
		k.form(tag, "value", "chars", tagForm, "has a character that is not allowed")
	}
}

// required checks that a member is there and a string.
func (k *checker) required(o object, member string) {
	if _, ok := o.get(member); !ok {
		k.fail(o, member, "required", "must be filled")
		return
	}
	k.string(o, member)
}

// gateways checks the identifiers, and finds what they name.
func (k *checker) gateways(c object) {
	for _, member := range []string{"vgw_id", "vgw_ip", "cgw_id"} {
		k.required(c, member)
	}
	k.form(c, "vgw_id", "form", uuidForm, "must be a UUID of 36 characters")
	k.form(c, "cgw_id", "form", uuidForm, "must be a UUID of 36 characters")
	ip, _ := c.text("vgw_ip")
	if _, ok := c.text("vgw_ip"); ok && !uuidForm.MatchString(ip) && !isAddress(ip) {
		k.fail(c, "vgw_ip", "form", "must be a UUID of 36 characters or an IPv4 address")
		return
	}
	if id, ok := c.text("cgw_id"); ok {
		i := slices.IndexFunc(k.env.CustomerGateways, func(g CustomerGateway) bool { return g.ID == id })
		if i >= 0 {
			k.call.Remote = &k.env.CustomerGateways[i]
		} else if uuidForm.MatchString(id) {
			k.unknown(c, "cgw_id", "the customer gateway does not exist")
		}
	}
	if id, ok := c.text("vgw_id"); ok {
		i := slices.IndexFunc(k.env.Gateways, func(g Gateway) bool { return g.ID == id })
		if i >= 0 {
			k.call.Gateway, k.call.Place = &k.env.Gateways[i], i
			k.address(c, ip)
		} else if uuidForm.MatchString(id) {
			k.unknown(c, "vgw_id", "the gateway does not exist")
		}
	}
}

// unknown reports an identifier that names nothing.
func (k *checker) unknown(c object, member, text string) {
	v, _ := c.get(member)
	k.report(Violation{Rule: member + ".known", Member: member, Text: text, Value: v, Status: 404, Code: "VPN.0509"})
}

// address checks vgw_ip against the gateway.
func (k *checker) address(c object, ip string) {
	g := k.call.Gateway
	if _, ok := c.text("vgw_ip"); !ok {
		return
	}
	if isAddress(ip) != (g.NetworkType == "private") {
		k.fail(c, "vgw_ip", "kind", "must be an EIP ID if the gateway is public, an address if it is private")
		return
	}
	if !slices.ContainsFunc(g.Addresses, func(a Address) bool { return a.VgwIP() == ip }) {
		k.fail(c, "vgw_ip", "owner", "must be an address of the gateway")
	}
}

// peerSubnets checks the customer subnets.
func (k *checker) peerSubnets(c object) {
	n := k.strings(c, "peer_subnets", 50, func(i int, text string) {
		block, ok := parseBlock(text)
		if !ok {
			k.failItem(c, "peer_subnets", i, "block", "must be an IPv4 CIDR block")
		} else if block.overlaps(reserved100) || block.overlaps(reserved214) {
			k.failItem(c, "peer_subnets", i, "reserved", "must not be in a reserved block")
		}
	})
	free := k.call.Gateway != nil && k.call.Gateway.AttachmentType == "er" && c.style() != "static"
	if n == 0 && !free {
		k.fail(c, "peer_subnets", "required", "must be filled unless the gateway is er and style is policy or bgp")
	}
}

// tunnel checks the two tunnel addresses.
func (k *checker) tunnel(c object) {
	var pair []block
	for _, member := range []string{"tunnel_local_address", "tunnel_peer_address"} {
		text, ok := k.string(c, member)
		if !ok {
			continue
		}
		b, ok := parseBlock(text)
		if !ok {
			k.fail(c, member, "form", "must be an IPv4 address with a mask length")
			continue
		}
		pair = append(pair, b)
		if !linkLocal.contains(b.address) {
			k.fail(c, member, "range", "must begin with 169.254")
		}
		if reserved195.contains(b.address) {
			k.fail(c, member, "reserved", "must not be 169.254.195.xxx")
		}
		if b.bits != 30 {
			k.fail(c, member, "mask", "must have a mask length of 30")
		} else if last := b.address & 3; last == 0 || last == 3 {
			k.fail(c, member, "host", "must be a host address of its block")
		}
	}
	if len(pair) < 2 {
		return
	}
	if pair[0].address == pair[1].address {
		k.fail(c, "tunnel_peer_address", "differ", "must differ from tunnel_local_address")
	} else if pair[0].address>>2 != pair[1].address>>2 {
		k.fail(c, "tunnel_peer_address", "pair", "must be in the block of tunnel_local_address")
	}
}

// psk checks the key.
func (k *checker) psk(c object) {
	k.required(c, "psk")
	psk, ok := c.text("psk")
	if !ok {
		return
	}
	k.length(c, "psk", 8, 128)
	k.form(c, "psk", "chars", pskForm, "has a character that is not allowed")
	if classes(psk) < 3 {
		k.fail(c, "psk", "classes", "must have three of upper case, lower case, digits and special characters")
	}
}

// classes counts the kinds of characters in a key.
func classes(psk string) int {
	n := 0
	for _, class := range []string{"ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz", "0123456789", specials} {
		if strings.ContainsAny(psk, class) {
			n++
		}
	}
	return n
}
