package source_test

import (
	"fmt"

	"github.com/vpnconform/vpnconform/openapi/source"
)

func ExampleFile_Decode() {
	file, err := source.Read("targets.yaml", []byte(`
staging:
  url: http://127.0.0.1:8080
  jobs: four
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	var targets map[string]struct {
		URL  string `json:"url"`
		Jobs int    `json:"jobs"`
	}
	fmt.Println(file.Decode(&targets))

	// A fault that is found later has a place too.
	fmt.Println(file.Fault("/staging/url", "want https"))
	// Output:
	// targets.yaml:4:9: /staging/jobs: want a number, got a text
	// targets.yaml:3:3: /staging/url: want https
}
