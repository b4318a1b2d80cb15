package mistakes

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Context is what may hold of a request beside the rule that it breaks.
type Context func(*Call) bool

// unless is the contrary of a context.
func unless(when Context) Context {
	return func(c *Call) bool { return !when(c) }
}

// gateway holds at gateways of a network_type, attachment_type or ha_mode.
func gateway(value string) Context {
	return func(c *Call) bool {
		g := c.Gateway
		return g != nil && (g.NetworkType == value || g.AttachmentType == value || g.HAMode == value)
	}
}

// firstGateway holds at the first gateway of the environment.
func firstGateway(c *Call) bool {
	return c.Gateway != nil && c.Place == 0
}

// secondAddress holds at any but the first address of a gateway.
func secondAddress(c *Call) bool {
	return c.Gateway != nil && c.Gateway.Addresses[0].VgwIP() != c.Fields.word("vgw_ip", "")
}

// style holds for a style, sent or not.
func style(s string) Context {
	return func(c *Call) bool { return c.Fields.style() == s }
}

// sent holds if there is a member at a path.
func sent(path string) Context {
	return func(c *Call) bool { return c.Fields.has(path) }
}

// is holds if the text at a path is one of several; "" is one that is not sent.
func is(path string, values ...string) Context {
	return func(c *Call) bool { return slices.Contains(values, c.Fields.word(path, "")) }
}

// alone holds if an object of the request has no other member than one.
func alone(path string) Context {
	return func(c *Call) bool {
		parent, member := path[:strings.LastIndex(path, ".")], path[strings.LastIndex(path, ".")+1:]
		v, _ := c.Fields.find(parent)
		m, _ := v.(map[string]any)
		_, ok := m[member]
		return ok && len(m) == 1
	}
}

// all holds if every context does.
func all(contexts ...Context) Context {
	return func(c *Call) bool {
		for _, holds := range contexts {
			if !holds(c) {
				return false
			}
		}
		return true
	}
}

// charset holds if Content-Type has a parameter.
func charset(c *Call) bool { return strings.Contains(c.HTTP.Header.Get("Content-Type"), ";") }

// chunked holds if the length of the body is not said.
func chunked(c *Call) bool { return c.HTTP.ContentLength < 0 }

// pretty holds if the body has lines.
func pretty(c *Call) bool { return bytes.Contains(bytes.TrimSpace(c.Body), []byte("\n")) }

// blankFirst holds if the body begins with a blank of any kind.
func blankFirst(c *Call) bool {
	return len(c.Body) > 0 && len(bytes.TrimLeft(c.Body, " \t\r\n")) < len(c.Body)
}

var escapedName = regexp.MustCompile(`"[^"]*\\u[0-9a-fA-F]{4}[^"]*"\s*:`)

// escapedNames holds if the name of a member is escaped.
func escapedNames(c *Call) bool { return escapedName.Match(c.Body) }

// reused holds if the TCP connection has carried a request before.
func reused(c *Call) bool { return c.OnConn > 1 }

// after holds from the n-th request on.
func after(n int) Context {
	return func(c *Call) bool { return c.Number > n }
}

// later holds when some time has gone by since the first request.
func later(d time.Duration) Context {
	return func(c *Call) bool { return c.Since > d }
}

// agent holds for the kit's own User-Agent.
func agent(c *Call) bool { return strings.Contains(c.HTTP.UserAgent(), "vpnconform") }

// acceptAny holds if no media type is asked for, or any.
func acceptAny(c *Call) bool {
	accept := c.HTTP.Header.Get("Accept")
	return accept == "" || strings.Contains(accept, "*/*")
}

// comesBefore holds if a member of the connection, or of an object in it, comes
// before another in the body. A member that is not there comes nowhere.
func comesBefore(within, first, second string) Context {
	return func(c *Call) bool {
		order := memberOrder(c.Body, within)
		i, j := slices.Index(order, first), slices.Index(order, second)
		return i >= 0 && j >= 0 && i < j
	}
}

// memberOrder returns the names of an object's members as they come in a body.
func memberOrder(body []byte, path string) []string {
	raw := json.RawMessage(body)
	for _, name := range strings.Split(path, ".") {
		var members map[string]json.RawMessage
		if json.Unmarshal(raw, &members) != nil {
			return nil
		}
		raw = members[name]
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	if token, err := d.Token(); err != nil || token != json.Delim('{') {
		return nil
	}
	var names []string
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return names
		}
		s, _ := name.(string)
		names = append(names, s)
		var skip json.RawMessage
		if d.Decode(&skip) != nil {
			return names
		}
	}
	return names
}
