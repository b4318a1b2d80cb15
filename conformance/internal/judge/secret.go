package judge

import (
	"cmp"

	"github.com/vpnconform/vpnconform/conformance/internal/client"
	"github.com/vpnconform/vpnconform/conformance/internal/excerpt"
	"github.com/vpnconform/vpnconform/conformance/internal/secrets"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/openapi"
)

// judgeLeaks looks for the request's key and credentials in the answer, in every form
// that a text may have there.
func (j *Judge) judgeLeaks(f *Findings, a *client.Answer, key string) {
	found := j.findSecrets(a)
	if key != "" {
		ofKey := found
		if key != j.Key { // a documented key, which is secret in its own request only
			ofKey = client.FindSecrets(a, secrets.New([]secrets.Secret{{Text: key, Kind: secrets.Key, Whole: true}}))
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

// HasSecret reports whether an answer has the key of the run or a credential.
func (j *Judge) HasSecret(a *client.Answer) bool { return len(j.findSecrets(a)) > 0 }

// findSecrets are the places of an answer that hold the key of the run or credentials.
// They are searched once and remembered: the client asks before the answer is judged,
// because it does not try again when a busy target repeats secrets.
func (j *Judge) findSecrets(a *client.Answer) []client.SecretPlace {
	if !a.Searched {
		a.Searched, a.Secrets = true, client.FindSecrets(a, j.Finder)
	}
	return a.Secrets
}

// excerptBody shows the beginning of the body of an answer, or says why it is withheld.
func (j *Judge) excerptBody(a *client.Answer) string {
	if why := a.Withheld(); why != "" {
		return why
	}
	return excerpt.Quote(j.Masker.Mask(string(a.Body[:min(len(a.Body), 4*excerpt.MostQuoted)])), len(a.Body))
}

// unreadableBody is the difference of a body that cannot be judged.
func (j *Judge) unreadableBody(a *client.Answer, why error) report.Difference {
	d := report.Difference{Pointer: "/body", Kind: "changed", Want: "JSON", Got: j.excerptBody(a), Why: why.Error()}
	if a.Truncated {
		d.Want, d.Got = "at most 1 MiB of JSON", "more than 1 MiB"
	}
	return d
}
