package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/vpnconform/vpnconform/conformance/match"
)

// The kinds of tables.
const (
	OfParameters = "parameters" // what an operation is sent beside the body
	OfRequest    = "request"    // an object that is sent
	OfAnswer     = "answer"     // an object that is answered
	OfExchange   = "exchange"   // what an operation asks of an answer as a whole
)

// Table is what the document lists side by side. A report has the tables so that
// the map of what was tried shows what no case is about, too.
type Table struct {
	Kind  string `json:"kind"`
	Name  string `json:"name"` // with which the ids of its rules begin: IkePolicy
	Title string `json:"title"`

	// Source is what the citations of its members begin with: Table 5. It is empty
	// if the document cites nothing that lists them.
	Source string `json:"source,omitempty"`

	// Places are where its object stands in bodies. Parameters and whole answers have
	// none.
	Places []TablePlace `json:"places,omitempty"`

	// Members are the names, in the order of the document; the ids of the rules, if
	// the table is of whole answers.
	Members []string `json:"members,omitempty"`
}

// TablePlace is where an object stands in the bodies of an operation.
type TablePlace struct {
	Operation string `json:"operation"`
	Status    string `json:"status,omitempty"` // of the answer: 200, 4XX or default; empty for the request
	Pointer   string `json:"pointer"`          // JSON Pointer; * is any item of an array, or any value of a map
}

// answered reports whether a table is of what the target answers.
func (t Table) answered() bool { return t.Kind == OfAnswer || t.Kind == OfExchange }

// member is the one that the rest of a rule's id names first, behind the name of the
// table; empty if it names none.
func (t Table) member(rest string) string {
	found := ""
	for _, name := range t.Members {
		if tail, ok := strings.CutPrefix(rest, name); ok && len(name) > len(found) && (tail == "" || tail[0] == '.' || tail[0] == '-') {
			found = name
		}
	}
	return found
}

// bodyPlace is a place in the bodies of an operation.
type bodyPlace struct{ operation, status, pointer string }

// in is the place of a member of the object at a place.
func (p bodyPlace) in(name string) bodyPlace {
	p.pointer += "/" + match.Escape(name)
	return p
}

// place is a member of a table; an empty name is the whole table.
type place struct {
	table int
	name  string
}

// index finds what a rule, a citation or a place in a body belongs to.
type index struct {
	tables     []Table
	members    []map[string]bool  // of each table
	objects    map[bodyPlace]int  // tables, by the places of their objects
	around     map[bodyPlace]bool // the places of objects, and those on the way there
	rules      map[string]place   // of whole answers
	operations map[string]bool
	only       string // the operation, if there is but one
}

func newIndex(tables []Table) *index {
	x := &index{
		tables: tables, members: make([]map[string]bool, len(tables)), objects: map[bodyPlace]int{}, around: map[bodyPlace]bool{},
		rules: map[string]place{}, operations: map[string]bool{},
	}
	for i, t := range tables {
		x.members[i] = map[string]bool{}
		for _, name := range t.Members {
			x.members[i][name] = true
			if t.Kind == OfExchange {
				x.rules[name] = place{i, name}
			}
		}
		if t.Kind == OfExchange || t.Kind == OfParameters {
			x.operations[t.Name] = true
		}
		for _, p := range t.Places {
			x.operations[p.Operation] = true
			at := bodyPlace{p.Operation, p.Status, p.Pointer}
			x.objects[at] = i
			for x.around[at] = true; strings.Contains(at.pointer, "/"); x.around[at] = true {
				at.pointer = at.pointer[:strings.LastIndexByte(at.pointer, '/')]
			}
		}
	}
	if len(x.operations) == 1 {
		for id := range x.operations {
			x.only = id
		}
	}
	return x
}

// operation is that of a case, whose id begins with it where there are several.
func (x *index) operation(id string) string {
	if first, _, _ := strings.Cut(id, "/"); x.only == "" && x.operations[first] {
		return first
	}
	return x.only
}

