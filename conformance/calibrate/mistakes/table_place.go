package mistakes

// at returns the mistake of overlooking a rule at some places of a list.
func at(kind, name string, when func(Violation) bool, rules ...string) Mistake {
	o := obligations[rules[0]]
	return switched(kind, name, o.level, o.source, Hooks{Ignore: func(_ *Call, v Violation) bool {
		return matches(v.Rule, rules) && when(v)
	}})
}

// Places of a value in its list.
func first(v Violation) bool    { return v.Index == 0 }
func notFirst(v Violation) bool { return v.Index > 0 }
func last(v Violation) bool     { return v.Index == v.Of-1 }
func notLast(v Violation) bool  { return v.Index < v.Of-1 }
func odd(v Violation) bool      { return v.Index%2 == 1 }

// beyond is the n-th place and those that follow it, from 0.
func beyond(n int) func(Violation) bool {
	return func(v Violation) bool { return v.Index >= n }
}

// longer holds in lists of more than n items.
func longer(n int) func(Violation) bool {
	return func(v Violation) bool { return v.Of > n }
}

// placeMistakes enforce a rule at some places of a list alone.
func placeMistakes() []Mistake {
	const kind = "place"
	apart := func(v Violation) bool { return v.Index-v.Outer > 1 }
	notWithFirst := func(v Violation) bool { return v.Outer > 0 }
	inLaterRule := func(v Violation) bool { return v.Outer > 0 }
	return []Mistake{
		at(kind, "reserved-subnets-only-first", notFirst, subnetsReserved),
		at(kind, "reserved-subnets-only-last", notLast, subnetsReserved),
		at(kind, "reserved-subnets-only-even", odd, subnetsReserved),
		at(kind, "reserved-subnets-only-first-ten", beyond(10), subnetsReserved),
		at(kind, "reserved-subnets-all-but-last", allOf(last, longer(1)), subnetsReserved),
		at(kind, "reserved-subnets-all-but-first-of-several", allOf(first, longer(1)), subnetsReserved),
		at(kind, "subnet-blocks-only-first-twenty", beyond(20), subnetsBlock),
		at(kind, "subnet-blocks-only-even", odd, subnetsBlock),
		at(kind, "tag-keys-only-first", notFirst, keyChars),
		at(kind, "tag-keys-missing-all-but-last", allOf(last, longer(1)), keyRequired),
		at(kind, "tag-key-length-only-first-ten", beyond(10), keyLength),
		at(kind, "tag-values-only-even", odd, valueChars),
		at(kind, "tag-value-length-all-but-last", allOf(last, longer(1)), valueLength),
		at(kind, "tag-values-missing-only-first", notFirst, valueRequired),
		at(kind, "destinations-only-first", notFirst, destinationBlock),
		at(kind, "destinations-only-in-first-rule", inLaterRule, destinationBlock),
		at(kind, "destinations-all-but-last", allOf(last, longer(1)), destinationBlock),
		at(kind, "destinations-only-first-ten", beyond(10), destinationBlock),
		at(kind, "destination-count-only-in-first-rule", notFirst, destinationCount),
		at(kind, "source-not-in-last-rule", allOf(last, longer(1)), sourceBlock),
		at(kind, "source-ipv6-only-in-first-rule", notFirst, "policy_rules.source.ipv4"),
		at(kind, "sources-unique-only-neighbours", apart, sourceUnique),
		at(kind, "sources-unique-only-with-first", notWithFirst, sourceUnique),
		at(kind, "indexes-unique-only-neighbours", apart, indexUnique),
		at(kind, "indexes-unique-only-with-first", notWithFirst, indexUnique),
		at(kind, "indexes-unique-not-in-last", allOf(last, longer(2)), indexUnique),
		at(kind, "index-range-only-first-rule", notFirst, indexMax, "policy_rules.rule_index.min"),
	}
}

// allOf holds if all conditions on a violation do.
func allOf(conditions ...func(Violation) bool) func(Violation) bool {
	return func(v Violation) bool {
		for _, holds := range conditions {
			if !holds(v) {
				return false
			}
		}
		return true
	}
}

// shortMistakes enforce a rule in lists of some lengths alone.
func shortMistakes() []Mistake {
	const kind = "short"
	full := func(n int) func(Violation) bool { return func(v Violation) bool { return v.Of >= n } }
	return []Mistake{
		at(kind, "reserved-subnets-only-lists-of-one", longer(1), subnetsReserved),
		at(kind, "reserved-subnets-only-lists-of-two", longer(2), subnetsReserved),
		at(kind, "reserved-subnets-not-in-full-list", full(50), subnetsReserved),
		at(kind, "reserved-subnets-not-in-list-of-one", func(v Violation) bool { return v.Of == 1 }, subnetsReserved),
		at(kind, "tags-only-lists-of-two", longer(2), keyChars, keyLength, keyRequired, valueChars, valueLength, valueRequired),
		at(kind, "tag-values-not-in-full-list", full(20), valueChars, valueLength),
		at(kind, "tag-keys-missing-only-lists-of-one", longer(1), keyRequired),
		at(kind, "sources-unique-only-two-rules", longer(2), sourceUnique),
		at(kind, "indexes-unique-only-two-rules", longer(2), indexUnique),
		at(kind, "indexes-unique-not-five-rules", full(5), indexUnique),
		at(kind, "destinations-only-lists-of-one", longer(1), destinationBlock),
		at(kind, "destinations-not-in-full-list", full(50), destinationBlock),
	}
}
