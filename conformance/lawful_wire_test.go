package conformance_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
)

// object is a JSON object; a number in it is a json.Number, so that it comes out
// as it went in.
type object = map[string]any

// decodeObject reads one JSON object and nothing else.
func decodeObject(data []byte) (object, bool) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var o object
	if dec.Decode(&o) != nil || o == nil {
		return nil, false
	}
	_, err := dec.Token()
	return o, errors.Is(err, io.EOF)
}

// encode writes a value that was read as JSON.
func encode(value any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(value) // it was JSON before
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// connection returns the member of a body that everything stands in; nil if
// there is none.
func connection(body object) object {
	c, _ := body["vpn_connection"].(object)
	return c
}

// largestRead is beyond every lawful request; what is larger goes on unread.
const largestRead = 1 << 20

// readBody takes the body out of a request; false means that it is too large, or
// broke off, and was put back.
func readBody(r *http.Request) ([]byte, bool) {
	data, err := io.ReadAll(io.LimitReader(r.Body, largestRead+1))
	if err != nil || len(data) > largestRead {
		r.Body = struct {
			io.Reader
			io.Closer
		}{io.MultiReader(bytes.NewReader(data), r.Body), r.Body}
		return nil, false
	}
	setBody(r, data)
	return data, true
}

// setBody gives a request another body.
func setBody(r *http.Request, data []byte) {
	r.Body = io.NopCloser(bytes.NewReader(data))
	r.ContentLength = int64(len(data))
	r.TransferEncoding = nil
	r.Header.Set("Content-Length", strconv.Itoa(len(data)))
}

// readingBytes lets an implementation read another body than it was sent.
func readingBytes(change func(body []byte) []byte) wrapper {
	return func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if data, ok := readBody(r); ok {
				setBody(r, change(data))
			}
			h.ServeHTTP(w, r)
		})
	}
}

// reading lets an implementation read another object than it was sent. A change
// that changed nothing reports false, and the bytes stay as they were.
func reading(change func(body object) bool) wrapper {
	return readingBytes(func(data []byte) []byte {
		if body, ok := decodeObject(data); ok && change(body) {
			return encode(body)
		}
		return data
	})
}

// answering changes every answer. The body of the request is nil if it was too
// large to be read.
func answering(change func(w *httptest.ResponseRecorder, r *http.Request, sent []byte)) wrapper {
	return func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			sent, _ := readBody(r)
			recorder := httptest.NewRecorder()
			h.ServeHTTP(recorder, r)
			change(recorder, r, sent)
			deliver(w, recorder)
		})
	}
}

// deliver sends a recorded answer.
func deliver(w http.ResponseWriter, recorder *httptest.ResponseRecorder) {
	for name, values := range recorder.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(recorder.Code)
	_, _ = w.Write(recorder.Body.Bytes()) // a client that has gone is not told
}

// creating changes the object of every answer that says that a connection was
// created; sent is the connection that was asked for.
func creating(change func(body, sent object)) wrapper {
	return answering(func(w *httptest.ResponseRecorder, _ *http.Request, data []byte) {
		if w.Code != http.StatusCreated {
			return
		}
		request, _ := decodeObject(data)
		if body, ok := decodeObject(w.Body.Bytes()); ok {
			change(body, connection(request))
			w.Body = bytes.NewBuffer(encode(body))
		}
	})
}

// created changes the connection of such an answer.
func created(change func(got, sent object)) wrapper {
	return creating(func(body, sent object) { change(connection(body), sent) })
}

// refusal changes every answer that refuses a request.
func refusal(change func(w *httptest.ResponseRecorder)) wrapper {
	return answering(func(w *httptest.ResponseRecorder, _ *http.Request, _ []byte) {
		if w.Code >= 400 && w.Code < 500 {
			change(w)
		}
	})
}

// refusingIf refuses what the reference accepts, if blame returns the name of the
// member to blame.
func refusingIf(blame func(sent object) string) wrapper {
	return answering(func(w *httptest.ResponseRecorder, _ *http.Request, data []byte) {
		request, _ := decodeObject(data)
		sent := connection(request)
		if w.Code != http.StatusCreated || sent == nil {
			return
		}
		if member := blame(sent); member != "" {
			w.Code = http.StatusBadRequest
			w.Body = bytes.NewBuffer(encode(object{
				"error_code": "VPN.0001", "error_msg": "invalid request: " + member + " has a value that is not supported",
				"request_id": w.Header().Get("X-Request-Id"),
			}))
		}
	})
}

// seldom answers one request of every n otherwise, by itself.
func seldom(n int64, answer http.HandlerFunc) wrapper {
	return func(h http.Handler) http.Handler {
		var count atomic.Int64
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if count.Add(1)%n == n/2 {
				answer(w, r)
				return
			}
			h.ServeHTTP(w, r)
		})
	}
}

// saysWith answers with a status, a content type and a body.
func saysWith(status int, contentType, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, io.LimitReader(r.Body, largestRead))
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// visit is told of a value that is no object and no list, by the name of the
// member that it is, or is an element of, and returns what takes its place.
type visit func(member string, listed bool, value any) any

// walk visits all values of an object, and reports whether any has changed.
func walk(o object, each visit) bool {
	changed := false
	var into func(member string, listed bool, value any) any
	into = func(member string, listed bool, value any) any {
		switch value := value.(type) {
		case object:
			for name, inner := range value {
				value[name] = into(name, false, inner)
			}
			return value
		case []any:
			for i, inner := range value {
				value[i] = into(member, true, inner)
			}
			return value
		}
		other := each(member, listed, value)
		changed = changed || other != value
		return other
	}
	into("", false, o)
	return changed
}

// accepting accepts texts that the reference refuses, and repeats them as they
// were sent. For such a text, stand returns one that the reference takes instead
// of it; n tells those of one request apart.
func accepting(stand func(member, text string, n int) (string, bool)) wrapper {
	return func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			originals := map[string]string{}
			if data, ok := readBody(r); ok {
				setBody(r, replaceTexts(data, originals, stand))
			}
			recorder := httptest.NewRecorder()
			h.ServeHTTP(recorder, r)
			if body, ok := decodeObject(recorder.Body.Bytes()); ok && len(originals) > 0 {
				walk(body, func(member string, _ bool, value any) any {
					text, _ := value.(string)
					if original, ok := originals[member+" "+strings.ToLower(text)]; ok {
						return original
					}
					return value
				})
				recorder.Body = bytes.NewBuffer(encode(body))
			}
			deliver(w, recorder)
		})
	}
}

// replaceTexts puts the texts of stand into a body, and notes what they stand for.
func replaceTexts(data []byte, originals map[string]string, stand func(member, text string, n int) (string, bool)) []byte {
	body, ok := decodeObject(data)
	if !ok {
		return data
	}
	n := 0
	if !walk(body, func(member string, _ bool, value any) any {
		text, ok := value.(string)
		if !ok {
			return value
		}
		other, ok := stand(member, text, n)
		if !ok {
			return value
		}
		n++
		originals[member+" "+strings.ToLower(other)] = text
		return other
	}) {
		return data
	}
	return encode(body)
}
