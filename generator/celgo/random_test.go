package celgo_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vpnconform/vpnconform/generator/celgo"
)

// author writes rules at random. It guards what it reads, so that every rule can be decided, unless it is careless.
type author struct {
	*rand.Rand
	serial   int
	careless bool
}

// place is what a rule may read where it is being written: a path and its type, absent unless it is known.
type place struct {
	path  string
	typ   *celgo.Type
	maybe bool
}

// reach lists the places that a rule may read, and those that may be absent but could be asked for.
func reach(from []place) []place {
	var out []place
	for _, p := range from {
		out = append(out, p)
		if p.maybe || p.typ.Kind != celgo.Object {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(p.typ.Fields)) {
			f, path := p.typ.Fields[name], p.path+"."+name
			known := slices.ContainsFunc(from, func(q place) bool { return q.path == path })
			if !known {
				out = append(out, reach([]place{{path, f.Type, f.Optional}})...)
			}
		}
	}
	return out
}

// find picks a present place of a kind.
func (a *author) find(kind celgo.Kind, seen []place) (place, bool) {
	places := slices.DeleteFunc(reach(seen), func(p place) bool { return p.maybe || p.typ.Kind != kind })
	if len(places) == 0 {
		return place{}, false
	}
	return places[a.IntN(len(places))], true
}

func (a *author) pick(texts ...string) string { return texts[a.IntN(len(texts))] }

// condition writes an expression that is true or false.
func (a *author) condition(depth int, seen []place) string {
	if depth <= 0 {
		return a.atom(seen)
	}
	c := func() string { return "(" + a.condition(depth-1, seen) + ")" }
	switch a.IntN(12) {
	case 0:
		return c() + " && " + c()
	case 1:
		return c() + " || " + c()
	case 2:
		return "!" + c()
	case 3:
		return c() + " ? " + c() + " : " + c()
	case 4, 5, 6:
		absent := slices.DeleteFunc(reach(seen), func(p place) bool { return !p.maybe })
		if len(absent) == 0 {
			return a.atom(seen)
		}
		p := absent[a.IntN(len(absent))]
		p.maybe = false
		known := "(" + a.condition(depth-1, append(slices.Clip(seen), p)) + ")"
		if a.careless && a.IntN(3) == 0 {
			return a.pick(
				"has("+p.path+") || "+known, "!has("+p.path+") && "+known, known, known+" && has("+p.path+")",
				"("+c()+" || has("+p.path+")) && "+known, "("+c()+" && has("+p.path+")) ? "+c()+" : "+known,
				"self.tags.all(t, has("+p.path+")) && "+known, "self.tags.exists(t, !has("+p.path+")) || "+known,
				"self.tags.exists(t, has("+p.path+")) || "+known, "!self.tags.all(t, has("+p.path+")) || "+known,
				"(has("+p.path+") || "+c()+") && "+known, "("+c()+" ? has("+p.path+") : "+c()+") && "+known,
			)
		}
		return a.pick(
			"has("+p.path+") && "+known, "!has("+p.path+") || "+known,
			"has("+p.path+") ? "+known+" : "+c(), "!("+c()+" && has("+p.path+")) || "+known,
		)
	case 7, 8, 9:
		list, elem := a.list(depth-1, seen)
		v := a.variable()
		return list + a.pick(".all(", ".exists(", ".exists_one(") + v + ", " +
			a.condition(depth-1, bound(seen, v, elem)) + ")"
	case 10:
		return a.computed(a.number, depth, seen) + a.pick(" == ", " != ", " < ", " <= ", " > ", " >= ") + a.number(depth, seen)
	default:
		return a.computed(a.text, depth, seen) + a.pick(" == ", " != ", " < ") + a.text(depth, seen)
	}
}

// bound returns what a loop's condition may read: its variable hides another of the name.
func bound(seen []place, variable string, elem *celgo.Type) []place {
	visible := slices.DeleteFunc(slices.Clone(seen), func(p place) bool {
		return p.path == variable || strings.HasPrefix(p.path, variable+".")
	})
	return append(visible, place{variable, elem, false})
}

// variable names a loop's variable; names come again, so that they hide each other.
func (a *author) variable() string {
	a.serial++
	return a.pick("x", "y", "r", "len", "range", fmt.Sprint("v", a.serial))
}

// computed writes an expression that is no literal; comparing two would be refused.
func (a *author) computed(write func(int, []place) string, depth int, seen []place) string {
	for {
		if text := write(depth, seen); !strings.ContainsAny(text[:1], "'-0123456789") {
			return text
		}
	}
}

