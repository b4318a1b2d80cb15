package openapi

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"

	"github.com/goccy/go-yaml"
)

//go:embed errata.yaml
var errataSource []byte

// Erratum is a place where the documentation page contradicts itself, has lost
// a value or is silent.
type Erratum struct {
	ID       string   `yaml:"id"` // permanent
	Title    string   `yaml:"title"`
	Places   []Place  `yaml:"places"`
	Conflict string   `yaml:"conflict"` // what contradicts what
	Verdict  string   `yaml:"verdict"`  // what vpnconform holds to be true
	Evidence []string `yaml:"evidence"` // citations, the source's id first
	Open     bool     `yaml:"open"`     // nothing settles it; nothing is claimed
}

// Place is what the page says somewhere.
type Place struct {
	Lines []int  `yaml:"lines"` // 1-based, of the page's text
	Place string `yaml:"place"` // table and parameter, or example
	Says  string `yaml:"says"`
}

// LoadErrata returns the errata of the page, in the order of errata.yaml.
func LoadErrata() ([]Erratum, error) {
	var file struct {
		Errata []Erratum `yaml:"errata"`
	}
	if err := yaml.NewDecoder(bytes.NewReader(errataSource), yaml.Strict()).Decode(&file); err != nil {
		var at yaml.Error
		if errors.As(err, &at) {
			p := at.GetToken().Position
			return nil, Faults{{File: "errata.yaml", Line: p.Line, Column: p.Column, Message: at.GetMessage()}}
		}
		return nil, fmt.Errorf("errata.yaml: %w", err)
	}
	return file.Errata, nil
}
