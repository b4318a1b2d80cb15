package celgo

import (
	"cmp"
	"fmt"
	"go/format"
	"go/scanner"
	"go/token"
	"maps"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
)

// Result is a translated rule.
type Result struct {
	// Body holds the statements of a function that returns a bool, formatted and indented by one tab. It uses the Go
	// names of the variables, and the names that [Support] declares.
	Body string

	// Imports are the paths of the packages that Body names, sorted.
	Imports []string

	functions []string          // the emitted functions that Body calls
	variables map[string]string // the package-level variables that it reads, and their values
}

// Fault is a part of a rule that cannot be translated.
type Fault struct {
	Line, Column int // in the expression, from 1
	Message      string
}

// Faults are all the faults of a rule, in order.
type Faults []Fault

// Error lists the faults, one a line.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fmt.Sprintf("%d:%d: %s", fault.Line, fault.Column, fault.Message)
	}
	return strings.Join(lines, "\n")
}

// Translate returns the Go statements that decide a checked rule. The error is of type [Faults].
func Translate(rule *cel.Ast, vars []Variable) (Result, error) {
	t := &translator{
		ast: rule.NativeRep(), variables: map[string]string{}, labels: map[string]bool{},
	}
	s := scope{names: map[string]value{}, block: &block{}}
	for _, v := range vars {
		s.names[v.Name] = value{code: operand("%s", v.Go), typ: v.Type, path: v.Name}
		root, _, _ := strings.Cut(v.Go, ".")
		s.block.declare(root)
	}
	e := rule.NativeRep().Expr()
	switch {
	case !rule.IsChecked() || rule.OutputType() != cel.BoolType:
		t.fault(e, "a rule is checked, and true or false")
	default:
		t.branch(e, s, target{verb: "return true"}, target{verb: "return false"})
		if len(t.lines) == 1 && (t.lines[0] == "return true" || t.lines[0] == "return false") {
			t.fault(e, "the rule is always %s", strings.TrimPrefix(t.lines[0], "return "))
		}
	}
	if len(t.faults) > 0 {
		return Result{}, t.faults.sortFaults()
	}
	body, err := formatBody(t.lines)
	if err != nil {
		return Result{}, err
	}
	used := identifiers(t.lines)
	maps.DeleteFunc(t.variables, func(name, _ string) bool { return !used[name] })
	result := Result{Body: body, variables: t.variables}
	for _, path := range []string{"slices", "strings", "unicode/utf8"} {
		if used[path[strings.LastIndexByte(path, '/')+1:]] {
			result.Imports = append(result.Imports, path)
		}
	}
	for name := range emittedFunctions {
		if used[name] {
			result.functions = append(result.functions, name)
		}
	}
	return result, nil
}

// identifiers returns the names in Go text.
func identifiers(lines []string) map[string]bool {
	text := []byte(strings.Join(lines, "\n"))
	var s scanner.Scanner
	s.Init(token.NewFileSet().AddFile("", -1, len(text)), text, nil, 0)
	names := map[string]bool{}
	for {
		_, tok, name := s.Scan()
		if tok == token.EOF {
			return names
		}
		if tok == token.IDENT {
			names[name] = true
		}
	}
}

// sortFaults returns the faults in the order of their places, each once.
func (f Faults) sortFaults() Faults {
	slices.SortFunc(f, func(a, b Fault) int {
		return cmp.Or(a.Line-b.Line, a.Column-b.Column, strings.Compare(a.Message, b.Message))
	})
	return slices.Compact(f)
}

// formatBody returns statements as gofmt writes them in a function.
func formatBody(lines []string) (string, error) {
	const head = "package p\n\nfunc _() bool {\n"
	text := head + strings.Join(lines, "\n") + "\n}\n"
	out, err := format.Source([]byte(text))
	if err != nil {
		return "", fmt.Errorf("the translated rule is not Go: %w\n%s", err, text)
	}
	return strings.TrimSuffix(strings.TrimPrefix(string(out), head), "}\n"), nil
}

// translator writes the statements of one rule.
type translator struct {
	ast       *ast.AST
	lines     []string
	depth     int // of blocks
	variables map[string]string
	labels    map[string]bool
	faults    Faults
}

