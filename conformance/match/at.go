package match

// At follows a JSON Pointer into a decoded value; nil when it leads
// nowhere.
func At(value any, pointer string) any {
	found, _ := Lookup(value, pointer)
	return found
}
