package reader

import (
	"slices"
	"strconv"
	"strings"
)

// Violation is a rule that a value breaks.
type Violation struct {
	// Pointer is the JSON Pointer (RFC 6901) of the value in the body that breaks the rule; of a member that is
	// missing, its own. Where it would have more than 1,024 bytes, it is that of an object or a list around the value.
	// Of a parameter it is the place and the name, path/id, query/limit or header/X-Key, and behind them the number
	// of the item if it is a list.
	Pointer string

	// Rule is the permanent id of the rule, as the document gives it, or one of the Rule constants.
	Rule string

	// Message says what the rule asks. It never holds the value, which may be a secret.
	Message string
}

// Violations are the rules that a value breaks, in the order in which the value is written; nil when it breaks none.
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

// MaxViolations is how many violations of a value are listed. If there are more, one of [RuleMore] follows them.
const MaxViolations = 100

// The rules that every request is held to, whatever the document says.
const (
	RuleSyntax    = "json.syntax"        // the body is JSON, as RFC 8259 defines it; nothing behind the mistake is read
	RuleUTF8      = "json.utf8"          // a text is valid UTF-8, and its escapes are valid UTF-16
	RuleDuplicate = "json.duplicate"     // an object has no member twice
	RuleTrailing  = "json.trailing"      // nothing follows the value
	RuleDepth     = "json.depth"         // objects and lists nest at most 64 deep; nothing behind is read
	RuleSize      = "json.size"          // the body has at most MaxBody bytes; nothing is read of a larger one
	RuleRepeated  = "parameter.repeated" // a parameter that is no list is sent once
	RuleQuery     = "parameter.query"    // the query is percent-encoded
	RuleMore      = "json.more"          // no rule: there are more violations than are listed
)

// findings gathers violations.
type findings struct {
	found  []Violation
	more   int  // how many were found beyond those
	closed bool // nothing more is to be found
}

// add takes a violation of the value itself.
func (f *findings) add(rule, message string) { f.addAt("", rule, message) }

// addAt takes a violation at a place below the value.
func (f *findings) addAt(pointer, rule, message string) {
	switch {
	case f.closed:
	case len(f.found) == MaxViolations:
		f.more++
	default:
		f.found = append(f.found, Violation{pointer, rule, message})
	}
}

// insert takes a violation of the value itself that goes before those found since the mark.
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

// close takes the violation that ends the search.
func (f *findings) close(rule, message string) {
	f.add(rule, message)
	f.closed = true
}

// within puts the name of a member before the pointers of what was found in it, since the mark. It returns the next
// mark.
func (f *findings) within(mark int, name string) int {
	if len(f.found) > mark {
		f.prefix(mark, "/"+escaper.Replace(name))
	}
	return len(f.found)
}

// withinItem does what within does for the item of a list.
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

// spoiled reports whether something that a rule reads is not as its schema asks: a rule over a single member is broken
// there or around it, as found since the mark. The pointers are relative to the object, with * for any item.
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

// leads reports whether a pointer is that of a value around what a rule reads, or of that itself.
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

// cutToken takes the first token off a pointer.
func cutToken(pointer string) (token, rest string) {
	if i := strings.IndexByte(pointer[1:], '/'); i >= 0 {
		return pointer[1 : i+1], pointer[i+1:]
	}
	return pointer[1:], ""
}

// settle drops the rules over several members that were found since the mark, if the value around them all is not as
// its schema asks.
func (f *findings) settle(mark int) {
	found := f.found[mark:]
	if slices.ContainsFunc(found, func(v Violation) bool { return v.Pointer == "" && !isCrossField(v.Rule) }) {
		f.found = append(f.found[:mark], slices.DeleteFunc(found, func(v Violation) bool { return isCrossField(v.Rule) })...)
	}
}

// result returns what was found.
func (f *findings) result() Violations {
	if f.more > 0 {
		return append(f.found, Violation{"", RuleMore, strconv.Itoa(f.more) + " more violations are not listed"})
	}
	return f.found
}

// escaper writes a name as a token of a JSON Pointer.
var escaper = strings.NewReplacer("~", "~0", "/", "~1")
