package celgo_test

import (
	"fmt"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/generator/celgo"
	"github.com/vpnconform/vpnconform/openapi/rule"
)

func ExampleTranslate() {
	schema := openapi3.NewObjectSchema().
		WithProperty("style", openapi3.NewStringSchema()).
		WithProperty("probe", openapi3.NewBoolSchema())
	parser, err := rule.NewParser()
	if err != nil {
		fmt.Println(err)
		return
	}
	env, err := parser.Env(openapi3.Schemas{"Connection": schema.NewRef()})
	if err != nil {
		fmt.Println(err)
		return
	}
	scope, err := env.Scope(rule.Variable{Name: "self", Schema: openapi3.NewSchemaRef("#/components/schemas/Connection", schema)})
	if err != nil {
		fmt.Println(err)
		return
	}
	program, err := scope.Compile("!has(self.probe) || !self.probe || self.style == 'static'")
	if err != nil {
		fmt.Println(err)
		return
	}

	connection := &celgo.Type{Kind: celgo.Object, Fields: map[string]celgo.Field{
		"style": {GoName: "Style", Type: &celgo.Type{Kind: celgo.String}},
		"probe": {GoName: "Probe", Type: &celgo.Type{Kind: celgo.Bool}, Optional: true, Pointer: true},
	}}
	result, err := celgo.Translate(program.AST(), []celgo.Variable{{Name: "self", Go: "c", Type: connection}})
	if err != nil {
		fmt.Println(err) // what has no plain Go, by line and column
		return
	}
	fmt.Printf("func holds(c *Connection) bool {\n%s}\n", result.Body)
	// Output:
	// func holds(c *Connection) bool {
	// 	return c.Probe == nil || !*c.Probe || c.Style == "static"
	// }
}
