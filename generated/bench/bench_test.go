package bench_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/vpnconform/vpnconform/generated/bench"
)

func servers(tb testing.TB) []bench.Server {
	tb.Helper()
	all, err := bench.Servers()
	if err != nil {
		tb.Fatal(err)
	}
	return all
}

func TestServers(t *testing.T) {
	for _, s := range servers(t) {
		if err := s.Check(); err != nil {
			t.Error(err)
		}
	}
}

// TestCheck shows that a server that answers otherwise is not timed.
func TestCheck(t *testing.T) {
	response, err := bench.Response()
	if err != nil {
		t.Fatal(err)
	}
	const id = "f91082d4-6d49-479c-ad1d-4e552a9f5cae"
	for _, test := range []struct {
		name   string
		status int
		body   string
		id     string
		ok     bool
	}{
		{"documented", 201, string(response), id, true},
		{"status", 200, string(response), id, false},
		{"no JSON", 201, "", id, false},
		{"member absent", 201, `{"request_id": "` + id + `"}`, id, false},
		{"header", 201, string(response), "", false},
	} {
		err := bench.Server{Name: test.name, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Request-Id", test.id)
			w.WriteHeader(test.status)
			_, _ = io.WriteString(w, test.body) // the writer of a check never fails
		})}.Check()
		if (err == nil) != test.ok {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

// TestWrong shows that every mistake is one: ours refuses it.
func TestWrong(t *testing.T) {
	request, err := bench.Request()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range servers(t) {
		if s.Name != bench.Ours {
			continue // what the peers accept is information, not our promise
		}
		for _, mistake := range bench.Wrong() {
			body, ok := mistake.Of(request)
			if !ok {
				t.Errorf("%s: the request does not hold %s once", mistake.Name, mistake.Old)
			}
			if status, _, answer := s.Answer(body); status != http.StatusBadRequest {
				t.Errorf("%s: %d, %s", mistake.Name, status, answer)
			}
		}
	}
}

// BenchmarkWork is for profiles of one work; compare is for comparing them.
func BenchmarkWork(b *testing.B) {
	works, err := bench.Works(servers(b))
	if err != nil {
		b.Fatal(err)
	}
	for _, work := range works {
		b.Run(work.Name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := work.Do(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
