// Package source reads a file in YAML or JSON and remembers the place of every
// value, so that each message about the file can name line and column.
//
// [Read] turns one document into JSON and remembers the line and column of
// every value by its JSON Pointer (RFC 6901). [File.Decode] fills a Go value
// from it, strictly: an unknown member or a value of the wrong kind is a fault.
// [File.Fault] makes faults of mistakes that a caller finds in the values. All
// faults read file:line:column: pointer: message.
//
// Read refuses more than one document, duplicate members, names that are not
// texts, merge keys, aliases that contain themselves, and aliases that expand to
// more values than a person would write. An empty file is read, see [File.Empty].
//
// The package leans on go.yaml.in/yaml for the syntax, and on
// go-json-experiment for the types.
package source
