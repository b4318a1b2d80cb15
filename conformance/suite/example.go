package suite

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"

	jsonpatch "github.com/evanphx/json-patch/v5"

	"github.com/vpnconform/vpnconform/openapi"
	"github.com/vpnconform/vpnconform/testdata"
)

// examples are the documented examples, in the page's order.
var examples = []struct{ name, title, source string }{
	{"static", "Creates a connection with static routing", "Example requests, static routing mode"},
	{"policy", "Creates a policy-based connection", "Example requests, policy-based mode"},
	{"bgp", "Creates a connection with BGP routing", "Example requests, BGP routing mode"},
}

// documented adds the documented examples. The error says which file of them
// is broken.
func (s *Suite) documented() error {
	for _, e := range examples {
		c := Case{
			ID: "example/" + e.name, Title: e.title, Level: string(openapi.Must), Source: e.source,
			Change:   openapi.Violate{Example: e.name, Patch: []byte("[]"), Facts: s.doc.Facts},
			Statuses: []int{http.StatusCreated},
			Wire:     Wire{Requests: 2},
		}
		if err := c.read(testdata.Examples, "examples/"+e.name); err != nil {
			return fmt.Errorf("example %s: %w", e.name, err)
		}
		s.Cases = append(s.Cases, c)
	}
	return nil
}

// read reads the files of an example.
func (c *Case) read(files fs.FS, dir string) (err error) {
	if c.Request, err = fs.ReadFile(files, dir+"/request.json"); err != nil {
		return err
	}
	if c.Golden, err = fs.ReadFile(files, dir+"/response.json"); err != nil {
		return err
	}
	errata, err := fs.ReadFile(files, dir+"/errata.json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return c.correct(errata)
}

// correct applies the errata, a JSON Patch, to the documented answer.
func (c *Case) correct(errata []byte) error {
	var steps []struct {
		Erratum string `json:"erratum"`
	}
	if err := json.Unmarshal(errata, &steps); err != nil {
		return fmt.Errorf("errata.json: %w", err)
	}
	for i, step := range steps {
		if step.Erratum == "" {
			return fmt.Errorf("errata.json: /%d: a step names its erratum", i)
		}
		c.Errata = append(c.Errata, step.Erratum)
	}
	patch, err := jsonpatch.DecodePatch(errata)
	if err != nil {
		return fmt.Errorf("errata.json: %w", err)
	}
	if c.Golden, err = patch.Apply(c.Golden); err != nil {
		return fmt.Errorf("errata.json: %w", err)
	}
	return nil
}
