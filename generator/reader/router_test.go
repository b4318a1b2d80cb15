package reader

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestRouter(t *testing.T) {
	rs := &router{base: "/v1"}
	for _, path := range []string{"/x/{id}/tags", "/x/list/{kind}", "/x/{id}.json", "/x/{id}", "/x/{id}:cancel", "/x/", "/a b/{n}"} {
		rs.add(http.MethodGet, path, func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write([]byte(path + " " + r.PathValue("id") + r.PathValue("kind") + r.PathValue("n")))
		})
	}
	rs.add(http.MethodPost, "/x/{id}", func(http.ResponseWriter, *http.Request) {})
	for _, test := range []struct{ method, path, want string }{
		{"GET", "/v1/x/5/tags", "/x/{id}/tags 5"},
		{"GET", "/v1/x/list/tags", "/x/list/{kind} tags"},
		{"GET", "/v1/x/5.json", "/x/{id}.json 5"},
		{"GET", "/v1/x/5", "/x/{id} 5"},
		{"HEAD", "/v1/x/5", "/x/{id} 5"},
		{"GET", "/v1/x/5:cancel", "/x/{id}:cancel 5"},
		{"GET", "/v1/x/a%2Fb", "/x/{id} a/b"},
		{"GET", "/v1/x/", "/x/ "},
		{"GET", "/v1/a%20b/1", "/a b/{n} 1"},
		{"GET", "/v1/x", "404 page not found\n"},
		{"GET", "/x/5", "404 page not found\n"},
		{"PUT", "/v1/x/5", "Method Not Allowed\n"},
	} {
		w := httptest.NewRecorder()
		rs.ServeHTTP(w, httptest.NewRequest(test.method, test.path, nil))
		if got := w.Body.String(); got != test.want {
			t.Errorf("%s %s: got %q, want %q", test.method, test.path, got, test.want)
		}
		if w.Code == http.StatusMethodNotAllowed && w.Header().Get("Allow") != "GET, POST" {
			t.Errorf("Allow is %q", w.Header().Get("Allow"))
		}
	}
}
