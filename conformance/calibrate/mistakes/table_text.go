package mistakes

import (
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Citations that come more than once.
const (
	nameSource  = "Table 3, name: 1 to 64 digits, letters, underscores, hyphens and periods"
	keySource   = "Table 8, key: 1 to 128 characters, and which"
	valueSource = "Table 8, value: 0 to 255 characters, and which"
	idSource    = `Table 5, local_id: a maximum of 255 characters, all but & < > [ ] \ and spaces`
	peerSource  = `Table 5, peer_id: a maximum of 255 characters, all but & < > [ ] \ and spaces`
	pskSource   = "Table 3, psk: 8 to 128 characters, and the special characters"
)

// not reports what a form does not match.
func not(form string) func(string) bool {
	r := regexp.MustCompile(form)
	return func(s string) bool { return !r.MatchString(s) }
}

// matching reports what a form matches.
func matching(form string) func(string) bool {
	return regexp.MustCompile(form).MatchString
}

// number reports whether a text would be read as a number.
func number(s string) bool {
	_, err := strconv.ParseFloat(s, 64)
	return err == nil
}

// word reports whether a text would be read as a boolean or null.
func word(s string) bool {
	return slices.Contains([]string{"true", "false", "null", "yes", "no", "on", "off", "nil", "none"}, strings.ToLower(s))
}

// address reports whether a text is an IP address.
func address(s string) bool {
	_, err := netip.ParseAddr(s)
	return err == nil
}

// nameMistakes take more or fewer names than the page.
func nameMistakes() []Mistake {
	const kind = "text"
	refused := func(name string, bad func(string) bool) Mistake {
		return turnsDownText(kind, name, must, nameSource, "name", bad)
	}
	return []Mistake{
		refused("name-not-beginning-with-digit", matching(`^[0-9]`)),
		refused("name-not-beginning-with-hyphen", matching(`^-`)),
		refused("name-not-beginning-with-dot", matching(`^\.`)),
		refused("name-not-beginning-with-underscore", matching(`^_`)),
		refused("name-not-ending-with-dot", matching(`\.$`)),
		refused("name-not-ending-with-hyphen", matching(`-$`)),
		refused("name-ending-with-letter-or-digit", not(`[0-9A-Za-z]$`)),
		refused("name-not-digits-only", matching(`^[0-9]+$`)),
		refused("name-not-like-a-number", number),
		refused("name-not-like-a-word-of-json", word),
		refused("name-not-like-an-address", address),
		refused("name-not-two-dots", matching(`\.\.`)),
		refused("name-not-two-hyphens", matching(`--`)),
		refused("name-without-z", matching(`z`)),
		refused("name-without-Z", matching(`Z`)),
		refused("name-without-zero", matching(`0`)),
		refused("name-without-A", matching(`A`)),
		refused("name-no-upper-case-first", matching(`^[A-Z]`)),
		refused("name-no-underscore-in-the-middle", matching(`[^_]_[^_]`)),
		refused("name-not-punctuation-only", not(`[0-9A-Za-z]`)),
		admit(kind, "name-with-line-feed-behind", nameChars, func(v Violation) bool { return nameForm.MatchString(ended(v.text())) }),
		admit(kind, "name-with-blank-behind", nameChars, func(v Violation) bool { return nameForm.MatchString(strings.TrimRight(v.text(), " ")) }),
		admit(kind, "name-with-blank-inside", nameChars, like(`^[0-9A-Za-z_. -]*$`)),
		admit(kind, "name-with-slash", nameChars, like(`^[0-9A-Za-z_./-]*$`)),
		admit(kind, "name-with-colon", nameChars, like(`^[0-9A-Za-z_.:-]*$`)),
		admit(kind, "name-range-from-plus-to-dot", nameChars, like(`^[0-9A-Za-z_+,.-]*$`)),
		admit(kind, "name-range-from-A-to-z", nameChars, like(`^[0-9A-z.-]*$`)),
		admit(kind, "name-only-first-character-checked", nameChars, like(`^[0-9A-Za-z_.-]`)),
		admit(kind, "name-last-character-not-checked", nameChars, like(`^[0-9A-Za-z_.-]*[^0-9A-Za-z_.-][\n]?$`)),
		admit(kind, "name-first-character-not-checked", nameChars, like(`^[ -~][0-9A-Za-z_.-]*$`)),
	}
}

// textMistakes take more or fewer tags, identifiers and keys than the page.
func textMistakes() []Mistake {
	const kind = "text"
	refused := func(name, source, member string, bad func(string) bool) Mistake {
		return turnsDownText(kind, name, must, source, member, bad)
	}
	const key, value, local, peer = "tags.key", "tags.value", "ikepolicy.local_id", "ikepolicy.peer_id"
	bytesOver := func(n int) func(string) bool {
		return func(s string) bool { return len(s) > n && utf8.RuneCountInString(s) <= n }
	}
	decomposed := func(n int) func(string) bool {
		return func(s string) bool { return utf8.RuneCountInString(decompose(s)) > n }
	}
	// No source says what a character is: that an accented letter is one is
	// what everybody would say who reads the page.
	unit := func(name, source, member string, bad func(string) bool) Mistake {
		return turnsDownText(kind, name, should, source, member, bad)
	}
	return []Mistake{
		unit("tag-key-length-in-bytes", keySource, key, bytesOver(128)),
		unit("tag-value-length-in-bytes", valueSource, value, bytesOver(255)),
		unit("tag-value-length-decomposed", valueSource, value, decomposed(255)),
		refused("tag-value-not-empty", valueSource, value, func(s string) bool { return s == "" }),
		refused("tag-value-not-like-a-number", valueSource, value, number),
		refused("tag-value-not-like-a-word-of-json", valueSource, value, word),
		refused("tag-value-not-like-an-address", valueSource, value, address),
		refused("tag-value-not-like-an-email", valueSource, value, matching(`^[^@]+@[^@]+\.[^@]+$`)),
		refused("tag-value-no-double-blank", valueSource, value, matching(`  `)),
		refused("tag-value-not-beginning-with-plus", valueSource, value, matching(`^\+`)),
		refused("tag-value-not-beginning-with-equals", valueSource, value, matching(`^=`)),
		refused("tag-value-not-beginning-with-at", valueSource, value, matching(`^@`)),
		refused("tag-value-no-u-diaeresis", valueSource, value, matching(`[üÜ]`)),
		refused("tag-value-no-upper-enye", valueSource, value, matching(`Ñ`)),
		refused("tag-value-ascii-only", valueSource, value, matching(`[^ -~]`)),
		refused("tag-key-no-tilde-vowels", keySource, key, matching(`[ãõÃÕ]`)),
		refused("tag-key-not-beginning-with-digit", keySource, key, matching(`^[0-9]`)),
		refused("tag-key-not-digits-only", keySource, key, matching(`^[0-9]+$`)),
		refused("tag-key-no-colon", keySource, key, matching(`:`)),
		refused("tag-key-no-inner-blank", keySource, key, matching(`[^ ] [^ ]`)),
		refused("tag-key-begins-with-letter", keySource, key, not(`^[A-Za-zÀ-ü]`)),
		refused("local-id-at-most-253", idSource, local, func(s string) bool { return len(s) > 253 }),
		refused("local-id-labels-at-most-63", idSource, local, func(s string) bool {
			return slices.ContainsFunc(strings.Split(s, "."), func(label string) bool { return len(label) > 63 })
		}),
		refused("local-id-not-digits-only", idSource, local, matching(`^[0-9]+$`)),
		refused("local-id-not-like-an-address", idSource, local, address),
		refused("local-id-not-like-an-email", idSource, local, matching(`^[^@]+@[^@]+$`)),
		refused("local-id-not-beginning-with-hyphen", idSource, local, matching(`^-`)),
		refused("local-id-no-underscore", idSource, local, matching(`_`)),
		refused("local-id-no-quotes", idSource, local, matching("[\"'`]")),
		refused("local-id-no-percent", idSource, local, matching(`%`)),
		refused("local-id-no-braces", idSource, local, matching(`[{}|]`)),
		refused("peer-id-no-upper-case", peerSource, peer, matching(`[A-Z]`)),
		refused("peer-id-not-like-a-word-of-json", peerSource, peer, word),
		refused("peer-id-no-tilde", peerSource, peer, matching(`~`)),
		refused("peer-id-not-ending-with-dot", peerSource, peer, matching(`\.$`)),
		atShould(refused("psk-not-beginning-with-digit", pskSource, "psk", matching(`^[0-9]`))),
		atShould(refused("psk-not-beginning-with-special", pskSource, "psk", not(`^[0-9A-Za-z]`))),
		refused("psk-no-braces", pskSource, "psk", matching(`[{}]`)),
		refused("psk-no-semicolon", pskSource, "psk", matching(`;`)),
		refused("psk-no-comma", pskSource, "psk", matching(`,`)),
		refused("psk-no-percent", pskSource, "psk", matching(`%`)),
		refused("psk-no-z", pskSource, "psk", matching(`[zZ9]`)),
		refused("psk-at-most-100", pskSource, "psk", func(s string) bool { return len(s) > 100 }),
		refused("psk-all-four-classes", pskSource, "psk", func(s string) bool { return classes(s) < 4 }),
		refused("psk-digit-needed", pskSource, "psk", not(`[0-9]`)),
		admit(kind, "psk-with-line-feed-behind", "psk.chars", func(v Violation) bool { return pskForm.MatchString(ended(v.text())) }),
		admit(kind, "local-id-with-ampersand", localChars, like(`^[^<>\[\]\\ ]*$`)),
		admit(kind, "local-id-with-closing-bracket", localChars, like(`^[^&<>\[\\ ]*$`)),
		admit(kind, "local-id-blank-at-end", localChars, func(v Violation) bool { return idForm.MatchString(strings.TrimSpace(v.text())) }),
		admit(kind, "peer-id-with-backslash", peerChars, like(`^[^&<>\[\] ]*$`)),
		admit(kind, "peer-id-first-character-not-checked", peerChars, func(v Violation) bool { return idForm.MatchString(v.text()[1:]) }),
		admit(kind, "tag-key-with-star", keyChars, func(v Violation) bool { return tagForm.MatchString(strings.ReplaceAll(v.text(), "*", "")) }),
		admit(kind, "tag-key-range-from-plus-to-at", keyChars, func(v Violation) bool {
			return tagForm.MatchString(regexp.MustCompile(`[+-@]`).ReplaceAllString(v.text(), ""))
		}),
		admit(kind, "tag-value-with-line-feed-behind", valueChars, func(v Violation) bool { return tagForm.MatchString(ended(v.text())) }),
		admit(kind, "tag-value-any-blank", valueChars, func(v Violation) bool {
			return tagForm.MatchString(strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(v.text()))
		}),
		admit(kind, "tag-value-last-character-not-checked", valueChars, func(v Violation) bool {
			_, n := utf8.DecodeLastRuneInString(v.text())
			return tagForm.MatchString(v.text()[:len(v.text())-n])
		}),
	}
}

// decompose writes a letter with a mark as two characters, as the normal form D
// of Unicode does.
func decompose(s string) string {
	return decomposer.Replace(s)
}

var decomposer = strings.NewReplacer(
	"á", "a\u0301", "é", "e\u0301", "í", "i\u0301", "ó", "o\u0301", "ú", "u\u0301",
	"Á", "A\u0301", "É", "E\u0301", "Í", "I\u0301", "Ó", "O\u0301", "Ú", "U\u0301",
	"ã", "a\u0303", "õ", "o\u0303", "Ã", "A\u0303", "Õ", "O\u0303", "ñ", "n\u0303",
	"Ñ", "N\u0303", "â", "a\u0302", "ê", "e\u0302", "ô", "o\u0302", "Â", "A\u0302",
	"Ê", "E\u0302", "Ô", "O\u0302", "à", "a\u0300", "À", "A\u0300", "ç", "c\u0327",
	"Ç", "C\u0327", "ü", "u\u0308", "Ü", "U\u0308",
)
