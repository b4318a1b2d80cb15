package mistakes

import "net/http"

// Hooks are the places at which a mistake takes hold of the server. The server
// with none of them set conforms.
type Hooks struct {
	// Ignore reports whether a violation is overlooked.
	Ignore func(*Call, Violation) bool

	// Extra returns what a lawful request is refused for.
	Extra func(*Call) []Violation

	// Answer changes the body of an answer before it is written.
	Answer func(c *Call, body map[string]any)

	// Refuse changes what a refusal says.
	Refuse func(c *Call, found []Violation, r *Refusal)

	// Route reports whether one more path is that of the operation.
	Route func(path, project string) bool

	// Wrap is put around the server. It is called once for each.
	Wrap func(http.Handler) http.Handler

	// Created is the status of an answer; 0 means 201.
	Created int
}
