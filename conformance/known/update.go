package known

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/vpnconform/vpnconform/conformance/report"
)

// Update brings the text of a list of known failures up to date with the results of a
// run. A case that failed gets its fingerprint, and a new entry with the reason if it has
// none. The entry of a case that passed is removed, with the comments above and in it.
// Everything else stays as it is written: people write these files. No data is an empty
// list, and a second update changes nothing.
//
// A comment at the head of the file is about the file and stays. It ends with the last
// empty line before the first entry, or at the entry if there is none.
//
// The error names the case: for a list that cannot be read, and for a new entry without a
// reason.
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
	// Unusual YAML may not allow a change line by line. Then the whole file is written
	// again, with its comments where the YAML library puts them, or without them if it
	// fails.
	for _, form := range []func() []byte{
		func() []byte { return data },
		func() []byte { return rewrite(data) },
		func() []byte { return encode(list, 0) },
	} {
		file, ok := split(form(), list)
		if !ok {
			continue
		}
		out := file.rewriteEntries(list, want)
		if got, err := Parse(name, out); err == nil && slices.Equal(got, want) {
			return out, nil
		}
	}
	return nil, fmt.Errorf("%s: the list cannot be written: a case or the reason is no text of YAML", name)
}

// updateList returns the list after a run.
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

// lines is a list, divided into the lines of its entries.
type lines struct {
	head    []byte
	entries []entry
	tail    []byte
	indent  int // of the entries
}

// entry is a known failure as it is written.
type entry struct{ above, body []byte }

// split divides a file into its entries, and reports whether each can be read alone.
func split(data []byte, list []Failure) (lines, bool) {
	var file lines
	var above []byte // lines that may belong to the next entry
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

// commentLines keeps the comments and empty lines of a file without entries.
func commentLines(data []byte) []byte {
	var kept []byte
	for line := range bytes.Lines(data) {
		if text := bytes.TrimSpace(line); len(text) == 0 || text[0] == '#' {
			kept = append(kept, line...)
		}
	}
	return kept
}

// rewriteEntries writes another list: each entry of the first is in the second, in the
// same order, or is removed; new entries follow.
func (file lines) rewriteEntries(list, want []Failure) []byte {
	out := bytes.Clone(file.head)
	add := func(text []byte) {
		if len(out) == 0 || bytes.HasSuffix(out, []byte("\n\n")) {
			text = bytes.TrimLeft(text, "\n") // a removed entry leaves one empty line
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
	if len(list) == 0 { // without entries, all comments belong to the head
		add(file.tail)
		file.tail = nil
	}
	add(encode(want[kept:], file.indent))
	add(file.tail)
	return out
}

// encode writes entries; nothing for an empty list.
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

// textNode is a YAML text.
func textNode(value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}
}

// setFingerprint writes an entry with another fingerprint.
func setFingerprint(body []byte, fingerprint string, indent int) []byte {
	var document yaml.Node
	if err := yaml.Unmarshal(body, &document); err != nil {
		return body // cannot happen: the entry was read before
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

// rewrite writes a file with one or more lines for each entry, and without aliases.
func rewrite(data []byte) []byte {
	var document yaml.Node
	if err := yaml.Unmarshal(data, &document); err != nil || len(document.Content) == 0 {
		return data
	}
	root := document.Content[0]
	if root.LineComment != "" { // a list of several lines has no line for it
		root.HeadComment = strings.TrimPrefix(root.HeadComment+"\n"+root.LineComment, "\n")
		root.LineComment = ""
	}
	root.Style = 0
	resolveAliases(root)
	return writeYAML(&document, 0)
}

// resolveAliases replaces aliases by their values.
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

// writeYAML writes YAML, indented as a whole. It returns nothing if the library cannot
// write it; whoever reads the result finds out.
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
