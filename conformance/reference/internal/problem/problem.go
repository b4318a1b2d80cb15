package problem

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/vpnconform/vpnconform/generated/vpn"
)

// RequestIDHeader is the field that bears the identifier of a request.
const RequestIDHeader = "X-Request-Id"

// Problem is an answer that says why there is no connection.
type Problem struct {
	Status        int
	Code, Message string
}

// Error returns the code and the message.
func (p *Problem) Error() string { return p.Code + " " + p.Message }

// Invalid is the problem of a request that breaks a rule. The sentence names
// the member to blame and quotes no value.
// source: OTC-ERR, VPN.0001
func Invalid(sentence string) *Problem {
	return &Problem{http.StatusBadRequest, "VPN.0001", "invalid request: " + sentence}
}

// Unauthorized is the problem of a request without the right token, in the
// words of the API gateway before the service.
func Unauthorized(reason string) *Problem {
	return &Problem{http.StatusUnauthorized, "APIG.0301", "Incorrect IAM authentication information: " + reason}
}

// NotFound is the problem of a request for what is not there.
// source: OTC-ERR, VPN.0004
func NotFound(what string) *Problem {
	return &Problem{http.StatusNotFound, "VPN.0004", "resource not found: " + what}
}

// Broken is the problem of a service that cannot do its work.
// source: OTC-ERR, VPN.0002
func Broken(reason string) *Problem {
	return &Problem{http.StatusInternalServerError, "VPN.0002", "server error: " + reason}
}

// Full is the problem of a request for one connection more than the quota. No page
// says how that is refused: a choice.
func Full(quota int) *Problem {
	return &Problem{http.StatusConflict, "VPN.0017", fmt.Sprintf("the quota of %d connections is used up", quota)}
}

// Violated is the problem of a request that breaks rules about its gateways.
// The sentences are the rules' own.
func Violated(violations vpn.Violations) *Problem {
	sentences := make([]string, len(violations))
	for i, v := range violations {
		sentences[i] = v.Message
	}
	return Invalid(strings.Join(sentences, "; "))
}

// Write answers with the problem, in the shape that the service and all its
// clients use. source: OTC-DEL, failure example
func (p *Problem) Write(w http.ResponseWriter) {
	id := w.Header().Get(RequestIDHeader)
	data, err := json.Marshal(vpn.ErrorResponse{ErrorCode: &p.Code, ErrorMsg: &p.Message, RequestID: &id})
	if err != nil {
		http.Error(w, http.StatusText(p.Status), p.Status) // three texts always encode
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(p.Status)
	_, _ = w.Write(append(data, '\n')) // when the client is gone there is nobody to tell
}
