package generator

// What the external tests look at.
var (
	GoName    = goName
	ValueName = valueName
)
