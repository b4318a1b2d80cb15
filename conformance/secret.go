package conformance

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/vpnconform/vpnconform/conformance/internal/secrets"
	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/openapi"
)

// leaks finds the request's key and credentials in the answer, in any form that
// a text takes there.
func (j *judge) leaks(f *findings, a *answer, key string) {
	found := j.secretsIn(a)
	if key != "" {
		ofKey := found
		if key != j.key { // one of the suite's, which is no secret but in its own request
			ofKey = places(a, secrets.New([]secrets.Secret{{Text: key, Kind: secrets.Key, Whole: true}}))
		}
		for _, at := range ofKey {
			if at.found&secrets.Key != 0 {
				f.add(report.Difference{Pointer: at.pointer, Kind: "rule", Got: "the key that was sent"}, j.secret)
			}
		}
	}
	for _, at := range found {
		if at.found&secrets.Credential != 0 {
			f.add(report.Difference{
				Pointer: at.pointer, Kind: "rule", Got: "credentials that were sent", Why: "no answer repeats the credentials of a request",
				Level: string(openapi.Should), Source: cmp.Or(j.doc.Transport["credentials"], "RFC-9110, 17.16.1"),
			}, nil)
		}
	}
}

// leak tells whether an answer has the key of the run or a credential.
func (j *judge) leak(a *answer) bool { return len(j.secretsIn(a)) > 0 }

// secretsIn are the places of an answer that hold the key of the run or credentials.
// They are looked for once, though more than once asked for: before an answer is
// judged, a busy target that repeats secrets is not asked again.
func (j *judge) secretsIn(a *answer) []place {
	if !a.searched {
		a.searched, a.secrets = true, places(a, j.known)
	}
	return a.secrets
}

// place is where an answer has secrets, and of which kinds.
type place struct {
	pointer string
	found   secrets.Kind
}

// finder reports the kinds of secrets that a text has.
type finder interface {
	Find(text string) secrets.Kind
}

// places are those of an answer that hold secrets.
func places(a *answer, known finder) []place {
	var out []place
	look := func(pointer, text string) {
		if found := known.Find(text); found != 0 {
			out = append(out, place{pointer, found})
		}
	}
	look("/body", string(a.body))
	for _, fields := range []http.Header{a.header, a.trailer, a.early} {
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			look("/headers/"+match.Escape(name), name+"\n"+strings.Join(fields[name], "\n"))
		}
	}
	look("/status", a.reason)
	return out
}

// mostQuoted is the number of bytes of a body that a difference quotes.
const mostQuoted = 200

// quoted shows the beginning of a body that is no JSON, of a number of bytes.
func quoted(begin string, size int) string {
	if len(begin) > mostQuoted {
		begin = begin[:mostQuoted]
	} else if size <= mostQuoted {
		return fmt.Sprintf("%q", begin)
	}
	return fmt.Sprintf("%q... (%d bytes)", begin, size)
}

// begins shows how the body of an answer begins, or says why that is withheld.
func (j *judge) begins(a *answer) string {
	if why := a.withheld(); why != "" {
		return why
	}
	return quoted(j.masker.mask(string(a.body[:min(len(a.body), 4*mostQuoted)])), len(a.body))
}

// unreadable is the difference of a body that cannot be judged.
func (j *judge) unreadable(a *answer, why error) report.Difference {
	d := report.Difference{Pointer: "/body", Kind: "changed", Want: "JSON", Got: j.begins(a), Why: why.Error()}
	if a.truncated {
		d.Want, d.Got = "at most 1 MiB of JSON", "more than 1 MiB"
	}
	return d
}

// withheld is what is shown of a body that cannot be searched for secrets: one in
// a coding that is not known, or broken, and one that is no text. It is empty for
// any other body.
func (a *answer) withheld() string {
	switch {
	case len(a.body) == 0:
		return ""
	case a.coding != "":
		return fmt.Sprintf("(withheld: %d bytes in the coding %s cannot be searched for secrets)", len(a.body), a.coding)
	case !secrets.IsText(a.body):
		return fmt.Sprintf("(withheld: %d bytes that are no text cannot be searched for secrets)", len(a.body))
	}
	return ""
}
