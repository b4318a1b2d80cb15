package suite

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/vpnconform/vpnconform/openapi"
)

//go:embed requirements/2024.golden
var required string

// Required returns the ids of the cases that a released suite of the document has, in
// its order; none for a document other than the embedded one. The file is named after
// the page's edition.
func (s *Suite) Required() []string {
	if !s.released {
		return nil
	}
	return slices.Clone(requiredIDs())
}

// requiredIDs are the ids of the embedded document's cases, read once. Callers must not
// change them.
var requiredIDs = sync.OnceValue(func() []string { return strings.Fields(required) })

//go:embed requirements/calibration.json
var calibration []byte

// Figures say how the suite fared against servers that do nothing, and against deliberate
// faults.
type Figures struct {
	Cases       int    `json:"cases"`        // of the suite
	NullServers int    `json:"null_servers"` // that were tried
	NullScore   int    `json:"null_score"`   // the most cases that any of them passes
	Faults      int    `json:"faults"`
	Killed      int    `json:"killed"`     // noticed by a named case
	Equivalent  int    `json:"equivalent"` // that nobody could notice, or that the page allows
	Command     string `json:"command"`    // that repeats it
}

// Calibration returns how the suite was measured when it was released, and whether it
// was.
func (s *Suite) Calibration() (Figures, bool) {
	if !s.released {
		return Figures{}, false
	}
	return loadFigures()
}

// loadFigures reads the figures once. Figures of a suite with another number of cases
// do not count.
var loadFigures = sync.OnceValues(func() (Figures, bool) {
	var f Figures
	err := json.Unmarshal(calibration, &f)
	return f, err == nil && f.Cases == len(requiredIDs())
})

// Lint returns all faults of the suite, each as the id of a case or a rule and a
// sentence: an accepted case that breaks a rule; a refused one that breaks another rule
// than its own, or has no accepted twin; a rule that lacks a case from a side that needs
// one; an id that comes twice; a citation or an erratum that does not exist; a required
// case that is missing.
func (s *Suite) Lint() ([]string, error) {
	errata, err := openapi.LoadErrata()
	if err != nil {
		return nil, err
	}
	l := linter{suite: s, ids: map[string]int{}, first: map[string]*Case{}, errata: map[string]bool{}, sides: map[*openapi.Rule]map[bool]bool{}}
	for _, e := range errata {
		l.errata[e.ID] = true
	}
	for i, c := range s.Cases {
		if l.ids[c.ID]++; l.first[c.ID] == nil {
			l.first[c.ID] = &s.Cases[i]
		}
	}
	for _, c := range s.Cases {
		l.checkText(c)
		if c.Duty {
			continue
		}
		l.checkRequest(c)
		l.checkTwin(c)
		if c.Rule != nil && !c.Open {
			if l.sides[c.Rule] == nil {
				l.sides[c.Rule] = map[bool]bool{}
			}
			l.sides[c.Rule][c.Accepted()] = true
		}
	}
	l.checkRules()
	for _, id := range s.Required() {
		if l.ids[id] == 0 {
			l.addFault(id, "the case is required and is not there")
		}
	}
	return l.faults, nil
}

// linter collects the faults of a suite.
type linter struct {
	suite  *Suite
	ids    map[string]int
	first  map[string]*Case // by id
	errata map[string]bool
	sides  map[*openapi.Rule]map[bool]bool // that each rule is tried from
	faults []string
}

// addFault adds a fault of a case or a rule.
func (l *linter) addFault(id, format string, args ...any) {
	l.faults = append(l.faults, id+": "+fmt.Sprintf(format, args...))
}

// checkText checks what people read of a case.
func (l *linter) checkText(c Case) {
	rule, name, ok := strings.Cut(c.Name(), "/")
	if !ok || rule == "" || name == "" || c.Name() == c.ID && !c.Duty || strings.ContainsAny(c.ID, " \t\n*?[\\") {
		l.addFault(c.ID, "an id is an operation, a rule and a name with slashes between, or duty and a rule, without blanks and * ? [ \\")
	}
	if l.ids[c.ID] > 1 {
		l.addFault(c.ID, "the id comes %d times", l.ids[c.ID])
	}
	if c.Title == "" {
		l.addFault(c.ID, "the title is missing")
	}
	if !slices.Contains([]openapi.Level{openapi.Must, openapi.Should, openapi.May}, openapi.Level(c.Level)) {
		l.addFault(c.ID, "level %q is none of must, should, may", c.Level)
	}
	if len(l.suite.doc.Sources) > 0 && !l.suite.doc.Cites(c.Source) {
		l.addFault(c.ID, "citation %q names no part of the page and no source", c.Source)
	}
	for _, id := range c.Errata {
		if !l.errata[id] {
			l.addFault(c.ID, "there is no erratum %s", id)
		}
	}
}

