package fault

import (
	"bytes"
	"crypto/sha256"
	"io"
	"net/http"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/vpnconform/vpnconform/conformance/environment"
	"github.com/vpnconform/vpnconform/conformance/reference"
	"github.com/vpnconform/vpnconform/conformance/reference/internal/project"
	"github.com/vpnconform/vpnconform/conformance/suite"
	"github.com/vpnconform/vpnconform/openapi"
)

// Fault is one deliberate wrong behaviour.
type Fault struct {
	ID     string // permanent: answer/vpn_connection/style/dropped
	Kind   string // what faults of this kind have in common: dropped
	Breaks string // what is wrong, in a sentence
	Rule   string // id of the rule that is broken, where it is one

	// Within tells that only requests which break Rule show the fault, so that no
	// case of anything else notices it.
	Within bool

	Seed uint64   // of a run that notices it; 0 means any
	Try  []string // patterns of the cases that are likely to notice it

	world    *world // that it was derived in
	doubtful bool   // it is derived from the document alone, and may change the answer to no case

	make    func(w *wrong) http.HandlerFunc
	witness func() []probe // requests, the last of which shows the fault; nil if any of its kind does
}

// wrong is an implementation with a fault.
type wrong struct {
	healthy http.Handler
	world   *world
	changed func() // is called for every answer that is not the healthy one's
}

// world is what faults are derived from.
type world struct {
	suite       *suite.Suite
	doc         *openapi.Document
	op          openapi.Operation
	environment environment.Environment
	project     project.Project // that it says
	named       []openapi.Named // members of a request that name something of it
	request     []byte          // an accepted one

	remembered func() map[[sha256.Size]byte]bool // digests of the requests of a run
}

// All returns every fault, in a fixed order: those of the rules of a
// request, of the members of an answer, of the protocol. Most are derived from
// the document. A fault of a member that changes the answer to no case, such
// as the case of a number's letters, is none.
func All() ([]Fault, error) {
	all, err := derived()
	return slices.Clone(all), err
}

// derived is state of the package because deriving takes longer than to try a
// fault of each kind.
var derived = sync.OnceValues(func() ([]Fault, error) {
	w, err := newWorld(environment.Environment{})
	if err != nil {
		return nil, err
	}
	all, err := w.faults("")
	if err != nil {
		return nil, err
	}
	return w.changing(all)
})

// Find returns the fault of [Faults] with that id, and whether there is
// one. It is much faster than to look for it in the list.
func Find(id string) (Fault, bool, error) {
	if id == "" { // which stands for all of them below
		return Fault{}, false, nil
	}
	w, err := newWorld(environment.Environment{})
	if err != nil {
		return Fault{}, false, err
	}
	all, err := w.faults(id)
	if err != nil {
		return Fault{}, false, err
	}
	found, err := w.changing(slices.DeleteFunc(all, func(f Fault) bool { return f.ID != id }))
	if err != nil || len(found) == 0 {
		return Fault{}, false, err
	}
	return found[0], true, nil
}

// group are faults whose ids begin alike.
type group struct {
	begin    string
	doubtful bool
	derive   func(m *materials) []Fault
}

// groups are all groups of faults, in their order. Those of rules are derived
// for the rules that are wanted.
func (w *world) groups(wanted func(rule string) bool) []group {
	alone := func(derive func() []Fault) func(*materials) []Fault {
		return func(*materials) []Fault { return derive() }
	}
	return []group{
		{"rule/", false, func(m *materials) []Fault { return w.ofRules(m, wanted) }},
		{"rule/", false, w.ofJoint},
		{"answer/", true, alone(w.ofMembers)},
		{"echo/", true, alone(w.ofEchoes)},
		{"style/", true, alone(w.ofStyles)},
		{"", false, alone(func() []Fault {
			return slices.Concat(ofAnswers(), ofHeaders(), ofRefusals(), ofSecrets(), ofAccess(), ofState())
		})},
		{"memory/", false, w.ofMemories},
		{"tired/", false, w.ofLaterRequests},
		{"agent/", false, w.ofUserAgents},
		{"text/", false, w.ofTexts},
		{"block/", false, w.ofBlocks},
		{"size/", false, w.ofSizes},
		{"open/", false, w.ofOpen},
		{"", false, alone(w.ofMixing)},
		{"project/", false, w.ofProjects},
		{"code/", false, alone(ofCodes)},
	}
}

// faults are the faults whose ids may begin as one does, an empty one being
// all, and those that are none.
func (w *world) faults(id string) ([]Fault, error) {
	var out []Fault
	var m *materials
	wanted := func(rule string) bool { return id == "" || strings.HasPrefix(id, "rule/"+rule+"/") }
	for _, g := range w.groups(wanted) {
		if id != "" && !strings.HasPrefix(id, g.begin) {
			continue
		}
		if m == nil && g.begin != "" && !g.doubtful {
			var err error
			if m, err = w.gather(); err != nil {
				return nil, err
			}
		}
		for _, f := range g.derive(m) {
			f.doubtful, f.world = g.doubtful, w
			out = append(out, f)
		}
	}
	return out, nil
}

// changing leaves out the faults that change the answer to no case.
func (w *world) changing(faults []Fault) ([]Fault, error) {
	doubtful := func(f Fault) bool { return f.doubtful }
	if !slices.ContainsFunc(faults, doubtful) {
		return faults, nil
	}
	known, err := w.accepted()
	if err != nil {
		return nil, err
	}
	none := make([]bool, len(faults))
	var trying errgroup.Group
	trying.SetLimit(runtime.GOMAXPROCS(0))
	for i, f := range faults {
		trying.Go(func() error {
			none[i] = f.doubtful && !w.changes(f, known)
			return nil
		})
	}
	_ = trying.Wait() // there is no error
	var out []Fault
	for i, f := range faults {
		if !none[i] {
			out = append(out, f)
		}
	}
	return out, nil
}

