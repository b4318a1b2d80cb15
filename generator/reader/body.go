package reader

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// bodies are buffers to read bodies into. Decoding copies the texts that it keeps.
var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// readBody reads the body of a request and decodes it. The error is [Violations] if the client is to blame.
func readBody[T any](w http.ResponseWriter, r *http.Request, decode func([]byte) (T, Violations)) (value T, err error) {
	const usual = 64 << 10
	if r.ContentLength > MaxBody {
		return value, tooLarge()
	}
	body := bodies.Get().(*bytes.Buffer)
	defer func() {
		if body.Cap() <= 2*usual { // a large one is not worth keeping
			clear(body.Bytes()) // it may hold a key
			body.Reset()
			bodies.Put(body)
		}
	}()
	if r.ContentLength > 0 {
		body.Grow(int(min(r.ContentLength, usual)) + bytes.MinRead)
	}
	_, err = body.ReadFrom(http.MaxBytesReader(w, r.Body, MaxBody))
	var larger *http.MaxBytesError
	switch {
	case errors.As(err, &larger):
		return value, tooLarge()
	case err != nil:
		return value, fmt.Errorf("the body cannot be read: %w", err)
	}
	value, violations := decode(body.Bytes())
	if violations != nil {
		return value, violations
	}
	return value, nil
}

// tooLarge returns the violation of a body that is too large.
func tooLarge() Violations {
	return Violations{{"", RuleSize, "the body has at most " + strconv.Itoa(MaxBody) + " bytes"}}
}

// refusal returns the status of the answer to a refused request, and the messages for it.
func refusal(err error) (status int, messages string) {
	var violations Violations
	if !errors.As(err, &violations) {
		return http.StatusBadRequest, "the request cannot be read"
	}
	status = http.StatusBadRequest
	texts := make([]string, len(violations))
	for i, v := range violations {
		texts[i] = v.Message
		if v.Rule == RuleSize {
			status = http.StatusRequestEntityTooLarge
		}
	}
	return status, strings.Join(texts, "; ")
}

// identify returns the header of an answer that identifies its request. It sets a random UUID if there is none yet.
func identify(header http.Header, name string) string {
	id := header.Get(name)
	if id == "" {
		var b [16]byte
		_, _ = rand.Read(b[:]) // it never returns an error
		b[6] = b[6]&0x0f | 0x40
		b[8] = b[8]&0x3f | 0x80
		id = fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
		header.Set(name, id)
	}
	return id
}

// writeJSON writes an answer with a JSON body.
func writeJSON(w http.ResponseWriter, status int, body any) {
	data, err := json.Marshal(body)
	if err != nil {
		http.Error(w, http.StatusText(status), status) // texts always encode
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(data, '\n')) // when the client is gone there is nobody to tell
}
