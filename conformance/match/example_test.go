package match_test

import (
	"fmt"

	"github.com/vpnconform/vpnconform/conformance/match"
)

func ExampleCompare() {
	want, err := match.Decode([]byte(`{"id": "a1", "name": "office", "limit": 1, "tags": ["x"]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	got, err := match.Decode([]byte(`{"id": "b2", "name": "office", "limit": 1.0, "tags": ["x", "y"]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	chosen := func(pointer string) bool { return pointer == "/id" } // by the target
	comparison := match.Compare(want, got, chosen)
	for _, d := range comparison.Differences {
		fmt.Println(d.Pointer, d.Kind, d.Want, d.Got)
	}
	fmt.Println("compared by presence alone:", comparison.Chosen)
	// Output:
	// /limit changed 1 1.0
	// /tags/1 unexpected <nil> y
	// compared by presence alone: [/id]
}
