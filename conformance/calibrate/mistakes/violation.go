package mistakes

// Violation is one sentence of the documentation that a request breaks.
type Violation struct {
	Rule   string // the member without places, and the aspect: tags.key.length
	Member string // the member with places: tags[3].key
	Text   string // what is asked of it
	Value  any    // what was sent; nil for what is absent

	// Index is the place of the value in its list and Of the length of that;
	// Of is 0 outside lists. Outer and OuterOf are those of the list around it.
	Index, Of      int
	Outer, OuterOf int

	Status int    // of the refusal; 0 means 400
	Code   string // of the refusal, if Status is not 0
}

// text returns the value if it is a string.
func (v Violation) text() string {
	s, _ := v.Value.(string)
	return s
}

// Refusal is what a refusal says.
type Refusal struct {
	Status     int
	Code, Text string
}
