package secrets

import (
	"fmt"
	"strings"
	"testing"
)

// benchKey and benchToken are like those of a run.
const (
	benchKey   = "Xk4-bQ7=mT:zr9PwL2;c"
	benchToken = "AbCdEfGh12345678-IjKlMnOp-87654321qRsTuVwX"
)

func benchSet() *Set {
	return New([]Secret{{Text: benchKey, Kind: Key, StandIn: testStandIn}, {Text: benchToken, Kind: Credential, StandIn: testCredential}})
}

// texts are answers that cost a search more than others, and what an answer is.
var texts = map[string]func(size int) string{
	"an answer": func(n int) string {
		return row(`{"id":"b32d91a4-demo-a8df-va86-e907174eb11d","name":"vpn-13be","psk":null},`, n)
	},
	"ten of the key":     func(n int) string { return row(benchKey[:10], n) },
	"ten and a blank":    func(n int) string { return row(benchKey[:10]+" ", n) },
	"the key":            func(n int) string { return row(benchKey, n) },
	"pieces of six":      func(n int) string { return row(benchKey[:6]+benchKey[9:15]+benchToken[3:9], n) },
	"five of the key":    func(n int) string { return row(benchKey[:5], n) },
	"one letter":         func(n int) string { return row("a", n) },
	"backslashes":        func(n int) string { return row(`\`, n) },
	"escapes":            func(n int) string { return row(`\u0058\u006b\u0034`, n) },
	"percent":            func(n int) string { return row(`%`, n) },
	"percent of percent": func(n int) string { return row(`%25`, n) },
	"ampersands":         func(n int) string { return row(`&amp;`, n) },
	"Base64":             func(n int) string { return row("WGs0LWJRNz1tVDp6cjlQd0wyO2M=", n) },
	"Base64, nested":     func(n int) string { return row("VjFkRmIyTjNQVDA", n) },
	"hexadecimal":        func(n int) string { return row("586b342d", n) },
	"zeros":              func(n int) string { return row("X\x00k\x00", n) },
	"marks of zlib":      func(n int) string { return row("x^", n) },
	"numbers":            func(n int) string { return row("65,", n) },
}

func row(text string, size int) string { return strings.Repeat(text, size/len(text)+1)[:size] }

func BenchmarkMask(b *testing.B) {
	set := benchSet()
	for name, text := range texts {
		for _, size := range []int{1 << 10, 64 << 10, 1 << 20} {
			b.Run(fmt.Sprintf("%s/%dKiB", name, size>>10), func(b *testing.B) {
				long := text(size)
				b.SetBytes(int64(size))
				for b.Loop() {
					set.Mask(long)
				}
			})
		}
	}
}
