package suite

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	jsonpatch "github.com/evanphx/json-patch/v5"

	"github.com/vpnconform/vpnconform/openapi"
)

// addDocumented adds the documented examples. The error says which file of them is
// malformed. An operation whose request has no body has one example: the request.
func (s *part) addDocumented() error {
	names := s.doc.Examples(s.op)
	if len(names) == 0 && s.op.JSON() == nil {
		c := s.usualCase()
		c.ID, c.Title, c.Level = s.usualID(), sentence(s.op.Summary, s.op.OperationID), string(openapi.Must)
		c.Statuses = s.successStatuses()
		s.Cases = append(s.Cases, c)
		return nil
	}
	for _, name := range names {
		told := s.doc.Example(s.op, name)
		c := Case{
			ID: "example/" + name, Title: sentence(told.Summary, name), Level: string(openapi.Must), Source: told.Source,
			Change:   openapi.Violate{Example: name, Patch: []byte("[]"), Facts: s.doc.Facts},
			Statuses: s.successStatuses(),
			Wire:     Wire{Requests: 2},
		}
		c.Golden = told.Answer
		if s.printed != nil {
			if err := c.read(s.printed, name); err != nil {
				return fmt.Errorf("example %s: %w", name, err)
			}
		}
		s.Cases = append(s.Cases, c)
	}
	return nil
}

// sentence returns a summary, or a name if there is none.
func sentence(summary, name string) string { return cmp.Or(summary, name) }

// read reads the printed files of an example.
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
