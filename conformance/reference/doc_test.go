package reference_test

import (
	"testing"

	"github.com/vpnconform/vpnconform/conformance/reference/internal/harness"
)

// TestDoc shows that the files that the package's documentation names are there.
func TestDoc(t *testing.T) { harness.WantNamedFiles(t, 4) }
