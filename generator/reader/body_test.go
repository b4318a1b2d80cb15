package reader

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"
)

func read(t *testing.T, body io.Reader, length int64) (string, error) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", body)
	r.ContentLength = length
	return readBody(httptest.NewRecorder(), r, func(data []byte) (string, Violations) {
		if len(data) == 0 {
			return "", Violations{{"", "empty", "there is a body"}}
		}
		return string(data), nil
	})
}

func TestReadBody(t *testing.T) {
	for _, length := range []int64{-1, 0, 2, MaxBody} { // what the client says is not believed
		if got, err := read(t, strings.NewReader("{}"), length); got != "{}" || err != nil {
			t.Errorf("%d: %q, %v", length, got, err)
		}
	}
	var violations Violations
	_, err := read(t, strings.NewReader("{}"), MaxBody+1) // unless it says too much
	if !errors.As(err, &violations) || violations[0].Rule != RuleSize {
		t.Errorf("a length of %d: %v", MaxBody+1, err)
	}
	_, err = read(t, strings.NewReader(""), 0)
	if !errors.As(err, &violations) || violations[0].Rule != "empty" {
		t.Errorf("no body: %v", err)
	}
	_, err = read(t, strings.NewReader(strings.Repeat(" ", MaxBody+1)), -1)
	if !errors.As(err, &violations) || violations[0].Rule != RuleSize {
		t.Errorf("a large body: %v", err)
	}
	if _, err = read(t, strings.NewReader(strings.Repeat(" ", MaxBody)), -1); err != nil {
		t.Errorf("the largest body: %v", err)
	}
	_, err = read(t, iotest.ErrReader(io.ErrUnexpectedEOF), 5)
	if !errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &violations) {
		t.Errorf("a body that cannot be read: %v", err)
	}
}

func TestRefusal(t *testing.T) {
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"violations":  {fmt.Errorf("x: %w", Violations{{"/a", "r", "a is b"}, {"/c", "s", "c is d"}}), "400 a is b; c is d"},
		"too large":   {Violations{{"", RuleSize, "small"}}, "413 small"},
		"another one": {errors.New("secret"), "400 the request cannot be read"},
	} {
		status, messages := refusal(test.err)
		if got := fmt.Sprint(status, " ", messages); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

func TestIdentify(t *testing.T) {
	header := http.Header{}
	first := identify(header, "X-Id")
	if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(first) {
		t.Errorf("got %q", first)
	}
	if again := identify(header, "X-Id"); again != first || header.Get("X-Id") != first {
		t.Errorf("got %q, then %q", first, again)
	}
	if other := identify(http.Header{}, "X-Id"); other == first {
		t.Error("the same for another request")
	}
}

func TestWriteJSON(t *testing.T) {
	w := httptest.NewRecorder()
	writeJSON(w, http.StatusTeapot, map[string]string{"a": "b"})
	if w.Code != http.StatusTeapot || w.Body.String() != "{\"a\":\"b\"}\n" || w.Header().Get("Content-Type") != "application/json" {
		t.Errorf("%d %q", w.Code, w.Body)
	}
	w = httptest.NewRecorder()
	writeJSON(w, http.StatusBadRequest, json.RawMessage("no JSON"))
	if w.Code != http.StatusBadRequest || strings.Contains(w.Body.String(), "no JSON") {
		t.Errorf("%d %q", w.Code, w.Body)
	}
}
