package inventory

import (
	"bytes"
	"encoding/json"
	"net/http"
)

// answer is an answer that is kept until it is complete, for a fault to change it.
type answer struct {
	status int
	header http.Header
	body   bytes.Buffer
}

// Header returns the header.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader takes the status.
func (a *answer) WriteHeader(status int) { a.status = status }

// Write takes a part of the body.
func (a *answer) Write(data []byte) (int, error) { return a.body.Write(data) }

// send sends the answer.
func (a *answer) send(w http.ResponseWriter) {
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.WriteHeader(a.status)
	_, _ = a.body.WriteTo(w) // the client has gone, if that fails
}

// replace makes another answer with a body in JSON.
func (a *answer) replace(status int, body any) {
	a.status = status
	a.header.Set("Content-Type", "application/json")
	a.body.Reset()
	_ = json.NewEncoder(&a.body).Encode(body) // into memory, of values that encode
}

// refuse makes the documented answer to a request that is not carried out.
func (a *answer) refuse(status int, code ProblemCode, message string) {
	a.replace(status, problem(code, message))
}

// problem is the documented body of an answer that refuses a request.
func problem(code ProblemCode, message string) ErrorResponse {
	return ErrorResponse{Error: Problem{Code: code, Message: message}}
}
