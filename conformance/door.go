package conformance

import (
	"github.com/vpnconform/vpnconform/conformance/internal/client"
	"github.com/vpnconform/vpnconform/conformance/internal/usage"
	"github.com/vpnconform/vpnconform/conformance/suite"
	"github.com/vpnconform/vpnconform/openapi"
)

// UsageError is a mistake of the caller, in the options, an environment or a file:
// nothing was sent. Its Error method says what is wrong and what is wanted.
type UsageError = usage.Error

// MaxAnswer is the number of bytes up to which the body of an answer is read.
const MaxAnswer = client.MaxAnswer

// DefaultUserAgent is the User-Agent of requests unless the options have another:
// that of every program that uses net/http, by which nobody knows the kit.
const DefaultUserAgent = client.DefaultUserAgent

// MaskedKey stands for the pre-shared key in what is shown. It is a valid one of
// the same length, so that a request that holds it is still accepted.
const MaskedKey = client.MaskedKey

// ShortestSecret is the number of characters from which on a text is masked. One
// of up to seven is masked where it stands between delimiters, and not if it is a
// word of the document or of the environment, which every report has.
const ShortestSecret = client.ShortestSecret

// Curl returns the command that sends a request to a target, for a POSIX shell.
// The target is a base URL.
func Curl(target string, op openapi.Operation, parameters []suite.Parameter, body []byte) string {
	return client.Curl(target, op, parameters, body)
}
