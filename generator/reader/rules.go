package reader

// isCrossField stands for the function of that name in rules.gen.go.
func isCrossField(id string) bool { return id == "several" }
