package judge

import (
	"bytes"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
)

// The bounds of an answer that is worth comparing. A documented answer has about 40
// members in four levels. The cost of a hostile answer grows with the product of
// these.
const (
	mostValues  = 4096
	mostLevels  = 32
	longestName = 128 // characters of a member's name
)

// TooLarge returns an error that says which bound a body exceeds.
func TooLarge(body []byte) error {
	dec := jsontext.NewDecoder(bytes.NewReader(body))
	for n := 0; ; n++ {
		token, err := dec.ReadToken()
		switch {
		case err != nil:
			return nil // the end, or not JSON, which decoding reports
		case n > 2*mostValues:
			return fmt.Errorf("an answer of this operation has at most %d values", mostValues)
		case dec.StackDepth() > mostLevels:
			return fmt.Errorf("an answer of this operation has at most %d levels", mostLevels)
		case token.Kind() == jsontext.KindString && len(token.String()) > longestName && isName(dec):
			return fmt.Errorf("a member of this operation has a name of at most %d bytes", longestName)
		}
	}
}

// isName reports whether the text that was just read is the name of a member.
func isName(dec *jsontext.Decoder) bool {
	kind, length := dec.StackIndex(dec.StackDepth())
	return kind == jsontext.KindBeginObject && length%2 == 1
}
