package openapi

import (
	_ "embed"

	"github.com/vpnconform/vpnconform/openapi/source"
)

//go:embed errata.yaml
var errataSource []byte

// Erratum is a place where the documentation page contradicts itself, lacks a
// value or is silent.
type Erratum struct {
	ID       string   `json:"id"` // permanent
	Title    string   `json:"title"`
	Places   []Place  `json:"places"`
	Conflict string   `json:"conflict"` // what contradicts what
	Verdict  string   `json:"verdict"`  // what vpnconform takes as right
	Evidence []string `json:"evidence"` // citations, the source's id first
	Open     bool     `json:"open"`     // no evidence settles it, so nothing is claimed
}

// Place is a quotation from the page.
type Place struct {
	Lines []int  `json:"lines"` // 1-based, of the page's text
	Place string `json:"place"` // table and parameter, or example
	Says  string `json:"says"`
}

// LoadErrata returns the errata of the page, in the order of errata.yaml.
func LoadErrata() ([]Erratum, error) {
	var file struct {
		Errata []Erratum `json:"errata"`
	}
	read, err := source.Read("errata.yaml", errataSource)
	if err == nil {
		err = read.Decode(&file)
	}
	return file.Errata, err
}
