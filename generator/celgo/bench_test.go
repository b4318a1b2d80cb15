package celgo_test

import (
	"math/rand/v2"
	"testing"

	"github.com/vpnconform/vpnconform/generator/celgo"
	"github.com/vpnconform/vpnconform/generator/celgo/internal/sample"
)

// The two benchmarks judge the same 64 values by every rule of the sample; an operation is one rule.
func benchmarkValues() []*values {
	r := rand.New(rand.NewPCG(9, 10))
	all := make([]*values, 64)
	for i := range all {
		all[i] = randomValues(r)
	}
	return all
}

func BenchmarkInterpreted(b *testing.B) {
	lines := read(b, "testdata/rules.cel")
	programs := interpreted(b, lines)
	var activations []map[string]any
	for _, v := range benchmarkValues() {
		activations = append(activations, v.activation())
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if _, _, err := programs[lines[i%len(lines)].name].Eval(activations[i/len(lines)%len(activations)]); err != nil {
			b.Fatal(err)
		}
		i++
	}
}

func BenchmarkTranslated(b *testing.B) {
	lines := read(b, "testdata/rules.cel")
	var rules []func(*sample.Request, *sample.Gateway) bool
	for _, line := range lines {
		rules = append(rules, sample.Rules[line.name])
	}
	all := benchmarkValues()
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		v := all[i/len(rules)%len(all)]
		rules[i%len(rules)](&v.Self, &v.Gateway)
		i++
	}
}

func BenchmarkTranslate(b *testing.B) {
	w := newWorld()
	scope, vars := w.scope(b), w.variables()
	ast := checked(b, scope, read(b, "testdata/rules.cel")[4].expression)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := celgo.Translate(ast, vars); err != nil {
			b.Fatal(err)
		}
	}
}