// fault records a fault, and returns a value with which the translation can continue to find others.
func (t *translator) fault(e ast.Expr, format string, args ...any) value {
	at := t.ast.SourceInfo().GetStartLocation(e.ID())
	t.faults = append(t.faults, Fault{at.Line(), at.Column() + 1, fmt.Sprintf(format, args...)})
	return value{code: operand("bad"), bad: true, typ: &Type{}}
}

func (t *translator) emit(format string, args ...any) {
	t.lines = append(t.lines, fmt.Sprintf(format, args...))
}

// open begins a block and returns the scope in it; close ends it.
func (t *translator) open(s scope, format string, args ...any) scope {
	t.emit(format, args...)
	t.depth++
	s.block = &block{outer: s.block}
	return s
}

func (t *translator) close() {
	t.depth--
	t.emit("}")
}

// lineWidth returns the number of columns left for a line.
func (t *translator) lineWidth() int { return 108 - 4*t.depth }

func call(function string, args ...code) code {
	texts := make([]string, len(args))
	for i, arg := range args {
		texts[i] = arg.String()
	}
	return operand("%s(%s)", function, strings.Join(texts, ", "))
}

// discard translates an expression only to find its faults.
func (t *translator) discard(translate func()) {
	kept := *t
	t.lines = nil
	translate()
	kept.faults = t.faults
	*t = kept
}

// scope holds the names and facts that an expression can use. It is passed by value, so that a fact proven in one part
// of a rule does not leak into its neighbours.
type scope struct {
	names  map[string]value  // by CEL name
	facts  facts             // members that are proven present
	parsed map[string]string // the Go variables that hold parsed blocks, by the code of the text
	block  *block
	loop   *loop // the innermost
}

func (s scope) withFacts(f facts) scope {
	s.facts = s.facts.and(f)
	return s
}

func (s scope) bind(name string, v value) scope {
	s.names = maps.Clone(s.names)
	s.names[name] = v
	return s
}

// block is a Go block: the local names declared so far in it.
type block struct {
	outer *block
	names []string
}

func (b *block) declare(name string) { b.names = append(b.names, name) }

func (b *block) declares(name string) bool {
	return b != nil && (slices.Contains(b.names, name) || b.outer.declares(name))
}

// reserved are the names that translated rules refer to, apart from those of emitted functions.
var reserved = []string{
	"bool", "float64", "int", "int64", "len", "nil", "string", "true", "false", "netip", "regexp", "slices", "strings", "utf8",
}

// freshName declares a new local name, the wished one if it is free.
func (t *translator) freshName(wish string, s scope) string {
	if wish == "_" {
		wish = "item"
	}
	wish = lowerFirst(wish) // a type may have the wished name
	name := wish
	for i := 2; token.IsKeyword(name) || slices.Contains(reserved, name) || emittedFunctions[name].text != "" || s.block.declares(name); i++ {
		name = fmt.Sprint(wish, i)
	}
	s.block.declare(name)
	return name
}

// loop is a Go loop.
type loop struct {
	line  int // its first
	label string
	name  string // of which the label is made
}

// target is where control goes when a condition is decided.
type target struct {
	before string // a statement on the way
	verb   string // return true, return false, continue or break; empty if it can only be reached by falling through
	loop   *loop  // of continue and break
	falls  bool   // falling through the condition's statements leads there too
}

// fallThrough is the target right after the condition's statements.
var fallThrough = target{falls: true}

// withoutFalling returns the target for a place from which falling through does not lead there.
func (to target) withoutFalling() target {
	to.falls = false
	return to
}

// jump goes to a target at the end of a condition's statements.
func (t *translator) jump(to target, s scope) {
	if to.before != "" {
		t.emit("%s", to.before)
	}
	switch {
	case to.falls:
	case to.loop == nil || to.loop == s.loop:
		t.emit("%s", to.verb)
	default:
		if to.loop.label == "" {
			to.loop.label = t.label(to.loop.name)
			t.lines[to.loop.line] = to.loop.label + ":\n" + t.lines[to.loop.line]
		}
		t.emit("%s %s", to.verb, to.loop.label)
	}
}

// label returns a new label for a loop over items of a name.
func (t *translator) label(item string) string {
	label := "each" + strings.ToUpper(item[:1]) + item[1:]
	for i := 2; t.labels[label]; i++ {
		label = fmt.Sprint("each", strings.ToUpper(item[:1]), item[1:], i)
	}
	t.labels[label] = true
	return label
}
