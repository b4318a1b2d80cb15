package reader

import "strconv"

// MaxBody is the largest number of bytes of a body.
const MaxBody = 12 << 20

// maxDepth is the largest depth of nested objects and lists.
const maxDepth = 64

// reader reads JSON, one value after another.
type reader struct {
	findings
	text      string // the whole input; the strings of the result are parts of it
	at        int    // offset of the next byte
	name      string // of the member whose value comes next
	nameStart int    // offset of the name
	depth     int    // number of open objects and lists
	scratch   []byte // for names with escapes
	comma     bool   // the innermost of them has a value, so a comma or its end comes next
}

// newReader returns a reader of a copy of data.
func newReader(data []byte) reader {
	var r reader
	if len(data) > MaxBody {
		r.close(RuleSize, "the body has at most "+strconv.Itoa(MaxBody)+" bytes")
		return r
	}
	r.text = string(data)
	return r
}

// end returns the violations, after the value was read.
func (r *reader) end() Violations {
	if r.peek(); r.at < len(r.text) {
		r.add(RuleTrailing, "nothing follows the JSON value")
	}
	return r.result()
}

// clean reports whether there is no violation yet. After one the result is not used, and need not be kept.
func (r *reader) clean() bool { return len(r.found) == 0 }

// peek skips blanks and returns the next byte, 0 at the end.
func (r *reader) peek() byte {
	text, i := r.text, r.at
	for i < len(text) {
		c := text[i]
		if c > ' ' || c != ' ' && c != '\n' && c != '\r' && c != '\t' {
			r.at = i
			return c
		}
		i++
	}
	r.at = i
	return 0
}

// malformed ends the reading at malformed JSON.
func (r *reader) malformed() {
	r.close(RuleSyntax, "the body is JSON, and is not at byte "+strconv.Itoa(r.at))
	r.at = len(r.text)
}

// object enters an object. Anything else is skipped and breaks the rule.
func (r *reader) object(rule, message string) bool {
	if r.peek() != '{' {
		r.wrong(rule, message)
		return false
	}
	return r.enter()
}

// array enters a list. Anything else is skipped and breaks the rule.
func (r *reader) array(rule, message string) bool {
	if r.peek() != '[' {
		r.wrong(rule, message)
		return false
	}
	return r.enter()
}

func (r *reader) enter() bool {
	if r.depth == maxDepth {
		r.close(RuleDepth, "objects and lists nest at most "+strconv.Itoa(maxDepth)+" deep")
		r.at = len(r.text)
		return false
	}
	r.at++
	r.depth++
	r.comma = false
	return true
}

func (r *reader) leave() {
	r.at++
	r.depth--
	r.comma = true
}

// wrong skips a value of the wrong type, which breaks the rule.
func (r *reader) wrong(rule, message string) {
	mark := len(r.found)
	r.skip()
	r.insert(mark, rule, message)
}

// member reads the name of the next member. It is false after the last one.
func (r *reader) member() bool {
	for {
		c := r.peek()
		if c == '}' {
			r.leave()
			return false
		}
		if r.comma {
			if c != ',' {
				break
			}
			r.at++
			c = r.peek()
		}
		if c != '"' {
			break
		}
		at := r.at + 1
		name, valid := r.quoted()
		if r.peek() != ':' {
			break
		}
		r.at++
		if r.comma = true; valid {
			r.name, r.nameStart = name, at
			return true
		}
		r.skip() // the name is not valid UTF-8, which is a violation already
	}
	r.malformed()
	return false
}

// item moves to the next item of a list. It is false after the last one.
func (r *reader) item() bool {
	c := r.peek()
	if c == ']' {
		r.leave()
		return false
	}
	ok := true
	if r.comma {
		if ok = c == ','; ok {
			r.at++
			c = r.peek()
			ok = c != ']'
		}
	}
	if !ok || r.at == len(r.text) {
		r.malformed()
		return false
	}
	r.comma = true
	return true
}

// again reports whether a member was seen before, and then skips it.
func (r *reader) again(seen *uint64, bit uint64) bool {
	if *seen&bit != 0 {
		r.twice()
		return true
	}
	*seen |= bit
	return false
}

// twice skips a member that comes for the second time.
func (r *reader) twice() {
	r.add(RuleDuplicate, "no member is written twice")
	r.skip()
}

// unknown skips a member that the document does not name; names holds the unknown members before it.
func (r *reader) unknown(names *names) {
	if !names.add(r) {
		r.twice()
		return
	}
	r.skip()
}

// skip reads a value and keeps nothing of it.
func (r *reader) skip() {
	switch c := r.peek(); c {
	case '{':
		var names names
		if r.enter() {
			for r.member() {
				name, mark := r.name, len(r.found)
				r.unknown(&names)
				r.within(mark, name)
			}
		}
	case '[':
		if r.enter() {
			for i := 0; r.item(); i++ {
				mark := len(r.found)
				r.skip()
				r.withinItem(mark, i)
			}
		}
	case '"':
		r.pass()
	case 't':
		r.word("true")
	case 'f':
		r.word("false")
	case 'n':
		r.word("null")
	default:
		r.literal()
	}
}
