package generator

import (
	godoc "go/doc/comment"
	"regexp"
	"strings"
	"unicode"
)

// prose returns a text of the document in a form that gofmt does not change in a comment: lines end as in Go, characters
// that Go source must not have become blanks, items of lists are indented, and +build at the start of a line is quoted.
func prose(text string) string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n", "\ufeff", "").Replace(strings.ToValidUTF8(text, "\ufffd"))
	lines := strings.Split(text, "\n")
	inItem := false
	for i, line := range lines {
		indent := len(line) - len(strings.TrimLeft(line, " \t"))
		line = strings.TrimRightFunc(line[:indent]+strings.Map(replaceUnprintable, line[indent:]), unicode.IsSpace)
		line = plusBuild.ReplaceAllString(line, `$1"$2"`)
		switch {
		case line == "":
		case indent == 0 && listItem.MatchString(line):
			line, inItem = "  "+line, true
		case indent == 0 && inItem && i > 0 && lines[i-1] != "":
			line = "    " + line // continues the item
		case indent == 0:
			inItem = false
		}
		lines[i] = line
	}
	text = strings.Trim(strings.Join(lines, "\n"), "\n")
	return strings.TrimFunc(text, unicode.IsSpace)
}

// listItem matches the start of an item of a list.
var listItem = regexp.MustCompile(`^([-*+•]|[0-9]+[.)])[ \t]`)

// plusBuild matches the start of a line that gofmt takes for a build constraint and moves to the head of the file.
var plusBuild = regexp.MustCompile(`^([ \t]*)(\+build)\b`)

// replaceUnprintable returns a blank for a control character and for one of the private use areas, with which this
// package marks places in texts.
func replaceUnprintable(r rune) rune {
	if unicode.IsControl(r) || unicode.Is(unicode.Co, r) {
		return ' '
	}
	return r
}

// endHeadings puts a full stop behind every line of a comment that gofmt would take for a heading and mark as one.
func endHeadings(comment string) string {
	lines := strings.Split(comment, "\n")
	texts := make([]string, len(lines))
	for i, line := range lines {
		texts[i] = strings.TrimPrefix(strings.TrimPrefix(line, "//"), " ")
	}
	headings := map[string]bool{}
	for _, block := range new(godoc.Parser).Parse(strings.Join(texts, "\n")).Content {
		if h, ok := block.(*godoc.Heading); ok {
			headings[plainText(h.Text)] = true
		}
	}
	for i, text := range texts {
		if headings[text] {
			lines[i] += "."
		}
	}
	return strings.Join(lines, "\n")
}

// plainText returns the text of a part of a comment.
func plainText(parts []godoc.Text) string {
	var b strings.Builder
	for _, part := range parts {
		switch part := part.(type) {
		case godoc.Plain:
			b.WriteString(string(part))
		case godoc.Italic:
			b.WriteString(string(part))
		case *godoc.Link:
			b.WriteString(plainText(part.Text))
		case *godoc.DocLink:
			b.WriteString("[" + plainText(part.Text) + "]")
		}
	}
	return b.String()
}