func (a *author) atom(seen []place) string {
	switch a.IntN(9) {
	case 0:
		if p, ok := a.find(celgo.Bool, seen); ok {
			return p.path
		}
	case 1:
		return a.computed(a.text, 1, seen) + " in ['a', " + a.text(0, seen) + ", 'static']"
	case 2:
		return a.computed(a.number, 0, seen) + " in [1, " + a.number(0, seen) + ", 3000000000]"
	case 3:
		return a.text(0, seen) + a.pick(".startsWith", ".endsWith", ".contains") + "(" + a.text(0, seen) + ")"
	case 4:
		return a.pick("isIPv4", "isBlock", "isIPv4Block", "isHostAddress", "isNetworkAddress") + "(" + a.computed(a.text, 0, seen) + ")"
	case 5:
		return a.pick("blockContains", "blocksOverlap", "sameBlock") + "(" + a.computed(a.text, 0, seen) + ", " +
			a.pick("'10.0.0.0/8'", "'2001:db8::/32'", a.computed(a.text, 0, seen)) + ")"
	case 6:
		return a.text(0, seen) + ".matches('^[a-z]{1,3}$')"
	case 7:
		if p, ok := a.find(celgo.List, seen); ok && p.typ.Elem.Kind == celgo.String {
			return a.text(0, seen) + " in " + p.path
		}
	}
	return a.computed(a.number, 0, seen) + a.pick(" == ", " < ", " >= ") + a.number(0, seen)
}

func (a *author) text(depth int, seen []place) string {
	p, ok := a.find(celgo.String, seen)
	switch n := a.IntN(12); {
	case n == 0 && depth > 0:
		return a.text(depth-1, seen) + a.pick(".upperAscii()", ".lowerAscii()")
	case n == 1 && depth > 0:
		return "(" + a.text(depth-1, seen) + " + " + a.text(depth-1, seen) + ")"
	case n == 2 && depth > 0:
		return "((" + a.condition(depth-1, seen) + ") ? " + a.text(depth-1, seen) + " : " + a.text(depth-1, seen) + ")"
	case n < 5 || !ok:
		return a.pick("'a'", "'policy'", "'é'", "'10.0.0.0/8'", "'169.254.76.0/30'", "''")
	}
	return p.path
}

func (a *author) number(depth int, seen []place) string {
	p, ok := a.find(celgo.Int, seen)
	switch n := a.IntN(10); {
	case n == 0:
		return a.pick("size(", "maskLength(") + a.computed(a.text, depth-1, seen) + ")"
	case n == 1 && depth > 0:
		list, _ := a.list(depth-1, seen)
		return "size(" + list + ")"
	case n == 2 && depth > 0:
		return "((" + a.condition(depth-1, seen) + ") ? " + a.number(depth-1, seen) + " : " + a.number(depth-1, seen) + ")"
	case n == 3 && depth > 0:
		return "(" + a.number(depth-1, seen) + a.pick(" + 1", " * 60", " % 7", " / 2", " - size("+a.text(0, seen)+")") + ")"
	case n == 4:
		return "characterClasses(" + a.text(depth-1, seen) + ", '!-.')"
	case n == 5 || !ok:
		return a.pick("0", "1", "3", "60", "2147483647", "3000000000", "-1")
	}
	return p.path
}

// list writes a list, and returns the type of its items.
func (a *author) list(depth int, seen []place) (string, *celgo.Type) {
	p, ok := a.find(celgo.List, seen)
	switch n := a.IntN(8); {
	case n == 0 || !ok:
		return "[" + a.text(depth, seen) + ", " + a.text(depth, seen) + "]", &celgo.Type{Kind: celgo.String}
	case n == 1 && depth > 0:
		list, elem := a.list(depth-1, seen)
		v := a.variable()
		return list + ".filter(" + v + ", " + a.condition(depth-1, bound(seen, v, elem)) + ")", elem
	case n == 2 && depth > 0:
		list, elem := a.list(depth-1, seen)
		v := a.variable()
		seen = bound(seen, v, elem)
		guard := a.pick("", a.condition(depth-1, seen)+", ")
		return list + ".map(" + v + ", " + guard + a.text(depth-1, seen) + ")", &celgo.Type{Kind: celgo.String}
	case n == 3 && depth > 0 && p.typ.Elem.Kind == celgo.String && p.typ.Elem.GoName == "":
		return "((" + a.condition(depth-1, seen) + ") ? " + p.path + " : " + a.pick("[]", "['a']", "self.subnets.filter(x, false)") + ")", p.typ.Elem
	}
	return p.path, p.typ.Elem
}

