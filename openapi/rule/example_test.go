package rule_test

import (
	"encoding/json"
	"fmt"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/openapi/rule"
)

func ExampleScope_Compile() {
	schema := openapi3.NewObjectSchema().
		WithProperty("tunnel", openapi3.NewStringSchema()).
		WithProperty("peer", openapi3.NewStringSchema())
	schemas := openapi3.Schemas{"Link": schema.NewRef()}

	parser, err := rule.NewParser()
	if err != nil {
		fmt.Println(err)
		return
	}
	env, err := parser.Env(schemas)
	if err != nil {
		fmt.Println(err)
		return
	}
	self := rule.Variable{Name: "self", Schema: openapi3.NewSchemaRef("#/components/schemas/Link", schema)}
	scope, err := env.Scope(self)
	if err != nil {
		fmt.Println(err)
		return
	}

	program, err := scope.Compile("sameBlock(self.tunnel, self.peer)")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("reads", program.Reads("self"))

	var link any
	_ = json.Unmarshal([]byte(`{"tunnel": "169.254.70.1/30", "peer": "169.254.70.2/30"}`), &link)
	fmt.Println(program.Eval(map[string]any{"self": rule.Native(link)}))

	_, err = scope.Compile("self.tunel == ''")
	fmt.Println(err)
	// Output:
	// reads [/peer /tunnel]
	// true <nil>
	// 1:5: undefined field 'tunel'
}

func ExampleIsHostAddress() {
	fmt.Println(rule.IsHostAddress("169.254.70.1/30"), rule.IsHostAddress("169.254.70.0/30"))
	// Output: true false
}
