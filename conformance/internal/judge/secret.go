package judge

import (
	"cmp"

	"github.com/vpnconform/vpnconform/conformance/internal/client"
	"github.com/vpnconform/vpnconform/conformance/internal/excerpt"
	"github.com/vpnconform/vpnconform/conformance/internal/secrets"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/openapi"
)

// leaks finds the request's key and credentials in the answer, in any form that
// a text takes there.
func (j *Judge) leaks(f *findings, a *client.Answer, key string) {
	found := j.secretsIn(a)
	if key != "" {
		ofKey := found
		if key != j.Key { // one of the suite's, which is no secret but in its own request
			ofKey = client.Places(a, secrets.New([]secrets.Secret{{Text: key, Kind: secrets.Key, Whole: true}}))
		}
		for _, at := range ofKey {
			if at.Found&secrets.Key != 0 {
				f.add(report.Difference{Pointer: at.Pointer, Kind: "rule", Got: "the key that was sent"}, j.secret)
			}
		}
	}
	for _, at := range found {
		if at.Found&secrets.Credential != 0 {
			f.add(report.Difference{
				Pointer: at.Pointer, Kind: "rule", Got: "credentials that were sent", Why: "no answer repeats the credentials of a request",
				Level: string(openapi.Should), Source: cmp.Or(j.Doc.Transport["credentials"], "RFC-9110, 17.16.1"),
			}, nil)
		}
	}
}

// Leak tells whether an answer has the key of the run or a credential.
func (j *Judge) Leak(a *client.Answer) bool { return len(j.secretsIn(a)) > 0 }

// secretsIn are the places of an answer that hold the key of the run or credentials.
// They are looked for once, though more than once asked for: before an answer is
// judged, a busy target that repeats secrets is not asked again.
func (j *Judge) secretsIn(a *client.Answer) []client.Place {
	if !a.Searched {
		a.Searched, a.Secrets = true, client.Places(a, j.Known)
	}
	return a.Secrets
}

// begins shows how the body of an answer begins, or says why that is withheld.
func (j *Judge) begins(a *client.Answer) string {
	if why := a.Withheld(); why != "" {
		return why
	}
	return excerpt.Quote(j.Masker.Mask(string(a.Body[:min(len(a.Body), 4*excerpt.MostQuoted)])), len(a.Body))
}

// unreadable is the difference of a body that cannot be judged.
func (j *Judge) unreadable(a *client.Answer, why error) report.Difference {
	d := report.Difference{Pointer: "/body", Kind: "changed", Want: "JSON", Got: j.begins(a), Why: why.Error()}
	if a.Truncated {
		d.Want, d.Got = "at most 1 MiB of JSON", "more than 1 MiB"
	}
	return d
}
