package report

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"hash"
	"maps"
	"slices"
)

// writeFile writes a report as [json.Encoder] does with an indent of two blanks and
// without escapes for HTML, and with its digests. It holds one case at a time as text, and
// encodes each once: a digest stands behind the text that it covers.
func writeFile(out *bufio.Writer, f *file) error {
	c := &canonical{out: out, sum: sha256.New()}
	c.writeText("{")
	c.writeMember("", "format", f.Format)
	c.writeMember(",", "header", f.Header)
	writeList(c, "causes", f.Causes)
	if f.More > 0 {
		c.writeMember(",", "more_causes", f.More)
	}
	if len(f.Tables) > 0 {
		writeList(c, "tables", f.Tables)
	}
	writeList(c, "cases", f.Cases)
	c.writeMember(",", "errata", f.Errata)
	c.writeMember(",", "missing", f.Missing)
	c.writeMember(",", "baseline", f.Baseline)

	// The digest covers a file that ends here, with an empty digest.
	whole := c.out
	c.out = nil
	c.writeMember(",", "footer", f.Footer)
	c.writeMember(",", "volatile", volatile{})
	c.writeText("\n}\n")
	f.Footer.SHA256 = hex.EncodeToString(c.sum.Sum(nil))
	c.out, c.sum = whole, nil
	c.writeMember(",", "footer", f.Footer)
	c.writeText(",\n  \"volatile\": ")
	c.writeVolatile(&f.Volatile)
	c.writeText("\n}\n")
	return c.err
}

// canonical writes JSON and sums up what it writes.
type canonical struct {
	out    *bufio.Writer // nil to sum up only
	sum    hash.Hash     // nil to write only
	deeper bool          // written text has two blanks more indent than summed text
	err    error
}

// writeVolatile writes the object with a digest of its own, which covers it as if it
// stood alone.
func (c *canonical) writeVolatile(v *volatile) {
	c.sum, c.deeper = sha256.New(), true
	c.writeText("{")
	c.writeMember("", "target", v.Target)
	c.writeMember(",", "started", v.Started)
	c.writeMember(",", "took_ns", v.Took)
	writeMap(c, "curl", v.Curl)
	writeMap(c, "exchanges", v.Exchanges)
	whole := c.out
	c.out = nil
	c.writeMember(",", "sha256", "")
	c.writeText("\n}\n")
	v.SHA256 = hex.EncodeToString(c.sum.Sum(nil))
	c.out, c.sum = whole, nil
	c.writeMember(",", "sha256", v.SHA256)
	c.writeText("\n}")
	c.deeper = false
}

// writeList writes a member that is an array, an item at a time.
func writeList[V any](c *canonical, name string, items []V) {
	c.writeText(",\n  \"" + name + "\": [")
	for i, item := range items {
		c.writeText(comma(i) + "\n    ")
		c.writeValue("    ", item)
	}
	if len(items) > 0 {
		c.writeText("\n  ")
	}
	c.writeText("]")
}

// writeMap writes a member that is an object, in the order of its keys.
func writeMap[V any](c *canonical, name string, object map[string]V) {
	c.writeText(",\n  \"" + name + "\": {")
	for i, key := range slices.Sorted(maps.Keys(object)) {
		c.writeText(comma(i) + "\n    ")
		c.writeValue("", key)
		c.writeText(": ")
		c.writeValue("    ", object[key])
	}
	if len(object) > 0 {
		c.writeText("\n  ")
	}
	c.writeText("}")
}

// comma stands before the item with index i.
func comma(i int) string {
	if i == 0 {
		return ""
	}
	return ","
}

// writeMember writes a member of the outermost object.
func (c *canonical) writeMember(before, name string, value any) {
	c.writeText(before + "\n  \"" + name + "\": ")
	c.writeValue("  ", value)
}

// writeValue writes a value whose lines, except the first, begin with an indent.
func (c *canonical) writeValue(indent string, value any) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent(indent, "  ")
	if err := enc.Encode(value); err != nil && c.err == nil {
		c.err = err
	}
	c.write(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}

func (c *canonical) writeText(s string) { c.write([]byte(s)) }

// write writes and sums up bytes.
func (c *canonical) write(data []byte) {
	if c.sum != nil {
		c.sum.Write(data)
	}
	if c.out == nil || c.err != nil {
		return
	}
	if c.deeper { // JSON strings contain no line feed
		data = bytes.ReplaceAll(data, []byte("\n"), []byte("\n  "))
	}
	_, c.err = c.out.Write(data)
}
