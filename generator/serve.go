package generator

// The extensions that say how a generated server refuses a request.
const (
	refusalKey = "x-refusal"
	maxBodyKey = "x-max-body"
)

// planRefusal reads x-max-body and x-refusal: how the server refuses a request.
func (p *planner) planRefusal() {
	p.maxBody = 12 << 20
	document := p.document.T
	if value, ok := document.Extensions[maxBodyKey]; ok {
		n, isNumber := value.(float64)
		if p.maxBody = int(n); !isNumber || n < 1 || n > 1<<30 || n != float64(int(n)) {
			p.fault(path{maxBodyKey}, "want a number of bytes, at most %d", 1<<30)
		}
	}
	if document.Components == nil {
		return
	}
	for _, name := range orderedNames(&p.plan, document.Components.Responses, path{"components", "responses"}) {
		response := document.Components.Responses[name]
		if response == nil || response.Value == nil || response.Ref != "" || response.Value.Extensions[refusalKey] == nil {
			continue
		}
		at := path{"components", "responses", name, refusalKey}
		if p.refusal != nil {
			p.fault(at, "another response has %s already", refusalKey)
			continue
		}
		p.readRefusal(response, at)
	}
}
