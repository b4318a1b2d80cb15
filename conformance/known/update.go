package known

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/vpnconform/vpnconform/conformance/report"
)

// Update brings the text of a list of known failures up to date with the
// results of a run. A case that failed gets its fingerprint, and an entry at the
// end with the reason if it has none; the entry of a case that passed goes, with
// the comments above and in it. Everything else stays as it is written. No data
// is an empty list, and nothing is left to change when it is done twice.
//
// A comment at the head of the file speaks of the file and stays: it ends with
// the last empty line before the first entry, or at the entry if there is none.
//
// Refused is every list that cannot be read, and a new entry without a reason,
// by the id of the case.
func Update(name string, data []byte, results []report.Result, reason string) ([]byte, error) {
	list, err := Parse(name, data)
	if err != nil {
		return nil, err
	}
	want, err := updateList(name, list, results, reason)
	if err != nil {
		return nil, err
	}
	if slices.Equal(want, list) {
		return data, nil
	}
	// What is odd may be beyond a change of its lines. Then the file is
	// written anew, with its comments where the library of YAML puts them, or
	// without them when it cannot.
	for _, form := range []func() []byte{
		func() []byte { return data },
		func() []byte { return rewrite(data) },
		func() []byte { return encode(list, 0) },
	} {
		file, ok := split(form(), list)
		if !ok {
			continue
		}
		out := file.with(list, want)
		if got, err := Parse(name, out); err == nil && slices.Equal(got, want) {
			return out, nil
		}
	}
	return nil, fmt.Errorf("%s: the list cannot be written: a case or the reason is no text of YAML", name)
}

// updateList returns what a list is after a run.
func updateList(name string, list []Failure, results []report.Result, reason string) ([]Failure, error) {
	outcomes := map[string]report.Result{}
	for _, r := range results {
		outcomes[r.Case] = r
	}
	var want []Failure
	for _, k := range list {
		r := outcomes[k.Case]
		if r.Outcome == report.Fail {
			k.Fingerprint = Fingerprint(r.Differences)
		}
		if r.Outcome != report.Pass {
			want = append(want, k)
		}
		delete(outcomes, k.Case)
	}
	var unexplained []string
	for _, r := range results {
		if r, ok := outcomes[r.Case]; !ok || r.Outcome != report.Fail {
			continue
		}
		delete(outcomes, r.Case)
		want = append(want, Failure{Case: r.Case, Reason: reason, Fingerprint: Fingerprint(r.Differences)})
		if reason == "" {
			unexplained = append(unexplained, r.Case)
		}
	}
	switch n := len(unexplained); n {
	case 0:
		return want, nil
	case 1:
		return nil, fmt.Errorf("%s: %s fails and is not in the list: a known failure has a reason", name, unexplained[0])
	default:
		return nil, fmt.Errorf("%s: %s and %d more fail and are not in the list: a known failure has a reason", name, unexplained[0], n-1)
	}
}

// lines is a list by the lines it is written in.
type lines struct {
	head    []byte
	entries []entry
	tail    []byte
	indent  int // of the entries
}

// entry is a known failure as it is written.
type entry struct{ above, body []byte }

// split cuts a file into its entries. It tells whether each can be read alone.
func split(data []byte, list []Failure) (lines, bool) {
	var file lines
	var above []byte // may belong to what follows
	for line := range bytes.Lines(data) {
		text := bytes.TrimLeft(line, " ")
		indent := len(line) - len(text)
		text = bytes.TrimSpace(text)
		last := len(file.entries) - 1
		switch {
		case (bytes.HasPrefix(text, []byte("- ")) || string(text) == "-") && (last < 0 || indent == file.indent):
			if last < 0 {
				end := len(above)
				if empty := bytes.LastIndex(above, []byte("\n\n")); empty >= 0 {
					end = empty + 2
				}
				file.head, above = above[:end], above[end:]
			}
			file.indent = indent
			file.entries = append(file.entries, entry{above, bytes.Clone(line)})
			above = nil
		case last < 0 || len(text) == 0 || text[0] == '#' && indent <= file.indent:
			above = append(above, line...)
		default:
			file.entries[last].body = slices.Concat(file.entries[last].body, above, line)
			above = nil
		}
	}
	file.tail = above
	if len(list) == 0 {
		file = lines{tail: commentLines(data)}
	}
	return file, slices.EqualFunc(file.entries, list, func(e entry, k Failure) bool {
		alone, err := Parse("", e.body)
		return err == nil && len(alone) == 1 && alone[0] == k
	})
}

