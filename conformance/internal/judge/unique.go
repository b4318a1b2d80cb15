package judge

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/conformance/internal/client"
	"github.com/vpnconform/vpnconform/conformance/internal/excerpt"
	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/openapi"
)

// Unique is a value that no other answer may have.
type Unique struct {
	Pointer, Value string
	Rule           *openapi.Rule
	answer         uint64 // see [client.Answer.Sum]
}

// uniqueValues are the values of an answer that no other answer may have.
func (j *Judge) uniqueValues(schema *openapi3.SchemaRef, body any, leaves []string, a *client.Answer) []Unique {
	var out []Unique
	for _, pointer := range leaves {
		if s := openapi.Member(schema, pointer); s != nil {
			if rule := j.Doc.Keyword(s.Value, "x-unique", ""); rule != nil {
				if text, ok := match.At(body, pointer).(string); ok { // another rule judges a value of another type
					value := strings.ToLower(j.Masker.Mask(excerpt.JSON(text))) // a change of case does not make it new
					out = append(out, Unique{pointer, abbreviate(value), rule, a.Sum})
				}
			}
		}
	}
	return out
}

// abbreviate returns a text, or its beginning and a digest if it is long. The value is
// kept until the run ends, and a target may send a megabyte.
func abbreviate(text string) string {
	if len(text) <= excerpt.Most/4 {
		return text
	}
	return fmt.Sprintf("%s, SHA-256 %x", excerpt.Shorten(text, excerpt.Brief), sha256.Sum256([]byte(text)))
}
