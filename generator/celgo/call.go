package celgo

import (
	"hash/fnv"
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
)

// writer returns the value of a call, given the values of its arguments.
type writer func(t *translator, e ast.Expr, args []value, s scope) value

// functions are the functions and operators that become one Go expression. A text that several of them read as a block
// is parsed once.
var functions = map[string]writer{
	operators.Less:          comparison,
	operators.LessEquals:    comparison,
	operators.Greater:       comparison,
	operators.GreaterEquals: comparison,
	operators.Add:           sum,
	operators.Subtract:      arithmetic,
	operators.Multiply:      arithmetic,
	operators.Divide:        arithmetic,
	operators.Modulo:        arithmetic,
	operators.Negate:        negation,
	"matches":               matches,
	"startsWith":            texts("strings.HasPrefix", boolType, 0),
	"endsWith":              texts("strings.HasSuffix", boolType, 0),
	"contains":              texts("strings.Contains", boolType, 0),
	"upperAscii":            texts("upperASCII", stringType, 0),
	"lowerAscii":            texts("lowerASCII", stringType, 0),
	"isIPv4":                texts("isIPv4", boolType, 0),
	"characterClasses":      texts("characterClasses", lenType, 4),
	"isBlock": blocks(func(b ...code) value {
		return value{code: operand("%s.IsValid()", b[0]), typ: boolType}
	}),
	"isIPv4Block": blocks(func(b ...code) value {
		return value{code: operand("%s.Addr().Is4()", b[0]), typ: boolType}
	}),
	"isHostAddress": blocks(func(b ...code) value {
		return value{code: call("isHostAddress", b[0]), typ: boolType}
	}),
	"isNetworkAddress": blocks(func(b ...code) value {
		return value{code: call("isNetworkAddress", b[0]), typ: boolType}
	}),
	"maskLength": blocks(func(b ...code) value {
		return value{code: operand("%s.Bits()", b[0]), typ: lenType, low: -1, high: 128}
	}),
	"blockContains": blocks(func(b ...code) value {
		return value{code: call("containsBlock", b[0], b[1]), typ: boolType}
	}),
	"blocksOverlap": blocks(func(b ...code) value {
		return value{code: operand("%s.Overlaps(%s)", b[0], b[1]), typ: boolType}
	}),
	"sameBlock": blocks(func(b ...code) value {
		return value{code: call("sameBlock", b[0], b[1]), typ: boolType}
	}),
}

// blockFunctions are the functions whose arguments are blocks.
var blockFunctions = map[string]bool{
	"isBlock": true, "isIPv4Block": true, "isHostAddress": true, "isNetworkAddress": true, "maskLength": true, "blockContains": true,
	"blocksOverlap": true, "sameBlock": true,
}

// texts returns the writer of a Go function that takes texts; an integer result is from 0 to high.
func texts(name string, result *Type, high int64) writer {
	return func(t *translator, e ast.Expr, args []value, _ scope) value {
		if bad, ok := t.checkKinds(e, String, args); !ok {
			return bad
		}
		return value{code: call(name, plainCodes(args)...), typ: result, high: high}
	}
}

// blocks returns the writer of a function that takes blocks.
func blocks(write func(blocks ...code) value) writer {
	return func(t *translator, e ast.Expr, args []value, s scope) value {
		if bad, ok := t.checkKinds(e, String, args); !ok {
			return bad
		}
		parsed := make([]code, len(args))
		for i, arg := range args {
			var ok bool
			if parsed[i], ok = t.parsedBlock(arg, s); !ok {
				_, es := function(e)
				return t.fault(es[i], "%s is not a block", arg.code)
			}
		}
		return write(parsed...)
	}
}

// checkKinds checks that all arguments of a call have a kind. If not it is false, and the value is the one to return.
func (t *translator) checkKinds(e ast.Expr, kind Kind, args []value) (value, bool) {
	for _, arg := range args {
		if arg.typ.Kind != kind {
			return t.fault(e, "%s of %s is not translated", spelledName(e), arg.typ.Kind), false
		}
	}
	return value{}, true
}

// spelledName returns the name of an operator or function as the rule spells it.
func spelledName(e ast.Expr) string {
	name, _ := function(e)
	if symbol, ok := operators.FindReverse(name); ok && symbol != "" {
		return "the operator " + symbol
	}
	return "the function " + name
}

// plainCodes returns values as Go's own types.
func plainCodes(values []value) []code {
	codes := make([]code, len(values))
	for i, v := range values {
		codes[i] = convert(v, v.typ.basicType())
	}
	return codes
}

