// Package excerpt shortens texts that a target may have made arbitrarily long. A
// shortened text says how long it was.
package excerpt
