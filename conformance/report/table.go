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
	OfParameters = "parameters" // values that are sent beside the body
	OfRequest    = "request"    // an object that is sent
	OfAnswer     = "answer"     // an object that is answered
	OfExchange   = "exchange"   // rules of an operation for whole answers
)

// Table is a table of the document. A report has the tables so that its coverage map also
// shows the members that no case is about.
type Table struct {
	Kind  string `json:"kind"`
	Name  string `json:"name"` // the ids of its rules begin with it: IkePolicy
	Title string `json:"title"`

	// Source is the beginning of its members' citations: Table 5. It is empty if the
	// document cites no table.
	Source string `json:"source,omitempty"`

	// Places are the places of its object in bodies; none for parameters and whole
	// answers.
	Places []TablePlace `json:"places,omitempty"`

	// Members are the names of the members, in the order of the document; the ids of
	// rules in a table of whole answers.
	Members []string `json:"members,omitempty"`
}

// TablePlace is a place of an object in the bodies of an operation.
type TablePlace struct {
	Operation string `json:"operation"`
	Status    string `json:"status,omitempty"` // of the answer: 200, 4XX or default; empty for the request
	Pointer   string `json:"pointer"`          // JSON Pointer; * is any item of an array, or any value of a map
}

// isOfAnswer reports whether a table is about answers.
func (t Table) isOfAnswer() bool { return t.Kind == OfAnswer || t.Kind == OfExchange }

// member is the member that the rest of a rule's id begins with, behind the name of the
// table; empty if there is none.
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

// member is the place of a member of the object at a place.
func (p bodyPlace) member(name string) bodyPlace {
	p.pointer += "/" + match.Escape(name)
	return p
}

// place is a member of a table; an empty name is the whole table.
type place struct {
	table int
	name  string
}

// index finds the place of a rule, a citation or a pointer.
type index struct {
	tables     []Table
	members    []map[string]bool  // of each table
	objects    map[bodyPlace]int  // tables, by the places of their objects
	ways       map[bodyPlace]bool // the places of objects, and all places on the way to them
	rules      map[string]place   // places of the rules of whole answers
	operations map[string]bool
	only       string // the operation, if there is only one
}

// newIndex indexes tables.
func newIndex(tables []Table) *index {
	x := &index{
		tables: tables, members: make([]map[string]bool, len(tables)), objects: map[bodyPlace]int{}, ways: map[bodyPlace]bool{},
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
			for x.ways[at] = true; strings.Contains(at.pointer, "/"); x.ways[at] = true {
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

// operation is the operation of a case. Ids begin with it if there are several.
func (x *index) operation(id string) string {
	if first, _, _ := strings.Cut(id, "/"); x.only == "" && x.operations[first] {
		return first
	}
	return x.only
}

// answer is the place of the body of an answer.
func (x *index) answer(operation string, status int) (bodyPlace, bool) {
	for _, documented := range []string{strconv.Itoa(status), fmt.Sprintf("%dXX", status/100), "default"} {
		if at := (bodyPlace{operation: operation, status: documented}); x.ways[at] {
			return at, true
		}
	}
	return bodyPlace{}, false
}

// step returns the place of a value inside another, and whether objects may be there.
func (x *index) step(at bodyPlace, segment string) (bodyPlace, bool) {
	if i, ok := x.objects[at]; ok && x.members[i][segment] {
		return at.member(segment), true
	}
	return at.member("*"), x.ways[at.member("*")]
}

// find returns the last member of an object on the way of a JSON Pointer into a body.
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

// findRule finds the place of a rule of a parameter or an object. Of several tables whose
// name begins the id it takes the one with the longest name, then one that has the
// member, then the first: a rule of an object that is both sent and answered is about the
// request.
func (x *index) findRule(rule string) (place, bool) {
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

// findCitation finds the place that a citation names, in the tables about requests or
// about answers.
func (x *index) findCitation(source string, answered bool) (found place, ok bool) {
	head, name, _ := strings.Cut(source, ", ")
	for i, t := range x.tables {
		if head != "" && t.Source == head && t.isOfAnswer() == answered && (!ok || x.members[i][name] && !x.members[found.table][found.name]) {
			found, ok = place{i, name}, true
		}
	}
	return found, ok
}

// findCase finds the place that a case is about. Its citation is more exact than its rule,
// unless the citation names a table of the other side, or no member.
func (x *index) findCase(r Result) (place, bool) {
	if at, ok := x.rules[r.Rule]; ok {
		return at, true
	}
	at, ruled := x.findRule(r.Rule)
	if ruled {
		if cited, ok := x.findCitation(r.Source, x.tables[at.table].isOfAnswer()); ok && (cited.name != "" || cited.table != at.table) {
			return cited, true
		}
		return at, true
	}
	for _, answered := range []bool{false, true} {
		if cited, ok := x.findCitation(r.Source, answered); ok {
			return cited, true
		}
	}
	return x.find(bodyPlace{operation: x.operation(r.Case)}, r.Member)
}

// findDifference finds the member of an answer at which a case has a difference.
func (x *index) findDifference(r Result, d Difference) (place, bool) {
	operation := x.operation(r.Case)
	pointer, inBody := strings.CutPrefix(d.Pointer, "/body/")
	for _, e := range slices.Backward(r.Tested()) {
		if start, ok := x.answer(operation, e.Status); ok && inBody {
			if at, found := x.find(start, pointer); found {
				return at, true
			}
		}
	}
	if at, ok := x.findRule(d.Rule); ok && x.tables[at.table].Kind == OfAnswer {
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
	return x.findCitation(d.Source, true)
}
