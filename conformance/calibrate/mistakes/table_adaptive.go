package mistakes

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// stateful returns a mistake whose hooks have a state.
func stateful(name, level, source string, hooks func() Hooks) Mistake {
	return Mistake{
		Name: name, Kind: "adaptive", Level: level, Source: source,
		Hooks: func(*Recording) Hooks { return hooks() },
	}
}

// Citations of what no request says.
const (
	idAnswer      = "Table 10, id: the ID of the VPN connection, each of which is one"
	requestAnswer = "Table 9, request_id: the ID of the request, each of which is one"
	createdAnswer = "Table 10, created_at: the time when the connection is created"
)

// adaptiveMistakes are right for a while, or for one request at a time.
func adaptiveMistakes() []Mistake {
	everything := obligations["*"]
	return []Mistake{
		skip("adaptive", "first-100-requests-only", after(100), "*"),
		skip("adaptive", "first-300-requests-check-subnets", after(300), subnetsReserved, subnetsBlock, subnetsCount, subnetsRequired),
		stateful("sampled-after-200", everything.level, everything.source, func() Hooks {
			return Hooks{Ignore: func(c *Call, _ Violation) bool { return c.Number > 200 && c.Number%10 != 0 }}
		}),
		stateful("rule-trusted-after-three-breaches", everything.level, everything.source, func() Hooks {
			var mu sync.Mutex
			seen := map[string]int{}
			return Hooks{Ignore: func(_ *Call, v Violation) bool {
				mu.Lock()
				defer mu.Unlock()
				seen[v.Rule]++
				return seen[v.Rule] > 3
			}}
		}),
		stateful("every-97th-answer-cached", must, idAnswer, func() Hooks { return cachedAnswers(97) }),
		stateful("every-499th-answer-cached", must, idAnswer, func() Hooks { return cachedAnswers(499) }),
		stateful("same-body-same-answer", must, idAnswer, sameAnswers),
		stateful("ids-repeat-after-500", must, idAnswer, func() Hooks { return repeating("id", 500) }),
		stateful("ids-repeat-after-200", must, idAnswer, func() Hooks { return repeating("id", 200) }),
		stateful("request-ids-repeat-after-256", must, requestAnswer, func() Hooks { return repeating("request_id", 256) }),
		stateful("request-id-of-refusals-is-one", should, "OTC-DEL, request_id: the ID of the request", func() Hooks {
			return Hooks{Refuse: func(c *Call, _ []Violation, _ *Refusal) { c.request = "f91082d4-6d49-479c-ad1d-4e552a9f5cae" }}
		}),
		stateful("request-id-of-one-connection-is-one", must, requestAnswer, requestIDOfConnection),
		stateful("clock-stands-still", should, createdAnswer, func() Hooks {
			start := time.Now()
			return createdAt(func() time.Time { return start })
		}),
		stateful("clock-of-the-zone-east", should, "OTC, created_at: UTC", func() Hooks {
			return createdAt(func() time.Time { return time.Now().Add(8 * time.Hour) })
		}),
		stateful("parallel-names-mixed-up", must, nameAnswer, func() Hooks { return mixedUp("name") }),
		stateful("parallel-subnets-mixed-up", must, "Table 10, peer_subnets", func() Hooks { return mixedUp("peer_subnets") }),
		stateful("parallel-tags-mixed-up", must, tagsAnswer, func() Hooks { return mixedUp("tags") }),
		stateful("parallel-gateways-mixed-up", must, "Table 10, vgw_ip", func() Hooks { return mixedUp("vgw_id", "vgw_ip") }),
		stateful("eight-at-once-not-checked", everything.level, everything.source, func() Hooks {
			var inFlight atomic.Int64
			return Hooks{
				Ignore: func(*Call, Violation) bool { return inFlight.Load() >= 8 },
				Wrap: func(next http.Handler) http.Handler {
					return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						inFlight.Add(1)
						defer inFlight.Add(-1)
						time.Sleep(2 * time.Millisecond) // what a database takes
						next.ServeHTTP(w, r)
					})
				},
			}
		}),
	}
}

// createdAt answers the times of another clock.
func createdAt(now func() time.Time) Hooks {
	return Hooks{Answer: func(_ *Call, body map[string]any) {
		conn, _ := body["vpn_connection"].(map[string]any)
		at := now().UTC().Format("2006-01-02T15:04:05.000Z")
		conn["created_at"], conn["updated_at"] = at, at
	}}
}

