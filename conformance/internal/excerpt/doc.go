// Package excerpt shows the beginning of what a target may have made arbitrarily
// long. A text that was cut says how long it was.
package excerpt
