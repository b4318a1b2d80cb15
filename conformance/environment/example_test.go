package environment_test

import (
	"fmt"

	"github.com/vpnconform/vpnconform/conformance/environment"
	"github.com/vpnconform/vpnconform/openapi"
)

func ExampleParse() {
	doc, err := openapi.Load()
	if err != nil {
		fmt.Println(err)
		return
	}
	target, err := environment.Parse(doc, "target.yaml", []byte(`
token_env: VPN_TOKEN
parameters: {project_id: 0605767ae480d51b2f0bc00d8e7a9b3f}
objects:
  customer_gateway:
    - {id: 5247ae10-0000-4000-8000-000000000001, ip: 203.0.113.7}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(target.Parameters["project_id"], target.HasCredentials())

	_, err = environment.Parse(doc, "target.yaml", []byte("objects: {customer_gateway: [{id: 7, ip: 203.0.113.7}]}"))
	fmt.Println(err)
	// Output:
	// 0605767ae480d51b2f0bc00d8e7a9b3f true
	// target.yaml:1:31: /objects/customer_gateway/0/id: id is a string, got 7: put it in quotes
}