// exchange is a request and the healthy answer to it.
type exchange struct {
	request *http.Request
	body    []byte
	answer  *reply
}

// accepted are the exchanges of the accepted cases, those first that have
// every member.
func (w *world) accepted() ([]exchange, error) {
	now := time.Unix(1e9, 0) // no two answers are of one time, however fast the machine
	tick := func() time.Time { now = now.Add(time.Second); return now }
	healthy, err := reference.New(reference.Options{Environment: w.environment, Now: tick})
	if err != nil {
		return nil, err
	}
	var complete, others []exchange
	for _, c := range w.suite.Cases {
		// The values beside an edge have the members and gateways of the others.
		if c.Duty || !c.Accepted() || !c.Wire.Lawful() || c.Rule != nil && c.Rule.Keyword != "enum" && c.Rule.Keyword != "maxItems" {
			continue
		}
		bound, err := w.suite.Bind(c, w.environment, spareKey)
		if err != nil {
			return nil, err
		}
		path := strings.ReplaceAll(w.op.Path, "{project_id}", w.project.ID)
		r, err := http.NewRequest(w.op.Method, path, http.NoBody)
		if err != nil {
			return nil, err
		}
		r.RequestURI = path
		r.Header.Set("Content-Type", "application/json")
		e := exchange{r, bound.Body, (&wrong{healthy: healthy}).ask(r, bound.Body)}
		if group, _, _ := strings.Cut(c.Name(), "/"); group == "example" || group == "complete" || group == "defaults" {
			complete = append(complete, e)
		} else {
			others = append(others, e)
		}
	}
	return append(complete, others...), nil
}

// changes tells whether a fault changes any of the answers.
func (w *world) changes(f Fault, known []exchange) bool {
	var answer *reply
	healthy := http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) { answer.write(out) })
	changed := false
	faulty := f.make(&wrong{healthy, w, func() { changed = true }})
	for _, e := range known {
		answer = e.answer.clone()
		r := e.request.Clone(e.request.Context())
		r.Body = io.NopCloser(bytes.NewReader(e.body))
		if faulty(&reply{header: http.Header{}}, r); changed {
			return true
		}
	}
	return false
}

// newWorld finds what faults need to know of an environment; one that is empty
// means [environment.Default].
func newWorld(e environment.Environment) (*world, error) {
	s, err := suite.Load(rememberedSeed)
	if err != nil {
		return nil, err
	}
	if e.IsZero() {
		if e, err = environment.Default(s.Document()); err != nil {
			return nil, err
		}
	}
	w := &world{suite: s, doc: s.Document(), op: s.Operation(s.Cases[0]), environment: e}
	w.named = w.doc.Named(w.op.JSON())
	if w.project, err = project.Of(w.doc, e); err != nil {
		return nil, err
	}
	example, _ := s.Case("example/static")
	bound, err := s.Bind(example, e, spareKey)
	if err != nil {
		return nil, err
	}
	w.request = bound.Body
	w.remembered = sync.OnceValue(w.remember)
	return w, nil
}

// names are those of the members of a request.
func (w *world) names() []string {
	var out []string
	for _, m := range members(w.op.JSON(), "") {
		if name := m.at[strings.LastIndexByte(m.at, '/')+1:]; name != "0" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// With returns an implementation that is the given one but for a fault. It
// calls changed, if that is not nil, for every answer that the fault changed.
func With(healthy *reference.Server, f Fault, changed func()) (http.Handler, error) {
	w := f.world
	if !reflect.DeepEqual(w.environment, healthy.Environment()) {
		var err error
		if w, err = newWorld(healthy.Environment()); err != nil {
			return nil, err
		}
	}
	if changed == nil {
		changed = func() {}
	}
	return f.make(&wrong{healthy, w, changed}), nil
}

// read reads the body of a request, as much as one may have.
func read(r *http.Request) []byte {
	body, _ := io.ReadAll(io.LimitReader(r.Body, suite.MaxBody+1)) // what is cut off is refused
	return body
}

// answering is a fault that changes answers: change gets the request's body and
// the healthy answer.
func answering(change func(w *wrong, r *http.Request, request []byte, a *reply)) func(*wrong) http.HandlerFunc {
	return func(w *wrong) http.HandlerFunc {
		return func(out http.ResponseWriter, r *http.Request) {
			request := read(r)
			a := w.ask(r, request)
			healthy := a.clone()
			change(w, r, request, a)
			if !a.same(healthy) {
				w.changed()
			}
			a.write(out)
		}
	}
}

// created is a fault that changes the answers to accepted requests.
func created(change func(w *wrong, request []byte, a *reply)) func(*wrong) http.HandlerFunc {
	return answering(func(w *wrong, _ *http.Request, request []byte, a *reply) {
		if a.status == http.StatusCreated {
			change(w, request, a)
		}
	})
}

// refusedWith is a fault that changes the answers to refused requests.
func refusedWith(change func(w *wrong, request []byte, a *reply)) func(*wrong) http.HandlerFunc {
	return answering(func(w *wrong, _ *http.Request, request []byte, a *reply) {
		if a.status == http.StatusBadRequest {
			change(w, request, a)
		}
	})
}
