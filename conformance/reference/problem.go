package reference

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/vpnconform/vpnconform/generated/vpn"
)

const requestIDHeader = "X-Request-Id"

// problem is an answer that says why there is no connection.
type problem struct {
	status        int
	code, message string
}

// Error returns the code and the message.
func (p *problem) Error() string { return p.code + " " + p.message }

// invalid is the problem of a request that breaks a rule. The sentence names
// the member to blame and quotes no value.
// source: OTC-ERR, VPN.0001
func invalid(sentence string) *problem {
	return &problem{http.StatusBadRequest, "VPN.0001", "invalid request: " + sentence}
}

// unauthorized is the problem of a request without the right token, in the
// words of the API gateway before the service.
func unauthorized(reason string) *problem {
	return &problem{http.StatusUnauthorized, "APIG.0301", "Incorrect IAM authentication information: " + reason}
}

// notFound is the problem of a request for what is not there.
// source: OTC-ERR, VPN.0004
func notFound(what string) *problem {
	return &problem{http.StatusNotFound, "VPN.0004", "resource not found: " + what}
}

// broken is the problem of a service that cannot do its work.
// source: OTC-ERR, VPN.0002
func broken(reason string) *problem {
	return &problem{http.StatusInternalServerError, "VPN.0002", "server error: " + reason}
}

// full is the problem of a request for one connection more than the quota. No page
// says how that is refused: a choice.
func full(quota int) *problem {
	return &problem{http.StatusConflict, "VPN.0017", fmt.Sprintf("the quota of %d connections is used up", quota)}
}

// violated is the problem of a request that breaks rules about its gateways.
// The sentences are the rules' own.
func violated(violations vpn.Violations) *problem {
	sentences := make([]string, len(violations))
	for i, v := range violations {
		sentences[i] = v.Message
	}
	return invalid(strings.Join(sentences, "; "))
}

// write answers with the problem, in the shape that the service and all its
// clients use. source: OTC-DEL, failure example
func (p *problem) write(w http.ResponseWriter) {
	id := w.Header().Get(requestIDHeader)
	data, err := json.Marshal(vpn.ErrorResponse{ErrorCode: &p.code, ErrorMsg: &p.message, RequestID: &id})
	if err != nil {
		http.Error(w, http.StatusText(p.status), p.status) // three texts always encode
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(p.status)
	_, _ = w.Write(append(data, '\n')) // when the client is gone there is nobody to tell
}
