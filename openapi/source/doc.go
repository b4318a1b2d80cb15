// Package source reads a file in YAML or JSON so that everything said of it
// can name its place.
//
// [Read] turns one document into JSON and remembers the line and column of
// every value by its JSON Pointer (RFC 6901). [File.Decode] fills a Go value
// from it, strictly: what the type does not know or does not want is a fault.
// [File.Fault] is for those who find something wrong in the values later. All
// faults read file:line:column: pointer: message.
//
// Read refuses more than one document, members that stand twice, names that
// are no texts, merge keys, and aliases that lead back to themselves or make
// too much of little. An empty file is read, see [File.Empty].
//
// The package leans on go.yaml.in/yaml for the syntax, and on
// go-json-experiment for the types.
package source