// checkRequest checks that a case breaks its own rule, and nothing else.
func (l *linter) checkRequest(c Case) {
	if len(c.Statuses) == 0 {
		l.addFault(c.ID, "no status of the answer is right")
		return
	}
	part := l.suite.parts[c.Operation]
	if c.Parameter != nil || part.op.JSON() == nil {
		return // the parameter was judged when the case was derived
	}
	body, err := part.doc.Violated(part.op, c.Change)
	if err != nil {
		l.addFault(c.ID, "the request cannot be made: %v", err)
		return
	}
	if broken, want := sortIDs(part.doc.Broken(part.op, body, c.Change.Facts)), c.Breaks(); !slices.Equal(broken, want) {
		l.addFault(c.ID, "the request breaks %v, want %v", broken, want)
	}
	if open := part.doc.LeavesOpen(part.op, body, c.Change.Facts); len(open) > 0 != c.Open {
		l.addFault(c.ID, "the request leaves open whether it is accepted: %v, want %v", open, c.Open)
	}
	if c.Refused() && c.Rule == nil && c.Wire.isUsual() && c.Unknown == "" {
		l.addFault(c.ID, "nothing is wrong with the request")
	}
}

// checkTwin checks that a refused case has an accepted one that differs from it.
func (l *linter) checkTwin(c Case) {
	if len(c.Statuses) == 0 {
		return
	}
	if !c.Refused() {
		if c.Twin != "" && !c.Open {
			l.addFault(c.ID, "only a refused case has a twin")
		}
		return
	}
	twin := l.first[c.Twin]
	if twin == nil || !twin.Accepted() {
		l.addFault(c.ID, "the twin %q is no accepted case", c.Twin)
		return
	}
	if twin.Change.Example != c.Change.Example {
		l.addFault(c.ID, "the twin %s is made of another example", c.Twin)
	}
	there := twin.Change
	there.Facts = c.Change.Facts
	if !sameFacts(twin.Change.Facts, c.Change.Facts) && len(l.suite.parts[c.Operation].brokenRules(there)) > 0 {
		l.addFault(c.ID, "the twin %s is not accepted by the target that this is for", c.Twin)
	}
	if c.Wire.isUsual() && c.Parameter == nil && len(c.SetUp) == len(twin.SetUp) && string(twin.Change.Patch) == string(c.Change.Patch) {
		l.addFault(c.ID, "the twin %s is the same request", c.Twin)
	}
}

// checkRules checks that every rule has cases from both sides, and every operation has
// cases.
func (l *linter) checkRules() {
	for _, r := range l.suite.doc.Rules {
		for _, accepted := range []bool{true, false} {
			reason := l.suite.Excluded(r, accepted)
			side := "refused"
			if accepted {
				side = "accepted"
			}
			switch shown := l.sides[r][accepted]; {
			case shown && reason != "":
				l.addFault(r.ID, "a case is %s, and none should be: %s", side, reason)
			case !shown && reason == "":
				l.addFault(r.ID, "no case is %s", side)
			}
		}
	}
	for _, op := range l.suite.doc.Operations() {
		if len(l.suite.parts[op.OperationID].Cases) == 0 {
			l.addFault(op.OperationID, "the operation has no case")
		}
	}
}

// Excluded returns why no operation has a case of a rule from a side. It is empty if one
// has to have a case.
func (s *Suite) Excluded(r *openapi.Rule, accepted bool) string {
	reason := ""
	for _, op := range s.doc.Operations() {
		switch why := Excluded(op, r, accepted); {
		case why == "":
			return ""
		case reason == "" || op.OperationID == r.Operation:
			reason = why
		}
	}
	return reason
}
