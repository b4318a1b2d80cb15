package reader

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// router chooses the operation of a request. It serves the paths that [http.ServeMux] cannot: a parameter that is a part of
// a segment, as in /x/{id}.json, and two paths for one request, as /x/{id}/tags and /x/list/{kind} for /x/list/tags. Of
// these the path is chosen whose first segment that differs is more specific: text, then text with parameters, then a
// parameter.
type router struct {
	base   string
	routes []route
}

// route is an operation of a router.
type route struct {
	method, rank string // the smaller rank is more specific
	path         *regexp.Regexp
	names        []string
	handle       http.HandlerFunc
}

// parameterInPath matches a parameter in the template of a path.
var parameterInPath = regexp.MustCompile(`\{[^{}/]+\}`)

// add adds an operation.
func (rs *router) add(method, path string, handle http.HandlerFunc) {
	path = strings.TrimSuffix(path, "{$}")
	r := route{method: method, handle: handle}
	expression := regexp.QuoteMeta(rs.base)
	for segment := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
		expression += "/"
		rank, done := "0", 0
		for _, at := range parameterInPath.FindAllStringIndex(segment, -1) {
			expression += escapedText(segment[done:at[0]]) + "([^/]+)"
			r.names = append(r.names, segment[at[0]+1:at[1]-1])
			rank, done = "1", at[1]
			if at[0] == 0 && at[1] == len(segment) {
				rank = "2"
			}
		}
		expression += escapedText(segment[done:])
		r.rank += rank
	}
	r.path = regexp.MustCompile("^" + expression + "$")
	i, _ := slices.BinarySearchFunc(rs.routes, r, func(a, b route) int { return strings.Compare(a.rank, b.rank) })
	rs.routes = slices.Insert(rs.routes, i, r)
}

// escapedText returns an expression for a text in the path of a URL.
func escapedText(text string) string {
	escaped := (&url.URL{Path: "/" + text}).EscapedPath()
	return regexp.QuoteMeta(escaped[1:])
}

// ServeHTTP serves a request, with status 404 if no path matches and 405 if none of those that do has the method.
func (rs *router) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var allowed []string
	for _, route := range rs.routes {
		values := route.path.FindStringSubmatch(r.URL.EscapedPath())
		if values == nil {
			continue
		}
		if r.Method != route.method && (r.Method != http.MethodHead || route.method != http.MethodGet) {
			allowed = append(allowed, route.method)
			continue
		}
		for i, name := range route.names {
			value, err := url.PathUnescape(values[i+1])
			if err != nil {
				value = values[i+1] // cannot happen: the server has read the path
			}
			r.SetPathValue(name, value)
		}
		route.handle(w, r)
		return
	}
	if allowed == nil {
		http.NotFound(w, r)
		return
	}
	slices.Sort(allowed)
	w.Header().Set("Allow", strings.Join(slices.Compact(allowed), ", "))
	http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
}
