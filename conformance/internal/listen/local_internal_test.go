package listen

import (
	"net"
	"testing"
)

// TestLocal looks at addresses that other machines can reach, and at those that
// they cannot.
func TestLocal(t *testing.T) {
	for ip, want := range map[string]bool{"127.0.0.1": true, "127.9.9.9": true, "::1": true, "0.0.0.0": false, "::": false, "192.0.2.1": false} {
		if got := local(&net.TCPAddr{IP: net.ParseIP(ip)}); got != want {
			t.Errorf("%s: %t, want %t", ip, got, want)
		}
	}
}
