// Package celgo translates a type-checked CEL rule into plain Go, so that a generated package can judge the rule
// without an interpreter.
//
// [Translate] walks the rule's syntax tree once. Values become Go expressions (value.go, call.go, equal.go). Conditions,
// && and || and ?: and the macros over lists, become control flow where an expression would not do (branch.go, list.go),
// or a variable where control flow would not (assign.go). On the way it gathers the members that are proven present
// (facts.go), and has a text that several functions read as a block parsed once (hoist.go). [Support] returns the
// package-level variables and the functions that translated rules share (functions.go).
//
// A translated rule has the result of CEL, given that every required member is present, which decoding checks, and that
// texts are valid UTF-8. It never fails, never follows a nil pointer, and allocates only where the rule makes a new text,
// or where a text with a colon turns out not to be an IPv6 block. What could fail in CEL is refused: an optional member
// that no has() to its left has proven present, an item of a list by its index, arithmetic that could overflow. Unknown
// functions and conditions that decide nothing are refused too; no part of a rule is ever dropped in silence. [Faults]
// names every place.
//
// Supported are: has, && || ! ?:, == != < <= > >=, in; + - * / % of integers and + of texts; size, matches with a
// literal pattern, startsWith, endsWith, contains, upperAscii, lowerAscii; all, exists, exists_one, filter and map;
// literal lists; and the functions of package rule: isIPv4, isBlock, isIPv4Block, isHostAddress, isNetworkAddress,
// maskLength, blockContains, blocksOverlap, sameBlock and characterClasses.
package celgo
