package report

// tables are the tables of the documentation page, with the schemas under which
// the rules of the document name them.
var tables = []table{
	{1, "path parameters", "", false, "project_id"},
	{2, "body of the request", "CreateVpnConnectionRequestBody", false, "vpn_connection"},
	{
		3, "vpn_connection, requested", "CreateVpnConnection", false, "name vgw_id vgw_ip style cgw_id peer_subnets tunnel_local_address tunnel_peer_address " +
			"enable_nqa psk policy_rules ikepolicy ipsecpolicy ha_role tags",
	},
	{4, "policy_rules, requested", "PolicyRule", false, "rule_index source destination"},
	{5, "ikepolicy, requested", "IkePolicy", false, ikeParameters},
	{6, "dpd, requested", "Dpd", false, "timeout interval msg"},
	{7, "ipsecpolicy, requested", "IpsecPolicy", false, ipsecParameters},
	{8, "tags, requested", "VpnResourceTag", false, "key value"},
	{9, "body of the answer", "CreateVpnConnectionResponseBody", true, "vpn_connection request_id"},
	{
		10, "vpn_connection, answered", "ResponseVpnConnection", true, "id name vgw_id vgw_ip style cgw_id peer_subnets tunnel_local_address " +
			"tunnel_peer_address enable_nqa policy_rules ikepolicy ipsecpolicy created_at updated_at enterprise_project_id connection_monitor_id ha_role tags",
	},
	{11, "policy_rules, answered", "ResponsePolicyRule", true, "rule_index source destination"},
	{12, "ikepolicy, answered", "ResponseIkePolicy", true, ikeParameters},
	{13, "dpd, answered", "ResponseDpd", true, "timeout interval msg"},
	{14, "ipsecpolicy, answered", "ResponseIpsecPolicy", true, ipsecParameters},
	{15, "tags, answered", "ResponseVpnResourceTag", true, "key value"},
}

const (
	ikeParameters = "ike_version phase1_negotiation_mode authentication_algorithm encryption_algorithm dh_group authentication_method " +
		"lifetime_seconds local_id_type local_id peer_id_type peer_id dpd"
	ipsecParameters = "authentication_algorithm encryption_algorithm pfs transform_protocol lifetime_seconds encapsulation_mode"
)

// table is a table of the page. The parameters are here so that the map shows
// those that no case is about.
type table struct {
	number     int
	title      string
	schema     string // of the rules; the path has none of its own
	answered   bool   // by the target
	parameters string // by blanks
}

// answerTables says which table lists the members of an object of the answer.
var answerTables = map[string]int{
	"": 9, "vpn_connection": 10, "vpn_connection/policy_rules": 11, "vpn_connection/ikepolicy": 12,
	"vpn_connection/ikepolicy/dpd": 13, "vpn_connection/ipsecpolicy": 14, "vpn_connection/tags": 15,
}