// commentLines keeps the lines of a file that has no entry but for those that say so.
func commentLines(data []byte) []byte {
	var kept []byte
	for line := range bytes.Lines(data) {
		if text := bytes.TrimSpace(line); len(text) == 0 || text[0] == '#' {
			kept = append(kept, line...)
		}
	}
	return kept
}

// with writes a list for another: each entry of the first is in the second, in
// the same order, or is gone; new ones follow.
func (file lines) with(list, want []Failure) []byte {
	out := bytes.Clone(file.head)
	add := func(text []byte) {
		if len(out) == 0 || bytes.HasSuffix(out, []byte("\n\n")) {
			text = bytes.TrimLeft(text, "\n") // one empty line is left of what went
		}
		if len(text) > 0 && len(out) > 0 && out[len(out)-1] != '\n' {
			out = append(out, '\n')
		}
		out = append(out, text...)
	}
	kept := 0
	for i, e := range file.entries {
		if kept == len(want) || want[kept].Case != list[i].Case {
			continue
		}
		if want[kept] != list[i] {
			e.body = setFingerprint(e.body, want[kept].Fingerprint, file.indent)
		}
		add(e.above)
		add(e.body)
		kept++
	}
	if len(list) == 0 { // comments are all there is, so they are those of the head
		add(file.tail)
		file.tail = nil
	}
	add(encode(want[kept:], file.indent))
	add(file.tail)
	return out
}

// encode writes entries, none as nothing.
func encode(list []Failure, indent int) []byte {
	root := &yaml.Node{Kind: yaml.SequenceNode}
	for _, k := range list {
		item := &yaml.Node{Kind: yaml.MappingNode}
		for _, member := range [][2]string{
			{"case", k.Case}, {"reason", k.Reason}, {"issue", k.Issue}, {"expires", k.Expires}, {"fingerprint", k.Fingerprint},
		} {
			if member[1] != "" {
				item.Content = append(item.Content, textNode(member[0]), textNode(member[1]))
			}
		}
		root.Content = append(root.Content, item)
	}
	if len(list) == 0 {
		return nil
	}
	return writeYAML(root, indent)
}

func textNode(value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}
}

// setFingerprint writes an entry with another fingerprint.
func setFingerprint(body []byte, fingerprint string, indent int) []byte {
	var document yaml.Node
	if err := yaml.Unmarshal(body, &document); err != nil {
		return body // no entry is so: it has been read
	}
	item := document.Content[0].Content[0]
	for i := 0; i+1 < len(item.Content); i += 2 {
		if item.Content[i].Value != "fingerprint" {
			continue
		}
		old, value := item.Content[i+1], textNode(fingerprint)
		value.Style = old.Style & (yaml.SingleQuotedStyle | yaml.DoubleQuotedStyle)
		value.HeadComment, value.LineComment, value.FootComment = old.HeadComment, old.LineComment, old.FootComment
		item.Content[i+1] = value
		return writeYAML(&document, indent)
	}
	item.Content = append(item.Content, textNode("fingerprint"), textNode(fingerprint))
	return writeYAML(&document, indent)
}

// rewrite writes a file with an entry a line or more, and without aliases.
func rewrite(data []byte) []byte {
	var document yaml.Node
	if err := yaml.Unmarshal(data, &document); err != nil || len(document.Content) == 0 {
		return data
	}
	root := document.Content[0]
	if root.LineComment != "" { // a list of several lines has no place for it
		root.HeadComment = strings.TrimPrefix(root.HeadComment+"\n"+root.LineComment, "\n")
		root.LineComment = ""
	}
	root.Style = 0
	resolveAliases(root)
	return writeYAML(&document, 0)
}

// resolveAliases puts what aliases stand for in their places.
func resolveAliases(node *yaml.Node) {
	node.Anchor = ""
	for i, value := range node.Content {
		if value.Kind == yaml.AliasNode {
			value = &yaml.Node{Kind: value.Alias.Kind, Tag: value.Alias.Tag, Style: value.Alias.Style, Value: value.Alias.Value, Content: value.Alias.Content}
			node.Content[i] = value
		}
		resolveAliases(value)
	}
}

// writeYAML writes YAML, indented as a whole. It is nothing when the library cannot
// write it, which whoever reads it again finds out.
func writeYAML(node *yaml.Node, indent int) []byte {
	var b bytes.Buffer
	encoder := yaml.NewEncoder(&b)
	encoder.SetIndent(2)
	if encoder.Encode(node) != nil || encoder.Close() != nil {
		return nil
	}
	if indent == 0 {
		return b.Bytes()
	}
	var out []byte
	for line := range bytes.Lines(b.Bytes()) {
		if len(bytes.TrimSpace(line)) > 0 {
			out = append(out, bytes.Repeat([]byte(" "), indent)...)
		}
		out = append(out, line...)
	}
	return out
}
