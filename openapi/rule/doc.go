// Package rule gives a cross-field rule its one meaning: it compiles a CEL
// expression against the schemas of an OpenAPI document and evaluates it over
// decoded JSON.
//
// [NewParser] knows the functions of rules, [Parser.Env] declares the schemas' types, and
// [Scope.Compile] checks an expression against the variables it may read, so that a misspelt
// member or a number compared with text is found when the document is loaded. A
// [Program] is safe for concurrent use.
//
// Beside CEL's own functions there are those of its string extension and those
// of this package for addresses, blocks, keys and times: isIPv4, isBlock, isIPv4Block,
// isHostAddress, isNetworkAddress, maskLength, blockContains, blocksOverlap, areDisjoint,
// sameBlock, characterClasses and isTimestamp, each the Go function of that name. They are total, so that
// a rule can be decided whatever text it meets. A value is JSON as decoded with
// json.Number: an integer literal is a CEL int, any other number a double, an
// absent member is what has() tells, null is null.
//
// [Program.Reads] tells which members a rule reads. A rule is worth judging only
// where these have what their schemas ask.
package rule
