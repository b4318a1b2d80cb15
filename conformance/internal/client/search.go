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

// SecretPlace is a place of an answer that has secrets, and their kinds.
type SecretPlace struct {
	Pointer string
	Found   secrets.Kind
}

// Finder finds the kinds of secrets in a text.
type Finder interface {
	// Find returns the kinds of secrets that a text has; 0 if it has none.
	Find(text string) secrets.Kind
}

// FindSecrets returns the places of an answer that have secrets.
func FindSecrets(a *Answer, finder Finder) []SecretPlace {
	var out []SecretPlace
	look := func(pointer, text string) {
		if found := finder.Find(text); found != 0 {
			out = append(out, SecretPlace{pointer, found})
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

// Withheld returns what is shown instead of a body that cannot be searched for secrets:
// one in an unknown or broken coding, or one that is not text. It is empty for any other
// body.
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