// TestRandomRules has Go compile rules written at random, and holds them against CEL's interpreter. A rule that is
// translated though it reads what may be absent would panic there.
func TestRandomRules(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	var lines []line
	var results []celgo.Result
	for _, careless := range []bool{false, true} {
		l, r := randomRules(t, 200, len(lines), careless)
		lines, results = append(lines, l...), append(results, r...)
	}
	var input bytes.Buffer
	want, varied := expected(t, lines, 300, &input)
	if varied < len(lines)/3 {
		t.Errorf("only %d rules of %d are true of one value and false of another", varied, len(lines))
	}
	got := evaluated(t, file(t, lines, results), &input)
	if len(got) != len(want) {
		t.Fatalf("%d answers, want %d", len(got), len(want))
	}
	for i := range want {
		if got[i] != want[i] {
			line, result := lines[i%len(lines)], results[i%len(lines)]
			t.Fatalf("translated %s, interpreted %s\n%s\n%s", got[i], want[i], line.expression, result.Body)
		}
	}
}

// randomRules writes rules and translates them. A rule may be refused; only a careless author's for want of a guard.
func randomRules(t *testing.T, count, first int, careless bool) ([]line, []celgo.Result) {
	t.Helper()
	w := newWorld()
	scope := w.scope(t)
	var seen []place
	for _, v := range w.variables() {
		seen = append(seen, place{v.Name, v.Type, false})
	}
	a := &author{Rand: rand.New(rand.NewPCG(7, uint64(first))), careless: careless}
	lines, results := make([]line, count), make([]celgo.Result, count)
	refused := 0
	for i := range count {
		for {
			expression := a.condition(2+i%4, seen)
			result, err := celgo.Translate(checked(t, scope, expression), w.variables())
			if err == nil {
				lines[i], results[i] = line{fmt.Sprint("rule", first+i), expression}, result
				break
			}
			var faults celgo.Faults
			if guard := strings.Contains(err.Error(), "guard it with"); !errors.As(err, &faults) || guard && !careless {
				t.Fatalf("%s: %v", expression, err)
			}
			refused++
		}
	}
	if careless && refused == 0 || refused > 3*count {
		t.Errorf("%d rules were refused, %d translated", refused, count)
	}
	return lines, results
}

// expected returns the interpreter's answers on random values, which go to input, and the number of rules that do not
// always answer the same.
func expected(t *testing.T, lines []line, rounds int, input io.Writer) (answers []string, varied int) {
	t.Helper()
	programs := interpreted(t, lines)
	r := rand.New(rand.NewPCG(5, 6))
	held := map[string]int{}
	for range rounds {
		v := randomValues(r)
		if err := json.NewEncoder(input).Encode(v); err != nil {
			t.Fatal(err)
		}
		activation := v.activation()
		for _, line := range lines {
			out, _, err := programs[line.name].Eval(activation)
			if err != nil {
				t.Fatalf("%s: %v", line.expression, err)
			}
			answers = append(answers, fmt.Sprintf("%s %v", line.name, out.Value()))
			if out.Value() == true {
				held[line.name]++
			}
		}
	}
	maps.DeleteFunc(held, func(_ string, times int) bool { return times == rounds })
	return answers, len(held)
}

// evaluated compiles rules and returns their answers on the values in input.
func evaluated(t *testing.T, rules []byte, input io.Reader) []string {
	t.Helper()
	dir := t.TempDir()
	types, err := os.ReadFile("internal/sample/sample.go")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{
		"go.mod": []byte("module random\n\ngo 1.26\n"), "main.go": []byte(evaluator),
		"sample/sample.go": types, "sample/rules.gen.go": rules,
	} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, text, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	run := exec.CommandContext(t.Context(), "go", "run", ".")
	run.Dir, run.Stdin = dir, input
	run.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	var stderr bytes.Buffer
	run.Stderr = &stderr
	output, err := run.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	return strings.Split(strings.TrimSpace(string(output)), "\n")
}

// evaluator judges the values that it reads, and prints every rule's answer.
const evaluator = `package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"random/sample"
)

func main() {
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	in := json.NewDecoder(os.Stdin)
	for {
		var v struct {
			Self    sample.Request
			Gateway sample.Gateway
		}
		if err := in.Decode(&v); err == io.EOF {
			return
		} else if err != nil {
			panic(err)
		}
		for i := range len(sample.Rules) {
			name := fmt.Sprint("rule", i)
			fmt.Fprintln(out, name, sample.Rules[name](&v.Self, &v.Gateway))
		}
	}
}
`
