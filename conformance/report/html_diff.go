package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The lengths up to which texts are shown, in characters.
const (
	sentence  = 500    // of a sentence or a header field
	lineWidth = 2_000  // of a line of a body
	bodySize  = 12_000 // of a body
	bodyLines = 400    // of a body
	deepest   = 32     // nesting up to which JSON is indented: indents grow with its square
)

// cutText makes a line inert and shortens it to a number of characters with a note.
func cutText(s string, most int) string {
	if len(s) <= most {
		return Inert(s)
	}
	n, end := utf8.RuneCountInString(s), 0
	if n <= most {
		return Inert(s)
	}
	for range most {
		_, size := utf8.DecodeRuneInString(s[end:])
		end += size
	}
	return fmt.Sprintf("%s… cut: %d characters in all", Inert(s[:end]), n)
}

// layOut writes a text of many lines, indented if it is JSON, inert and shortened.
func layOut(s string) string {
	if len(s) <= bodySize && depth(s) <= deepest {
		var b bytes.Buffer
		if json.Indent(&b, []byte(s), "", "  ") == nil {
			s = b.String()
		}
	}
	var b strings.Builder
	lines := strings.Count(strings.TrimSuffix(s, "\n"), "\n") + 1
	shown, left := 0, bodySize
	for line := range strings.Lines(s) {
		if shown == bodyLines || left <= 0 {
			fmt.Fprintf(&b, "… cut: %d lines in all\n", lines)
			break
		}
		line = cutText(strings.TrimSuffix(line, "\n"), min(lineWidth, left))
		b.WriteString(line + "\n")
		shown, left = shown+1, left-len(line)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// depth is at least the nesting of a JSON text.
func depth(s string) int {
	now, most := 0, 0
	for i := range len(s) {
		switch s[i] {
		case '{', '[':
			now++
			most = max(most, now)
		case '}', ']':
			now--
		}
	}
	return most
}

// part is a piece of a text, marked if the other text lacks it.
type part struct {
	Text   string
	Marked bool
}

// markDifferences marks the parts of two texts that the other one lacks: by lines, and by
// words within lines that differ.
func markDifferences(want, got string) (w, g []part) {
	a, b := strings.SplitAfter(want, "\n"), strings.SplitAfter(got, "\n")
	inA, inB := align(a, b)
	for i, k := 0, 0; i < len(a) || k < len(b); {
		startA, startB := i, k
		for i < len(a) && k < len(b) && inA[i] && inB[k] {
			i, k = i+1, k+1
		}
		w, g = append(w, wholeText(strings.Join(a[startA:i], ""), false)...), append(g, wholeText(strings.Join(b[startB:k], ""), false)...)
		startA, startB = i, k
		for i < len(a) && !inA[i] {
			i++
		}
		for k < len(b) && !inB[k] {
			k++
		}
		inWant, inGot := markWords(strings.Join(a[startA:i], ""), strings.Join(b[startB:k], ""))
		w, g = append(w, inWant...), append(g, inGot...)
	}
	return w, g
}

// markWords marks by words. Texts with little in common are marked whole.
func markWords(want, got string) (w, g []part) {
	if want == "" || got == "" {
		return wholeText(want, true), wholeText(got, true)
	}
	a, b := words(want), words(got)
	inA, inB := align(a, b)
	if commonShare(a, inA) < 0.3 && commonShare(b, inB) < 0.3 {
		return wholeText(want, true), wholeText(got, true)
	}
	return joinParts(a, inA), joinParts(b, inB)
}

// align finds the pieces that two texts have in common, in the same order.
func align(a, b []string) (inA, inB []bool) {
	inA, inB = make([]bool, len(a)), make([]bool, len(b))
	start := 0
	for start < len(a) && start < len(b) && a[start] == b[start] {
		inA[start], inB[start] = true, true
		start++
	}
	endA, endB := len(a), len(b)
	for endA > start && endB > start && a[endA-1] == b[endB-1] {
		endA, endB = endA-1, endB-1
		inA[endA], inB[endB] = true, true
	}
	if (endA-start)*(endB-start) <= 250_000 { // more would take too long
		markCommon(a[start:endA], b[start:endB], inA[start:endA], inB[start:endB])
	}
	return inA, inB
}

// markCommon marks a longest common subsequence.
func markCommon(a, b []string, inA, inB []bool) {
	width := len(b) + 1
	longest := make([]int32, (len(a)+1)*width)
	for i := len(a) - 1; i >= 0; i-- {
		for k := len(b) - 1; k >= 0; k-- {
			if a[i] == b[k] {
				longest[i*width+k] = longest[(i+1)*width+k+1] + 1
			} else {
				longest[i*width+k] = max(longest[(i+1)*width+k], longest[i*width+k+1])
			}
		}
	}
	for i, k := 0, 0; i < len(a) && k < len(b); {
		switch {
		case a[i] == b[k]:
			inA[i], inB[k] = true, true
			i, k = i+1, k+1
		case longest[(i+1)*width+k] >= longest[i*width+k+1]:
			i++
		default:
			k++
		}
	}
}

// words splits a text into words, blanks and other single characters.
func words(s string) []string {
	kind := func(r rune) int {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), r == '_':
			return 1
		case r == ' ':
			return 2
		}
		return 0
	}
	var out []string
	start, last := 0, -1
	for i, r := range s {
		now := kind(r)
		if i > 0 && (now == 0 || now != last) {
			out, start = append(out, s[start:i]), i
		}
		last = now
	}
	if s != "" {
		out = append(out, s[start:])
	}
	return out
}

// commonShare is the share of letters and digits that are in common.
func commonShare(words []string, common []bool) float64 {
	all, same := 0, 0
	for i, word := range words {
		if r, _ := utf8.DecodeRuneInString(word); !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			continue
		}
		all += len(word)
		if common[i] {
			same += len(word)
		}
	}
	if all == 0 {
		return 1
	}
	return float64(same) / float64(all)
}

// joinParts joins words with the same mark.
func joinParts(words []string, common []bool) []part {
	var out []part
	for start := 0; start < len(words); {
		end := start
		for end < len(words) && common[end] == common[start] {
			end++
		}
		out = append(out, part{strings.Join(words[start:end], ""), !common[start]})
		start = end
	}
	return out
}
