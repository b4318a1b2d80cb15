package suite

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vpnconform/vpnconform/openapi"
)

// findTwin returns the id of the accepted case from which a refused one differs as
// little as possible: by its last step, by another step, or by all of them. Without
// a twin a refusal shows nothing: a target that refuses everything would pass.
func (d *deriver) findTwin(refused openapi.Violate, at string, steps []step) (string, error) {
	var candidates [][]step
	for i := len(steps) - 1; i >= 0; i-- {
		candidates = append(candidates, slices.Delete(slices.Clone(steps), i, i+1))
	}
	candidates = append(candidates, nil)
	for _, n := range d.part.requestNames { // at another object, its own items are named
		own := n.Texts(d.part.doc, refused.Facts[n.Fact])
		if len(n.Path) == 0 || len(own) == 0 {
			continue
		}
		named, err := stepOf("replace", n.Pointer, own[0])
		if err != nil {
			return "", err
		}
		candidates = append(candidates, []step{named})
	}
	for _, candidate := range candidates {
		request, err := requestOf(refused.Example, candidate, refused.Facts)
		whole := len(candidate) == 0 && sameFacts(request.Facts, d.part.doc.Facts)
		if err != nil || !whole && !d.part.breaksJust(request, nil) {
			continue
		}
		return d.ensureKept(request, at, len(candidate) == 0), nil
	}
	return "", fmt.Errorf("no twin is accepted")
}

// ensureKept returns the id of the case with a request that keeps the rule. It adds
// that case unless it exists or is an unchanged example.
func (d *deriver) ensureKept(request openapi.Violate, at string, whole bool) string {
	if whole && d.rule.Kind != openapi.Validation && sameFacts(request.Facts, d.part.doc.Facts) {
		return "example/" + request.Example
	}
	count := 0
	for _, c := range d.out {
		if !c.Accepted() {
			continue
		}
		if c.Change.Example == request.Example && string(c.Change.Patch) == string(request.Patch) && sameFacts(c.Change.Facts, request.Facts) {
			return c.ID
		}
		if strings.Contains(c.ID, "/kept") {
			count++
		}
	}
	name := "kept"
	if count > 0 {
		name = fmt.Sprintf("kept-%d", count+1)
	}
	d.addAccepted(choice{name: name}, at, request)
	return d.rule.ID + "/" + name
}
