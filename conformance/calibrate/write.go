package calibrate

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// kindCount counts the faults of a kind.
type kindCount struct {
	Kind                          string
	All, Killed, Equivalent, Left int
}

// kinds counts the faults by kind, in the order of their names.
func (m *Measurement) kinds() []kindCount {
	var out []kindCount
	at := map[string]int{}
	for _, k := range m.Kills {
		i, ok := at[k.Kind]
		if !ok {
			i, at[k.Kind] = len(out), len(out)
			out = append(out, kindCount{Kind: k.Kind})
		}
		out[i].All++
		switch {
		case k.Case != "":
			out[i].Killed++
		case k.Equivalent != "":
			out[i].Equivalent++
		default:
			out[i].Left++
		}
	}
	slices.SortFunc(out, func(a, b kindCount) int { return cmp.Compare(a.Kind, b.Kind) })
	return out
}

// total counts all faults.
func (m *Measurement) total() kindCount {
	total := kindCount{Kind: "all"}
	for _, k := range m.kinds() {
		total.All += k.All
		total.Killed += k.Killed
		total.Equivalent += k.Equivalent
		total.Left += k.Left
	}
	return total
}

// Summary is the measurement in a sentence.
func (m *Measurement) Summary() string {
	total := m.total()
	text := fmt.Sprintf("null score %d of %d cases over %d null servers; %d of %d faults killed, %d equivalent, %d survive",
		m.NullScore(), m.Cases, len(m.Nulls), total.Killed, total.All, total.Equivalent, total.Left)
	if total.All == 0 && len(m.Void) == 0 {
		text = fmt.Sprintf("null score %d of %d cases over %d null servers; no faults were tried", m.NullScore(), m.Cases, len(m.Nulls))
	}
	switch {
	case len(m.Void) > 0:
		return "VOID: " + text
	case m.Holds():
		return "CALIBRATED: " + text
	}
	return "NOT CALIBRATED: " + text
}

// WriteJSON writes the whole measurement as JSON.
func WriteJSON(w io.Writer, m *Measurement) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(m)
}

// WriteText writes the measurement for a terminal: counts by kind, and what is
// wrong.
func WriteText(w io.Writer, m *Measurement) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%-22s %6s %7s %11s %9s\n", "kind of fault", "faults", "killed", "equivalent", "survive")
	for _, k := range append(m.kinds(), m.total()) {
		fmt.Fprintf(&b, "%-22s %6d %7d %11d %9d\n", k.Kind, k.All, k.Killed, k.Equivalent, k.Left)
	}
	b.WriteByte('\n')
	for _, k := range m.Survivors() {
		fmt.Fprintf(&b, "survives: %s (%s)\n", k.Fault, k.Breaks)
	}
	for _, n := range m.Nulls {
		if len(n.Passed) > 0 {
			fmt.Fprintf(&b, "null server %s passes %d: %s\n", n.Name, len(n.Passed), strings.Join(n.Passed[:min(len(n.Passed), 3)], ", "))
		}
	}
	for _, text := range m.Wrong {
		fmt.Fprintf(&b, "equivalent.yaml: %s\n", text)
	}
	if m.Stale != "" {
		fmt.Fprintf(&b, "stale: %s\n", m.Stale)
	}
	for _, text := range m.Void {
		fmt.Fprintf(&b, "void: %s\n", text)
	}
	fmt.Fprintf(&b, "%s\n", m.Summary())
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteMarkdown writes the measurement as a page: counts by kind, and the kill
// matrix with the first case and place that noticed each fault.
func WriteMarkdown(w io.Writer, m *Measurement) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# Calibration\n\n%s\n\n", m.Summary())
	for _, text := range slices.Concat(m.Void, m.Wrong) {
		fmt.Fprintf(&b, "- %s\n", cell(text))
	}
	if len(m.Void)+len(m.Wrong) > 0 {
		b.WriteByte('\n')
	}
	b.WriteString("| kind of fault | faults | killed | equivalent | survive |\n|---|--:|--:|--:|--:|\n")
	for _, k := range append(m.kinds(), m.total()) {
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d |\n", cell(k.Kind), k.All, k.Killed, k.Equivalent, k.Left)
	}
	b.WriteString("\n## Faults\n\n| fault | breaks | killed by | at | level |\n|---|---|---|---|---|\n")
	for _, k := range m.Kills {
		by := cell(k.Case)
		switch {
		case k.Equivalent != "":
			by = "equivalent: " + cell(k.Equivalent)
		case by == "":
			by = "**survives**"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", cell(k.Fault), cell(k.Breaks), by, cell(k.Pointer), cell(k.Level))
	}
	b.WriteString("\n## Null servers\n\n| answer to everything | cases passed |\n|---|--:|\n")
	for _, n := range m.Nulls {
		fmt.Fprintf(&b, "| %s | %d |\n", cell(n.Name), len(n.Passed))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// cell writes a text into a table, as text and not as markup.
func cell(text string) string {
	return strings.NewReplacer(
		`\`, `\\`, "|", `\|`, "*", `\*`, "_", `\_`, "`", "\\`", "[", `\[`, "]", `\]`, "~", `\~`,
		"&", "&amp;", "<", "&lt;", ">", "&gt;", "\r", " ", "\n", " ",
	).Replace(text)
}
