package mistakes

import (
	"slices"
	"strings"
)

// Mistake is one thing that a server does wrong.
type Mistake struct {
	Name   string // says what the server does
	Level  string // of the sentence that it breaks: must or should
	Source string // that sentence
	Kind   string // one of Kinds

	// Learns says that the mistake needs a Recording of another run.
	Learns bool

	// Hooks makes it, with a state of its own each time.
	Hooks func(*Recording) Hooks
}

// Kinds are the kinds of mistakes, in the order of Mistakes.
var Kinds = []string{
	"gateway", "style", "presence", "value", "alone", "place", "short", "transport", "memory",
	"open-enumeration", "text", "echo", "default", "block", "sum", "bound", "adaptive", "refusal", "project", "limit", "type",
}

// Mistakes returns all of them.
func Mistakes() []Mistake {
	return slices.Concat(
		gatewayMistakes(), styleMistakes(), presenceMistakes(), valueMistakes(), aloneMistakes(), placeMistakes(),
		shortMistakes(), transportMistakes(), memoryMistakes(), enumerationMistakes(), nameMistakes(), textMistakes(),
		echoMistakes(), settingEchoMistakes(), defaultMistakes(), blockMistakes(), sumMistakes(), boundMistakes(),
		adaptiveMistakes(), refusalMistakes(), projectMistakes(), limitMistakes(), typeMistakes(),
	)
}

// switched returns a mistake without a state.
func switched(kind, name, level, source string, hooks Hooks) Mistake {
	return Mistake{
		Name: name, Kind: kind, Level: level, Source: source,
		Hooks: func(*Recording) Hooks { return hooks },
	}
}

// atShould is a mistake against what the page shows, or says of no value in so
// many words: it lists no masks and no blocks, and the time only by examples.
func atShould(m Mistake) Mistake {
	m.Level = should
	return m
}

// skip returns the mistake of overlooking rules whenever something holds. The
// first rule says which sentence is broken.
func skip(kind, name string, when Context, rules ...string) Mistake {
	o := obligations[rules[0]]
	return switched(kind, name, o.level, o.source, Hooks{Ignore: func(c *Call, v Violation) bool {
		return matches(v.Rule, rules) && when(c)
	}})
}

// admit returns the mistake of letting values through that a rule forbids.
func admit(kind, name, rule string, lets func(Violation) bool) Mistake {
	o := obligations[rule]
	return switched(kind, name, o.level, o.source, Hooks{Ignore: func(_ *Call, v Violation) bool {
		return v.Rule == rule && lets(v)
	}})
}

// where limits a mistake of [admit] to some requests.
func where(when Context, m Mistake) Mistake {
	hooks := m.Hooks(nil)
	return switched(m.Kind, m.Name, m.Level, m.Source, Hooks{Ignore: func(c *Call, v Violation) bool { return when(c) && hooks.Ignore(c, v) }})
}

// matches reports whether a rule is listed. * lists all of them.
func matches(rule string, rules []string) bool {
	return rules[0] == "*" || slices.Contains(rules, rule)
}

// turnsDown returns the mistake of refusing a request that is lawful, because of
// a member.
func turnsDown(kind, name, level, source, member string, bad func(*Call) bool) Mistake {
	return switched(kind, name, level, source, Hooks{Extra: func(c *Call) []Violation {
		if !bad(c) {
			return nil
		}
		return []Violation{{Rule: member + ".mistake", Member: member, Text: "is not valid"}}
	}})
}

// turnsDownText refuses texts of a member that are lawful.
func turnsDownText(kind, name, level, source, member string, bad func(string) bool) Mistake {
	return turnsDown(kind, name, level, source, member, func(c *Call) bool {
		return slices.ContainsFunc(texts(c, member), bad)
	})
}

// answers returns the mistake of changing a member of the answer.
func answers(kind, name, level, source, member string, change func(*Call, any) any) Mistake {
	return switched(kind, name, level, source, Hooks{Answer: func(c *Call, body map[string]any) {
		conn, _ := body["vpn_connection"].(map[string]any)
		edit(conn, strings.Split(member, "."), func(v any) any { return change(c, v) })
	}})
}

// answersText changes the text of a member of the answer, or the texts of a list.
func answersText(kind, name, level, source, member string, change func(string) string) Mistake {
	var changed func(v any) any
	changed = func(v any) any {
		switch v := v.(type) {
		case string:
			return change(v)
		case []any:
			list := make([]any, len(v))
			for i, item := range v {
				list[i] = changed(item)
			}
			return list
		}
		return v
	}
	return answers(kind, name, level, source, member, func(_ *Call, v any) any { return changed(v) })
}

// edit changes every value at a path, through lists.
func edit(value any, path []string, change func(any) any) {
	switch value := value.(type) {
	case map[string]any:
		v, ok := value[path[0]]
		if !ok {
			return
		}
		if len(path) == 1 {
			value[path[0]] = change(v)
		} else {
			edit(v, path[1:], change)
		}
	case []any:
		for i := range value {
			edit(value[i], path, change)
		}
	}
}

// texts returns every string at a path of the request, through lists.
func texts(c *Call, path string) []string {
	var found []string
	var walk func(value any, path []string)
	walk = func(value any, path []string) {
		switch value := value.(type) {
		case map[string]any:
			if len(path) > 0 {
				walk(value[path[0]], path[1:])
			}
		case []any:
			for _, item := range value {
				walk(item, path)
			}
		case string:
			found = append(found, value)
		}
	}
	walk(c.Fields.members, strings.Split(path, "."))
	return found
}