// matches translates a match with a literal pattern, which is compiled once.
func matches(t *translator, e ast.Expr, args []value, _ scope) value {
	if bad, ok := t.checkKinds(e, String, args); !ok {
		return bad
	}
	_, es := function(e)
	pattern, ok := args[1].constant.(string)
	if !ok {
		return t.fault(es[1], "a pattern that is not a literal is not translated")
	}
	if _, err := regexp.Compile(pattern); err != nil {
		return t.fault(es[1], "%v", err)
	}
	hash := fnv.New32a()
	hash.Write([]byte(pattern))
	name := "pattern" + strconv.FormatUint(uint64(hash.Sum32()), 16)
	quoted := strconv.Quote(pattern)
	if strconv.CanBackquote(pattern) && strings.Contains(pattern, `\`) {
		quoted = "`" + pattern + "`"
	}
	t.variables[name] = "regexp.MustCompile(" + quoted + ")"
	return value{code: call(name+".MatchString", plainCodes(args[:1])...), typ: boolType}
}

// parsedBlock returns the Go expression for a block. It is false for a literal that is not a block.
func (t *translator) parsedBlock(v value, s scope) (code, bool) {
	if text, ok := v.constant.(string); ok {
		if !parseBlock(text).IsValid() {
			return code{}, false
		}
		name := "block" + strings.NewReplacer(".", "_", "/", "_", ":", "__").Replace(text)
		t.variables[name] = "netip.MustParsePrefix(" + strconv.Quote(text) + ")"
		return operand("%s", name), true
	}
	if name := s.parsed[v.path]; name != "" {
		return operand("%s", name), true
	}
	return call("parseBlock", convert(v, stringType)), true
}

// comparison translates <, <=, > and >=.
func comparison(t *translator, e ast.Expr, args []value, _ scope) value {
	a, b := args[0], args[1]
	name, _ := function(e)
	switch {
	case a.typ.Kind != b.typ.Kind || a.typ.Kind != Int && a.typ.Kind != Double && a.typ.Kind != String:
		return t.fault(e, "%s of %s and %s is not translated", spelledName(e), a.typ.Kind, b.typ.Kind)
	case a.constant != nil && b.constant != nil:
		return t.fault(e, "two literals are compared")
	}
	x, y := commonCodes(a, b)
	return value{code: operation(goOperator[name], x, y), typ: boolType}
}

// commonCodes returns two values of one kind in one Go type.
func commonCodes(a, b value) (code, code) {
	to := sharedType(a, b)
	if a.typ.Kind == Int && (!fits(a, b.typ) || !fits(b, a.typ)) {
		to = intType
	}
	return convert(a, to), convert(b, to)
}

// fits reports whether Go accepts a value beside one of another type: a constant must fit that type on every machine.
func fits(v value, other *Type) bool {
	c, ok := v.constant.(int64)
	return !ok || other.goName() == "int64" || c == int64(int32(c))
}

// sum translates + of integers or texts.
func sum(t *translator, e ast.Expr, args []value, s scope) value {
	a, b := args[0], args[1]
	if a.typ.Kind != String || b.typ.Kind != String {
		return arithmetic(t, e, args, s)
	}
	if x, ok := a.constant.(string); ok {
		if y, ok := b.constant.(string); ok {
			return literal(x + y)
		}
	}
	return value{code: operation("+", plainCodes(args)...), typ: stringType}
}

// arithmetic translates an operator on integers. CEL fails at an overflow where Go wraps around, so the bounds of both
// values must exclude one.
func arithmetic(t *translator, e ast.Expr, args []value, _ scope) value {
	if bad, ok := t.checkKinds(e, Int, args); !ok {
		return bad
	}
	name, es := function(e)
	a, b := args[0], args[1]
	if name == operators.Divide || name == operators.Modulo {
		if c, ok := b.constant.(int64); !ok || c <= 0 {
			return t.fault(es[1], "a divisor that is not a positive literal is not translated")
		}
	}
	low, high := bounds(name, a, b)
	if !low.IsInt64() || !high.IsInt64() {
		return t.fault(e, "%s could overflow here", spelledName(e))
	}
	if a.constant != nil && b.constant != nil {
		return literal(low.Int64())
	}
	return value{
		code: operation(goOperator[name], convert(a, intType), convert(b, intType)), typ: intType,
		low: low.Int64(), high: high.Int64(),
	}
}

// bounds returns the least and the greatest result of an operator.
func bounds(name string, a, b value) (low, high *big.Int) {
	apply := map[string]func(z, x, y *big.Int) *big.Int{
		operators.Add: (*big.Int).Add, operators.Subtract: (*big.Int).Sub, operators.Multiply: (*big.Int).Mul,
		operators.Divide: (*big.Int).Quo, operators.Modulo: (*big.Int).Rem,
	}[name]
	if name == operators.Modulo && a.low != a.high {
		return big.NewInt(max(a.low, 1-b.low)), big.NewInt(min(a.high, b.low-1))
	}
	for _, x := range []int64{a.low, a.high} {
		for _, y := range []int64{b.low, b.high} {
			z := apply(new(big.Int), big.NewInt(x), big.NewInt(y))
			if low == nil || z.Cmp(low) < 0 {
				low = z
			}
			if high == nil || z.Cmp(high) > 0 {
				high = z
			}
		}
	}
	return low, high
}

// negation translates the unary minus.
func negation(t *translator, e ast.Expr, args []value, _ scope) value {
	v := args[0]
	switch {
	case v.typ.Kind != Int:
		return t.fault(e, "the minus of %s is not translated", v.typ.Kind)
	case v.low == math.MinInt64:
		return t.fault(e, "the minus could overflow here")
	case v.constant != nil:
		return literal(-v.low)
	}
	return value{code: operation("-", convert(v, intType)), typ: intType, low: -v.high, high: -v.low}
}

// size translates size(): the number of a text's characters or of a list's items.
func (t *translator) size(e ast.Expr, s scope) value {
	_, args := function(e)
	if isComputed(args[0]) || args[0].Kind() == ast.ListKind {
		start := len(t.lines)
		l, ok := t.list(args[0], s)
		if !ok {
			return value{code: operand("bad"), bad: true, typ: &Type{}}
		}
		if l.size >= 0 && !l.filters() {
			t.lines = t.lines[:start] // the items are not needed
		}
		return t.count(l, s)
	}
	v := t.value(args[0], s)
	switch {
	case v.bad:
		return v
	case v.typ.Kind == List:
		return lenValue(call("len", v.code))
	case v.typ.Kind != String:
		return t.fault(e, "the size of %s is not translated", v.typ.Kind)
	}
	if text, ok := v.constant.(string); ok {
		return literal(int64(utf8.RuneCountInString(text)))
	}
	return lenValue(call("utf8.RuneCountInString", convert(v, stringType)))
}
