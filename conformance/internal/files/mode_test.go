//go:build unix

package files_test

import (
	"io"
	"io/fs"
	"os"
	"syscall"
	"testing"

	"github.com/vpnconform/vpnconform/conformance/internal/files"
)

// TestMode shows the permissions of a file that is replaced and of a new one.
// While it is a draft, a file is open to nobody who may not read it in the end.
func TestMode(t *testing.T) {
	t.Chdir(t.TempDir())
	defer syscall.Umask(syscall.Umask(0o027))
	for name, row := range map[string]struct{ before, want fs.FileMode }{
		"new": {0, 0o640}, "private": {0o600, 0o600}, "open": {0o666, 0o666}, "read only": {0o444, 0o444},
	} {
		if row.before != 0 {
			if err := os.WriteFile(name, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(name, row.before); err != nil {
				t.Fatal(err)
			}
		}
		err := files.New(nil).Write(files.Output{Name: name, Write: func(w io.Writer) error {
			entries, err := os.ReadDir(".")
			for _, e := range entries {
				if info, err := e.Info(); files.IsDraft(e.Name()) && (err != nil || info.Mode().Perm()&^row.want != 0) {
					t.Errorf("%s: the draft is %v: %v", name, info.Mode(), err)
				}
			}
			return err
		}})
		info, statErr := os.Stat(name)
		if err != nil || statErr != nil || info.Mode().Perm() != row.want {
			t.Errorf("%s: %v %v, want %v: %v", name, info.Mode().Perm(), statErr, row.want, err)
		}
	}
}