// answer is where the body of an answer begins.
func (x *index) answer(operation string, status int) (bodyPlace, bool) {
	for _, documented := range []string{strconv.Itoa(status), fmt.Sprintf("%dXX", status/100), "default"} {
		if at := (bodyPlace{operation: operation, status: documented}); x.around[at] {
			return at, true
		}
	}
	return bodyPlace{}, false
}

// step goes from the place of a value to that of one inside it, as far as there
// are objects.
func (x *index) step(at bodyPlace, segment string) (bodyPlace, bool) {
	if i, ok := x.objects[at]; ok && x.members[i][segment] {
		return at.in(segment), true
	}
	return at.in("*"), x.around[at.in("*")]
}

// find returns the last member of an object that a JSON Pointer into a body leads to.
func (x *index) find(at bodyPlace, pointer string) (found place, ok bool) {
	for token := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		name, inside := match.Unescape(token), false
		if i, object := x.objects[at]; object && x.members[i][name] {
			found, ok = place{i, name}, true
		}
		if at, inside = x.step(at, name); !inside {
			break
		}
	}
	return found, ok
}

// ruled finds the place of a rule of a parameter or an object. Of several tables whose
// name its id begins with, that with the longest is taken, then one that has the
// member, then the first: a rule of an object that is both sent and answered is
// about the request.
func (x *index) ruled(rule string) (place, bool) {
	found, length := place{}, -1
	for i, t := range x.tables {
		rest, ok := strings.CutPrefix(rule, t.Name+".")
		if !ok || t.Kind == OfExchange {
			continue
		}
		name := t.member(rest)
		if n := 2*len(t.Name) + min(len(name), 1); n > length && (name != "" || t.Kind != OfParameters) {
			found, length = place{i, name}, n
		}
	}
	return found, length >= 0
}

// cited finds the place that a citation names, in the tables of what is sent or of
// what is answered.
func (x *index) cited(source string, answered bool) (found place, ok bool) {
	head, name, _ := strings.Cut(source, ", ")
	for i, t := range x.tables {
		if head != "" && t.Source == head && t.answered() == answered && (!ok || x.members[i][name] && !x.members[found.table][found.name]) {
			found, ok = place{i, name}, true
		}
	}
	return found, ok
}

// ofCase finds what a case is about. Its citation is more exact than its rule, unless
// it names a table of the other side, or none of its members.
func (x *index) ofCase(r Result) (place, bool) {
	if at, ok := x.rules[r.Rule]; ok {
		return at, true
	}
	at, ruled := x.ruled(r.Rule)
	if ruled {
		if cited, ok := x.cited(r.Source, x.tables[at.table].answered()); ok && (cited.name != "" || cited.table != at.table) {
			return cited, true
		}
		return at, true
	}
	for _, answered := range []bool{false, true} {
		if cited, ok := x.cited(r.Source, answered); ok {
			return cited, true
		}
	}
	return x.find(bodyPlace{operation: x.operation(r.Case)}, r.Member)
}

// ofDifference finds the member of an answer that a difference of a case is at.
func (x *index) ofDifference(r Result, d Difference) (place, bool) {
	operation := x.operation(r.Case)
	pointer, inBody := strings.CutPrefix(d.Pointer, "/body/")
	for _, e := range slices.Backward(r.Tested()) {
		if start, ok := x.answer(operation, e.Status); ok && inBody {
			if at, found := x.find(start, pointer); found {
				return at, true
			}
		}
	}
	if at, ok := x.ruled(d.Rule); ok && x.tables[at.table].Kind == OfAnswer {
		return at, true
	}
	if inBody {
		for _, t := range x.tables {
			for _, p := range t.Places {
				if p.Operation == operation && p.Status != "" && p.Pointer == "" {
					if at, found := x.find(bodyPlace{operation, p.Status, ""}, pointer); found {
						return at, true
					}
				}
			}
		}
	}
	return x.cited(d.Source, true)
}
