package suite

import (
	"fmt"
	"testing"
)

func TestZZ(t *testing.T) {
	s, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	f, err := s.Lint()
	fmt.Println(len(s.Cases), err)
	for _, l := range f {
		fmt.Println(l)
	}
}
