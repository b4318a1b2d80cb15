package mistakes

import "strings"

// turnsDownBlock refuses blocks of a member that are lawful.
func turnsDownBlock(name, level, source, member string, bad func(block) bool) Mistake {
	return turnsDownText("block", name, level, source, member, func(s string) bool {
		b, ok := parseBlock(s)
		return ok && bad(b)
	})
}

// privateBlock reports whether a block is for private use (RFC 1918).
func privateBlock(b block) bool {
	for _, text := range []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"} {
		if p := mustBlock(text); p.contains(b.address) && b.bits >= p.bits {
			return true
		}
	}
	return false
}

// blockMistakes take more or fewer blocks than the page.
func blockMistakes() []Mistake {
	const kind = "block"
	const subnets, source, destination = "peer_subnets", "policy_rules.source", "policy_rules.destination"
	const subnetsSource = "Table 3, peer_subnets: all but reserved blocks can be used"
	const ruleSource, destinationSource = "Table 4, source: a source CIDR block", "Table 11, destination: a destination CIDR block"
	const tunnelSource = "Table 3, tunnel_local_address: any host address of 169.254.0.0/16 but 169.254.195.xxx"
	size := func(low, high int) func(block) bool {
		return func(b block) bool { return b.bits < low || b.bits > high }
	}
	bits := func(n int) func(block) bool {
		return func(b block) bool { return b.bits == n }
	}
	begins := func(prefix string) func(block) bool {
		return func(b block) bool { return strings.HasPrefix(b.String(), prefix) }
	}
	either := func(name string, bad func(block) bool) Mistake {
		return turnsDown(kind, name, must, tunnelSource, "tunnel_local_address", func(c *Call) bool {
			b, ok := parseBlock(c.Fields.word("tunnel_local_address", ""))
			return ok && bad(b)
		})
	}
	let := func(name string, lets func(block) bool) Mistake {
		return admit(kind, name, subnetsReserved, func(v Violation) bool {
			b, ok := parseBlock(v.text())
			return ok && lets(b)
		})
	}
	return []Mistake{
		turnsDownBlock("subnets-only-private", should, subnetsSource, subnets, func(b block) bool { return !privateBlock(b) }),
		turnsDownBlock("subnets-only-24", should, subnetsSource, subnets, size(24, 24)),
		turnsDownBlock("subnets-only-16-to-28", should, subnetsSource, subnets, size(16, 28)),
		turnsDownBlock("subnets-no-32", should, subnetsSource, subnets, bits(32)),
		turnsDownBlock("subnets-no-31", should, subnetsSource, subnets, bits(31)),
		turnsDownBlock("subnets-at-least-8", should, subnetsSource, subnets, size(8, 32)),
		turnsDownBlock("subnets-none-beginning-with-100", should, subnetsSource, subnets, begins("100.")),
		turnsDownBlock("sources-only-private", must, ruleSource, source, func(b block) bool { return !privateBlock(b) }),
		turnsDownBlock("sources-not-any", should, "OTC-UMN, source: 0.0.0.0/0 stands for any", source, bits(0)),
		turnsDownBlock("sources-no-32", must, ruleSource, source, bits(32)),
		turnsDownBlock("sources-at-least-8", should, ruleSource, source, size(8, 32)),
		turnsDownBlock("sources-at-most-28", must, ruleSource, source, size(0, 28)),
		turnsDownBlock("destinations-only-private", should, destinationSource, destination, func(b block) bool { return !privateBlock(b) }),
		turnsDownBlock("destinations-only-24", should, destinationSource, destination, size(24, 24)),
		turnsDownBlock("destinations-no-31-and-32", should, destinationSource, destination, size(0, 30)),
		let("reserved-100-only-first-16", func(b block) bool {
			return !b.overlaps(reserved214) && !b.overlaps(mustBlock("100.64.0.0/16"))
		}),
		let("reserved-100-only-first-12", func(b block) bool {
			return !b.overlaps(reserved214) && !b.overlaps(mustBlock("100.64.0.0/12"))
		}),
		let("reserved-only-as-printed", func(b block) bool { return b != reserved100 && b != reserved214 }),
		let("reserved-only-whole-24", func(b block) bool { return b.bits > 24 }),
		let("reserved-214-only-first-16", func(b block) bool {
			return !b.overlaps(reserved100) && !b.overlaps(mustBlock("214.0.0.0/16"))
		}),
		let("reserved-214-not-checked", func(b block) bool { return !b.overlaps(reserved100) }),
		either("tunnel-reserved-is-a-23", mustBlock("169.254.194.0/23").overlaps),
		either("tunnel-not-in-first-24", mustBlock("169.254.0.0/24").overlaps),
		either("tunnel-not-in-last-24", mustBlock("169.254.255.0/24").overlaps),
		either("tunnel-local-is-the-lower", func(b block) bool { return b.address&3 == 2 }),
		either("tunnel-local-is-the-higher", func(b block) bool { return b.address&3 == 1 }),
		tunnelLets("tunnel-range-only-first-byte", "range", begins("169.")),
		tunnelLets("tunnel-range-as-text", "range", begins("169.25")),
		tunnelLets("tunnel-range-is-a-15", "range", mustBlock("169.254.0.0/15").overlaps),
		tunnelLets("tunnel-mask-at-least-30", "mask", func(b block) bool { return b.bits > 30 }),
		tunnelLets("tunnel-mask-at-most-30", "mask", func(b block) bool { return b.bits < 30 }),
		tunnelLets("tunnel-host-only-not-network", "host", func(b block) bool { return b.address&3 == 3 }),
		tunnelLets("tunnel-host-only-not-broadcast", "host", func(b block) bool { return b.address&3 == 0 }),
		tunnelLets("tunnel-host-of-a-24", "host", func(b block) bool { return b.address&255 != 0 && b.address&255 != 255 }),
		tunnelLets("tunnel-reserved-only-first-host", "reserved", func(b block) bool { return b.address&255 > 2 }),
		tunnelLets("tunnel-pair-of-a-29", "pair", func(block) bool { return false }),
	}
}

// tunnelLets lets an address through that one aspect forbids, at either end. A
// pair is let through if it lies in one /29 block.
func tunnelLets(name, aspect string, lets func(block) bool) Mistake {
	rules := tunnelRules(aspect)
	if aspect == "pair" {
		rules = rules[1:]
	}
	o := obligations[rules[0]]
	return switched("block", name, o.level, o.source, Hooks{Ignore: func(c *Call, v Violation) bool {
		if !matches(v.Rule, rules) {
			return false
		}
		b, ok := parseBlock(v.text())
		if aspect == "pair" {
			other, _ := parseBlock(c.Fields.word("tunnel_local_address", ""))
			return b.address>>3 == other.address>>3
		}
		return ok && lets(b)
	}})
}
