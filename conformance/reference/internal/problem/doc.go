// Package problem writes the answers that say why there is no connection: the codes
// and words of the service, in the shape that its clients read.
package problem
