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
// sameBlock, characterClasses and isTimestamp, each the Go function of that name. They have a result for
// any text, so that a rule can always be decided. A value is JSON as decoded with
// json.Number: an integer literal is a CEL int, any other number a double; has() reports
// whether a member is present; null is null.
//
// [Program.Reads] returns the members that a rule reads. Judge a rule only where
// these members keep their schemas; otherwise one mistake is reported twice.
package rule
