package conformance_test

import (
	"slices"
	"testing"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/report"
)

// lacking is an implementation that does not support one thing that the page
// names. It does not conform, and only the cases about that thing say so.
type lacking struct {
	name   string
	source string // where the page names the thing
	blame  func(sent object) string
}

// without lacks a value of a member of ikepolicy or ipsecpolicy.
func without(policy, member, value, source string) lacking {
	return lacking{name: policy + "-" + member + "-" + value, source: source, blame: func(sent object) string {
		return blame(member, inner(sent, policy)[member] == value)
	}}
}

// withoutMember lacks a member.
func withoutMember(member, source string) lacking {
	return lacking{name: member, source: source, blame: func(sent object) string { return blame(member, sent[member] != nil) }}
}

// lackingRows are what an implementation may not support.
func lackingRows() []lacking {
	const ike, ipsec = "ikepolicy", "ipsecpolicy"
	return []lacking{
		{name: "fqdn", source: "Table 5, local_id_type and peer_id_type", blame: func(sent object) string {
			if inner(sent, ike)["local_id_type"] == "fqdn" {
				return "local_id_type"
			}
			return blame("peer_id_type", inner(sent, ike)["peer_id_type"] == "fqdn")
		}},
		without(ike, "ike_version", "v1", "Table 12, ike_version"),
		without(ike, "authentication_algorithm", "sha1", "Table 12, authentication_algorithm"),
		without(ike, "authentication_algorithm", "md5", "Table 12, authentication_algorithm"),
		without(ike, "authentication_algorithm", "sha2-512", "Table 12, authentication_algorithm"),
		without(ike, "encryption_algorithm", "3des", "Table 12, encryption_algorithm"),
		without(ike, "encryption_algorithm", "aes-256", "Table 12, encryption_algorithm"),
		without(ike, "dh_group", "group1", "Table 5, dh_group"),
		without(ike, "dh_group", "group16", "Table 5, dh_group"),
		without(ipsec, "encryption_algorithm", "aes-192", "Table 14, encryption_algorithm"),
		without(ipsec, "encryption_algorithm", "aes-256-gcm-16", "Table 14, encryption_algorithm"),
		without(ipsec, "pfs", "disable", "Table 7, pfs"),
		without(ipsec, "pfs", "group16", "Table 7, pfs"),
		withoutMember("tags", "Table 3, tags"),
		withoutMember("ha_role", "Table 3, ha_role"),
		withoutMember("enable_nqa", "Table 3, enable_nqa"),
		withoutMember("name", "Table 3, name"),
		{name: "tunnel-addresses", source: "Table 3, tunnel_local_address", blame: func(sent object) string {
			return blame("tunnel_local_address", sent["tunnel_local_address"] != nil || sent["tunnel_peer_address"] != nil)
		}},
		{name: "dpd", source: "Table 5, dpd", blame: func(sent object) string { return blame("dpd", inner(sent, ike)["dpd"] != nil) }},
	}
}

// TestLacking bounds how many cases one thing that is not supported fails.
func TestLacking(t *testing.T) {
	if lawfulRaced {
		t.Skip("whole runs are counted, and TestLawful has the same code")
	}
	slots := make(chan struct{}, lawfulAtOnce)
	for i, row := range lackingRows() {
		const some = 10
		if testing.Short() && i%some != 0 {
			continue
		}
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			slots <- struct{}{}
			defer func() { <-slots }()
			opts := conformance.Options{Target: serve(t, refusingIf(row.blame)(newReference(t)))}
			if testing.Short() {
				opts.Shard = report.Shard{Part: 1, Of: 4} // every fourth case: of it, as many fail
			}
			r := run(t, opts)
			failed := len(r.Results) - len(slices.DeleteFunc(slices.Clone(r.Results), func(result report.Result) bool { return result.FailsAt("must") }))
			most := len(r.Results) / 10 // a request drawn around another rule may have the thing too
			if r.Verdict() != report.Differs || failed == 0 || failed > most {
				t.Errorf("%s: verdict %d, %d cases fail at must; want that it differs, and at most %d\n%s", row.source, r.Verdict(), failed, most, firstScreen(t, r))
			}
		})
	}
}
