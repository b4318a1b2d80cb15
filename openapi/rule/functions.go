package rule

import (
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// componentPrefix begins a reference to a named schema.
const componentPrefix = "#/components/schemas/"

func componentName(ref string) (string, bool) {
	return strings.CutPrefix(ref, componentPrefix)
}

// disjoint is the only function that reads the items of its argument, a list.
const disjoint = "areDisjoint"

// functions gives expressions the functions of this package, each under its
// Go name with a lower-case first letter.
func functions() []cel.EnvOption {
	return []cel.EnvOption{
		unary("isIPv4", cel.BoolType, func(s string) ref.Val { return types.Bool(IsIPv4(s)) }),
		unary("isBlock", cel.BoolType, func(s string) ref.Val { return types.Bool(IsBlock(s)) }),
		unary("isIPv4Block", cel.BoolType, func(s string) ref.Val { return types.Bool(IsIPv4Block(s)) }),
		unary("isTimestamp", cel.BoolType, func(s string) ref.Val { return types.Bool(IsTimestamp(s)) }),
		unary("isHostAddress", cel.BoolType, func(s string) ref.Val { return types.Bool(IsHostAddress(s)) }),
		unary("isNetworkAddress", cel.BoolType, func(s string) ref.Val { return types.Bool(IsNetworkAddress(s)) }),
		unary("maskLength", cel.IntType, func(s string) ref.Val { return types.Int(MaskLength(s)) }),
		binary("blockContains", cel.BoolType, func(a, b string) ref.Val { return types.Bool(BlockContains(a, b)) }),
		binary("blocksOverlap", cel.BoolType, func(a, b string) ref.Val { return types.Bool(BlocksOverlap(a, b)) }),
		binary("sameBlock", cel.BoolType, func(a, b string) ref.Val { return types.Bool(SameBlock(a, b)) }),
		list(disjoint, cel.BoolType, func(texts []string) ref.Val { return types.Bool(AreDisjoint(texts)) }),
		binary("characterClasses", cel.IntType, func(a, b string) ref.Val { return types.Int(CharacterClasses(a, b)) }),
	}
}

func unary(name string, result *cel.Type, f func(string) ref.Val) cel.EnvOption {
	return cel.Function(name, cel.Overload(name+"_string", []*cel.Type{cel.StringType}, result,
		cel.UnaryBinding(func(v ref.Val) ref.Val {
			if s, ok := v.(types.String); ok {
				return f(string(s))
			}
			return types.MaybeNoSuchOverloadErr(v)
		})))
}

// list is a function of a list of texts.
func list(name string, result *cel.Type, f func([]string) ref.Val) cel.EnvOption {
	return cel.Function(name, cel.Overload(name+"_list", []*cel.Type{cel.ListType(cel.StringType)}, result,
		cel.UnaryBinding(func(v ref.Val) ref.Val {
			items, ok := v.(traits.Lister)
			if !ok {
				return types.MaybeNoSuchOverloadErr(v)
			}
			var texts []string
			for it := items.Iterator(); it.HasNext() == types.True; {
				item := it.Next()
				text, ok := item.(types.String)
				if !ok {
					return types.MaybeNoSuchOverloadErr(item)
				}
				texts = append(texts, string(text))
			}
			return f(texts)
		})))
}

func binary(name string, result *cel.Type, f func(a, b string) ref.Val) cel.EnvOption {
	return cel.Function(name, cel.Overload(name+"_string_string", []*cel.Type{cel.StringType, cel.StringType}, result,
		cel.BinaryBinding(func(v, w ref.Val) ref.Val {
			a, okA := v.(types.String)
			b, okB := w.(types.String)
			if okA && okB {
				return f(string(a), string(b))
			}
			return types.MaybeNoSuchOverloadErr(v)
		})))
}
