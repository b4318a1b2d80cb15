package suite

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"github.com/vpnconform/vpnconform/openapi"
	"github.com/vpnconform/vpnconform/openapi/source"
)

// listing is an entry of the document's list of cases: one that no rule yields by
// itself.
type listing struct {
	ID      string         `json:"id"`
	Title   string         `json:"title"`
	Level   string         `json:"level"`
	Source  string         `json:"source"`
	Errata  []string       `json:"errata"`
	Example string         `json:"example"`
	Patch   []step         `json:"patch"`
	With    map[string]any `json:"with"`    // objects that the target is expected to have
	Refused string         `json:"refused"` // id of the broken rule; empty for an accepted case
	Also    []string       `json:"also"`    // ids of other broken rules
	Unknown string         `json:"unknown"` // member whose value names nothing that the target has; the request is refused
	Twin    string         `json:"twin"`    // of a refused case; empty means the example
}

// addListed adds those cases of the document's list that change an example of this
// operation.
func (s *part) addListed() error {
	if len(s.doc.Cases) == 0 || len(s.decoded) == 0 {
		return nil
	}
	file, err := source.Read("cases.yaml", s.doc.Cases)
	if err != nil {
		return err
	}
	var list []listing
	if err := file.Decode(&list); err != nil {
		return err
	}
	for i, l := range list {
		c, err := s.caseOf(l)
		if err != nil {
			return file.Fault(fmt.Sprintf("/%d", i), "%s: %v", l.ID, err)
		}
		s.Cases = append(s.Cases, c)
	}
	return nil
}

// caseOf makes the case of an entry.
func (s *part) caseOf(l listing) (Case, error) {
	if !slices.Contains(s.doc.Examples(s.op), l.Example) {
		return Case{}, fmt.Errorf("there is no example %q", l.Example)
	}
	patch, err := json.Marshal(l.Patch)
	if err != nil {
		return Case{}, err
	}
	c := Case{
		ID: l.ID, Title: l.Title, Level: l.Level, Source: l.Source, Errata: l.Errata, Statuses: s.successStatuses(),
		Change: openapi.Violate{Example: l.Example, Patch: patch, Facts: s.doc.Facts.With(l.With)},
	}
	switch {
	case l.Refused == "" && l.Unknown == "":
		return c, nil
	case l.Refused == "":
		c.Unknown, c.Statuses = l.Unknown, []int{http.StatusNotFound, http.StatusBadRequest}
	default:
		if c.Rule = s.doc.Rule(l.Refused); c.Rule == nil {
			return Case{}, fmt.Errorf("there is no rule %s", l.Refused)
		}
		c.Statuses, c.Also = refusals(c.Rule), l.Also
	}
	if c.Twin = l.Twin; c.Twin == "" {
		c.Twin = "example/" + l.Example
	}
	return c, nil
}
