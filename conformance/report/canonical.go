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

// writeFile writes a report as [json.Encoder] does with an indent of two blanks
// and HTML as it is, and with its digests. It holds a case at a time as text,
// and goes over each once: a digest stands behind what it is of.
func writeFile(out *bufio.Writer, f *file) error {
	c := &canonical{out: out, sum: sha256.New()}
	c.text("{")
	c.member("", "format", f.Format)
	c.member(",", "header", f.Header)
	writeList(c, "causes", f.Causes)
	if f.More > 0 {
		c.member(",", "more_causes", f.More)
	}
	if len(f.Tables) > 0 {
		writeList(c, "tables", f.Tables)
	}
	writeList(c, "cases", f.Cases)
	c.member(",", "errata", f.Errata)
	c.member(",", "missing", f.Missing)
	c.member(",", "baseline", f.Baseline)

	// The digest is that of a file that ends here, and has no digest.
	whole := c.out
	c.out = nil
	c.member(",", "footer", f.Footer)
	c.member(",", "volatile", volatile{})
	c.text("\n}\n")
	f.Footer.SHA256 = hex.EncodeToString(c.sum.Sum(nil))
	c.out, c.sum = whole, nil
	c.member(",", "footer", f.Footer)
	c.text(",\n  \"volatile\": ")
	c.volatile(&f.Volatile)
	c.text("\n}\n")
	return c.err
}

// canonical writes JSON, and sums up what it writes.
type canonical struct {
	out    *bufio.Writer // nil to sum up only
	sum    hash.Hash     // nil to write only
	deeper bool          // what is written stands deeper by two blanks than what is summed up
	err    error
}

// volatile writes the object that has a digest of its own, as if it were alone.
func (c *canonical) volatile(v *volatile) {
	c.sum, c.deeper = sha256.New(), true
	c.text("{")
	c.member("", "target", v.Target)
	c.member(",", "started", v.Started)
	c.member(",", "took_ns", v.Took)
	writeMap(c, "curl", v.Curl)
	writeMap(c, "exchanges", v.Exchanges)
	whole := c.out
	c.out = nil
	c.member(",", "sha256", "")
	c.text("\n}\n")
	v.SHA256 = hex.EncodeToString(c.sum.Sum(nil))
	c.out, c.sum = whole, nil
	c.member(",", "sha256", v.SHA256)
	c.text("\n}")
	c.deeper = false
}

// writeList writes a member that is an array, an item at a time.
func writeList[V any](c *canonical, name string, items []V) {
	c.text(",\n  \"" + name + "\": [")
	for i, item := range items {
		c.text(comma(i) + "\n    ")
		c.value("    ", item)
	}
	if len(items) > 0 {
		c.text("\n  ")
	}
	c.text("]")
}

// writeMap writes a member that is an object, in the order of its keys.
func writeMap[V any](c *canonical, name string, object map[string]V) {
	c.text(",\n  \"" + name + "\": {")
	for i, key := range slices.Sorted(maps.Keys(object)) {
		c.text(comma(i) + "\n    ")
		c.value("", key)
		c.text(": ")
		c.value("    ", object[key])
	}
	if len(object) > 0 {
		c.text("\n  ")
	}
	c.text("}")
}

func comma(i int) string {
	if i == 0 {
		return ""
	}
	return ","
}

// member writes a member of an object that is not in another.
func (c *canonical) member(before, name string, value any) {
	c.text(before + "\n  \"" + name + "\": ")
	c.value("  ", value)
}

// value writes a value whose lines but the first stand after an indent.
func (c *canonical) value(indent string, value any) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent(indent, "  ")
	if err := enc.Encode(value); err != nil && c.err == nil {
		c.err = err
	}
	c.bytes(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}

func (c *canonical) text(s string) { c.bytes([]byte(s)) }

func (c *canonical) bytes(data []byte) {
	if c.sum != nil {
		c.sum.Write(data)
	}
	if c.out == nil || c.err != nil {
		return
	}
	if c.deeper { // no text of JSON has a newline
		data = bytes.ReplaceAll(data, []byte("\n"), []byte("\n  "))
	}
	_, c.err = c.out.Write(data)
}
