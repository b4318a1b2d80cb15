package reader

import (
	"slices"
	"strconv"
	"strings"
)

// Violation is a rule that a value breaks.
type Violation struct {
	// Pointer is the JSON Pointer (RFC 6901) of the value in the body that breaks the rule, or of the member that is
	// missing. One of more than 1,024 bytes is replaced by that of an object or a list around the value. For a
	// parameter it is the place and the name, path/id, query/limit or header/X-Key, followed by the number of the item
	// in a list.
	Pointer string

	// Rule is the permanent id of the rule, as the document gives it, or one of the Rule constants.
	Rule string

	// Message says what the rule asks. It never contains the value, which may be a secret.
	Message string
}

// Violations are the rules that a value breaks, in the order of the value; nil if it breaks none.
type Violations []Violation

// Error returns a line for every violation.
func (v Violations) Error() string {
	lines := make([]string, len(v))
	for i, violation := range v {
		lines[i] = violation.Message
		if violation.Pointer != "" {
			lines[i] = violation.Pointer + ": " + violation.Message
		}
	}
	return strings.Join(lines, "\n")
}

// MaxViolations is the largest number of violations that are listed. If there are more, one of [RuleMore] follows.
const MaxViolations = 100

// The rules of every request, whatever the document says.
const (
	RuleSyntax    = "json.syntax"        // the body is JSON as in RFC 8259; nothing is read after the mistake
	RuleUTF8      = "json.utf8"          // a text is valid UTF-8, and its escapes are valid UTF-16
	RuleDuplicate = "json.duplicate"     // an object has no duplicate member
	RuleTrailing  = "json.trailing"      // nothing follows the value
	RuleDepth     = "json.depth"         // objects and lists nest at most 64 deep; nothing is read after a deeper one
	RuleSize      = "json.size"          // the body has at most MaxBody bytes; a larger one is not read
	RuleRepeated  = "parameter.repeated" // a parameter that is not a list is sent once
	RuleQuery     = "parameter.query"    // the query is percent-encoded
	RuleMore      = "json.more"          // not a rule: there are more violations than are listed
)

// findings gathers violations.
type findings struct {
	found  []Violation
	more   int  // number of violations beyond found
	closed bool // no further violations are taken
}

// add adds a violation of the value itself.
func (f *findings) add(rule, message string) { f.addAt("", rule, message) }

// addAt adds a violation at a place below the value.
func (f *findings) addAt(pointer, rule, message string) {
	switch {
	case f.closed:
	case len(f.found) == MaxViolations:
		f.more++
	default:
		f.found = append(f.found, Violation{pointer, rule, message})
	}
}

// insert adds a violation of the value itself before those found since the mark.
func (f *findings) insert(mark int, rule, message string) {
	if f.closed {
		return
	}
	if len(f.found) == MaxViolations {
		f.more++
		if mark == MaxViolations {
			return
		}
		f.found = f.found[:MaxViolations-1]
	}
	f.found = slices.Insert(f.found, mark, Violation{"", rule, message})
}

// close adds a violation and ends the search for others.
func (f *findings) close(rule, message string) {
	f.add(rule, message)
	f.closed = true
}

// within puts the name of a member before the pointers of the violations since the mark. It returns the next mark.
func (f *findings) within(mark int, name string) int {
	if len(f.found) > mark {
		f.prefix(mark, "/"+escaper.Replace(name))
	}
	return len(f.found)
}

// withinItem does the same with the index of an item.
func (f *findings) withinItem(mark, index int) {
	if len(f.found) > mark {
		f.prefix(mark, "/"+strconv.Itoa(index))
	}
}

func (f *findings) prefix(mark int, token string) {
	const longest = 1024
	for i := range f.found[mark:] {
		v := &f.found[mark+i]
		switch {
		case len(token) > longest:
			v.Pointer = ""
		case len(token)+len(v.Pointer) > longest:
			v.Pointer = token
		default:
			v.Pointer = token + v.Pointer
		}
	}
}

// spoiled reports whether a member that a rule reads breaks its schema: since the mark a rule over a single member was
// broken there or around it. The rule is not judged then, since it would report the same mistake once more. The
// pointers are relative to the object, with * for any item.
func (f *findings) spoiled(mark int, reads ...string) bool {
	for _, v := range f.found[mark:] {
		if isCrossField(v.Rule) {
			continue
		}
		for _, read := range reads {
			if leads(v.Pointer, read) {
				return true
			}
		}
	}
	return false
}

// leads reports whether a pointer is that of a member that a rule reads, or of a value around it.
func leads(pointer, read string) bool {
	for pointer != "" {
		if read == "" {
			return false
		}
		var token, asked string
		token, pointer = cutToken(pointer)
		if asked, read = cutToken(read); token != asked && asked != "*" {
			return false
		}
	}
	return true
}

// cutToken cuts the first token off a pointer.
func cutToken(pointer string) (token, rest string) {
	if i := strings.IndexByte(pointer[1:], '/'); i >= 0 {
		return pointer[1 : i+1], pointer[i+1:]
	}
	return pointer[1:], ""
}

// settle drops the violations of rules over several members since the mark if the value around them breaks a rule of
// its own.
func (f *findings) settle(mark int) {
	found := f.found[mark:]
	if slices.ContainsFunc(found, func(v Violation) bool { return v.Pointer == "" && !isCrossField(v.Rule) }) {
		f.found = append(f.found[:mark], slices.DeleteFunc(found, func(v Violation) bool { return isCrossField(v.Rule) })...)
	}
}

// result returns the violations.
func (f *findings) result() Violations {
	if f.more > 0 {
		return append(f.found, Violation{"", RuleMore, strconv.Itoa(f.more) + " more violations are not listed"})
	}
	return f.found
}

// escaper writes a name as a token of a JSON Pointer.
var escaper = strings.NewReplacer("~", "~0", "/", "~1")