// repeating answers an identifier again after so many others.
func repeating(member string, after int64) Hooks {
	var n atomic.Int64
	return Hooks{Answer: func(_ *Call, body map[string]any) {
		object := body
		if member == "id" {
			object, _ = body["vpn_connection"].(map[string]any)
		}
		object[member] = fmt.Sprintf("3d2c5b1e-0000-4000-8000-%012x", n.Add(1)%after)
	}}
}

// requestIDOfConnection answers one request id for all requests of a TCP
// connection.
func requestIDOfConnection() Hooks {
	var ids sync.Map
	return Hooks{Answer: func(c *Call, body map[string]any) {
		if uses := c.HTTP.Context().Value(connKey{}); uses != nil {
			id, _ := ids.LoadOrStore(uses, c.request)
			body["request_id"] = id
		}
	}}
}

// cachedAnswers sends every n-th request the answer to an earlier one, if it
// would have been accepted too.
func cachedAnswers(n int64) Hooks {
	var mu sync.Mutex
	var count int64
	var kept map[string]any
	return Hooks{Answer: func(_ *Call, body map[string]any) {
		mu.Lock()
		defer mu.Unlock()
		if count++; count%n == 0 && kept != nil {
			body["vpn_connection"], body["request_id"] = kept["vpn_connection"], kept["request_id"]
			return
		}
		kept = map[string]any{"vpn_connection": body["vpn_connection"], "request_id": body["request_id"]}
	}}
}

// sameAnswers sends the same answer to the same body, with another request id.
func sameAnswers() Hooks {
	var known sync.Map
	return Hooks{Answer: func(c *Call, body map[string]any) {
		conn, _ := known.LoadOrStore(string(c.Body), body["vpn_connection"])
		body["vpn_connection"] = conn
	}}
}

// mixedUp keeps members of the latest request where every request finds them: of
// those that are in flight at once, all answer what the last one asked for.
func mixedUp(members ...string) Hooks {
	var mu sync.Mutex
	latest := map[string]any{}
	return Hooks{
		Extra: func(c *Call) []Violation {
			mu.Lock()
			for _, member := range members {
				latest[member] = c.Fields.members[member]
			}
			mu.Unlock()
			time.Sleep(2 * time.Millisecond) // what a database takes
			return nil
		},
		Answer: func(_ *Call, body map[string]any) {
			conn, _ := body["vpn_connection"].(map[string]any)
			mu.Lock()
			defer mu.Unlock()
			for _, member := range members {
				if _, ok := conn[member]; ok && latest[member] != nil {
					conn[member] = latest[member]
				}
			}
		},
	}
}

// projectMistakes answer for projects that are not the one of the environment.
func projectMistakes() []Mistake {
	route := func(name string, lets func(path, project string) bool) Mistake {
		return switched("project", name, should, "Table 1, project_id: the ID of a project", Hooks{Route: lets})
	}
	const before, behind = "/v5/", "/vpn-connection"
	inner := func(path string) (string, bool) {
		rest, ok := strings.CutPrefix(path, before)
		if !ok {
			return "", false
		}
		return strings.CutSuffix(rest, behind)
	}
	return []Mistake{
		route("project-with-suffix", func(path, project string) bool {
			id, ok := inner(path)
			return ok && strings.HasPrefix(id, project) && !strings.Contains(id, "/")
		}),
		route("project-with-prefix", func(path, project string) bool {
			id, ok := inner(path)
			return ok && strings.HasSuffix(id, project) && !strings.Contains(id, "/")
		}),
		route("project-empty", func(path, _ string) bool { return path == before+behind }),
		route("project-shortened", func(path, project string) bool {
			id, ok := inner(path)
			return ok && len(id) >= 8 && strings.HasPrefix(project, id)
		}),
		route("project-with-blanks-around", func(path, project string) bool {
			id, ok := inner(path)
			id, err := url.PathUnescape(id)
			return ok && err == nil && strings.TrimSpace(id) == project
		}),
		route("project-with-a-segment-behind", func(path, project string) bool {
			id, ok := inner(path)
			return ok && strings.HasPrefix(id, project+"/")
		}),
	}
}
