// Package reader is the part of a generated package that is the same for every document: it reads JSON and gathers
// violations. The generator copies the declarations that are used into reader.gen.go, so that generated packages do not
// import this module. That is why so many names are not exported. The tests run here, once.
//
// Reading is one pass over the bytes, without reflection, and strict: RFC 8259, UTF-8, no duplicate member, nothing
// behind the value, a bounded depth. A violation does not end it; malformed JSON does. Strings in the result are parts
// of one copy of the bytes. The items of a list that is too long are not kept, and nothing is kept after a violation, so
// that a hostile value costs little more memory than its bytes.
//
// A pointer is made only if there is a violation: each object and each list puts its own token before the pointers of
// the violations below it, so that reading a value without violations costs nothing for pointers.
package reader

import "embed"

// Files holds the Go files whose declarations the generator copies.
//
//go:embed violation.go reader.go text.go names.go values.go parameter.go body.go write.go router.go
var Files embed.FS
