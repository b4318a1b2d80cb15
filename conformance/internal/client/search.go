package client

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/vpnconform/vpnconform/conformance/internal/secrets"
	"github.com/vpnconform/vpnconform/conformance/match"
)

// Place is where an answer has secrets, and of which kinds.
type Place struct {
	Pointer string
	Found   secrets.Kind
}

// Finder reports the kinds of secrets that a text has.
type Finder interface {
	Find(text string) secrets.Kind
}

// Places are those of an answer that hold secrets.
func Places(a *Answer, known Finder) []Place {
	var out []Place
	look := func(pointer, text string) {
		if found := known.Find(text); found != 0 {
			out = append(out, Place{pointer, found})
		}
	}
	look("/body", string(a.Body))
	for _, fields := range []http.Header{a.Header, a.Trailer, a.Early} {
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			look("/headers/"+match.Escape(name), name+"\n"+strings.Join(fields[name], "\n"))
		}
	}
	look("/status", a.Reason)
	return out
}

// Withheld is what is shown of a body that cannot be searched for secrets: one in
// a coding that is not known, or broken, and one that is no text. It is empty for
// any other body.
func (a *Answer) Withheld() string {
	switch {
	case len(a.Body) == 0:
		return ""
	case a.Coding != "":
		return fmt.Sprintf("(withheld: %d bytes in the coding %s cannot be searched for secrets)", len(a.Body), a.Coding)
	case !secrets.IsText(a.Body):
		return fmt.Sprintf("(withheld: %d bytes that are no text cannot be searched for secrets)", len(a.Body))
	}
	return ""
}
