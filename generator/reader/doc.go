// Package reader is the part of a generated package that is the same for every document: it reads JSON, and gathers
// what a value breaks. The generator writes its declarations, those that are used, into reader.gen.go; that is why a
// package of ordinary Go has so many names that are not exported. Its tests run here, once.
//
// Reading is one pass over the bytes, without reflection, and strict: RFC 8259, UTF-8, no member twice, nothing behind
// the value, a bounded depth. A violation does not end it, only bytes that are no JSON do. Strings that are read are
// parts of one copy of the bytes. Nothing is kept of a list that is too long, or of anything once a violation is
// found, so a hostile value costs little more than its bytes.
//
// A pointer is made only when there is a violation: each object and each list puts its own token before what was found
// below it, so that reading a value without violations costs nothing for pointers.
package reader

import "embed"

// Files holds the source of the declarations.
//
//go:embed violation.go reader.go text.go names.go values.go parameter.go body.go write.go
var Files embed.FS
