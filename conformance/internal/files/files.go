package files

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
)

// Store reads and writes files, and knows its drafts. It is safe for concurrent
// use.
type Store struct {
	disk Disk

	mu        sync.Mutex
	drafts    map[string]bool // that are on the disk, by name
	abandoned bool
}

// New returns a store on a disk; nil means that of the process.
func New(disk Disk) *Store {
	if disk == nil {
		disk = system{}
	}
	return &Store{disk: disk, drafts: map[string]bool{}}
}

// Output is a file to write.
type Output struct {
	Name  string
	Write func(io.Writer) error // writes its content
}

// Text is an output of a text that is known.
func Text(name string, data []byte) Output {
	return Output{name, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	}}
}

// draftPrefix begins the names of drafts. They do not hold the name of the file,
// which may be as long as a name can be.
const draftPrefix = ".vpnconform-draft-"

// IsDraft reports whether a name is that of a draft, which a process that was
// killed may have left.
func IsDraft(name string) bool { return strings.HasPrefix(filepath.Base(name), draftPrefix) }

// errAbandoned says that the process ends.
var errAbandoned = errors.New("interrupted twice")

// Check says why a file cannot be written, as far as that shows before: it is
// there and no regular file, or its directory takes no file.
func (s *Store) Check(name string) error {
	if _, err := permissions(name); err != nil {
		return err
	}
	draft, file, err := s.open(name)
	if err != nil {
		return err
	}
	return errors.Join(file.Close(), s.remove(draft))
}

// Same reports whether two names are of one file, which need not be there:
// written to both, it would hold what was written last.
func Same(a, b string) bool {
	if there(a, b) {
		return true
	}
	return filepath.Base(a) == filepath.Base(b) && there(folder(a), folder(b))
}

// folder is the directory of a file, with a separator at the end. filepath.Dir
// would take link/.. for nothing, and the system takes it for what is above the
// directory that the link leads to.
func folder(name string) string {
	dir, _ := filepath.Split(name)
	if dir == "" {
		return "." + string(filepath.Separator)
	}
	return dir
}

// there reports whether two names are of one file that is there.
func there(a, b string) bool {
	first, err := os.Stat(a)
	if err != nil {
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second)
}

// Write writes files. No file is replaced before all drafts are on the disk, and
// the first error ends it: what was not replaced by then is as it was.
func (s *Store) Write(outputs ...Output) error {
	drafts := make([]string, len(outputs))
	defer func() {
		for _, draft := range drafts {
			if draft != "" {
				_ = s.remove(draft) // there is another error, which says more
			}
		}
	}()
	for i, out := range outputs {
		var err error
		if drafts[i], err = s.draft(out); err != nil {
			return err
		}
	}
	for i, out := range outputs {
		if err := s.rename(drafts[i], out.Name); err != nil {
			return of(out.Name, err)
		}
		drafts[i] = ""
	}
	return s.settle(outputs)
}

// draft writes a file beside the one that it is to become, and returns its name,
// also with an error if it is there.
func (s *Store) draft(out Output) (string, error) {
	kept, err := permissions(out.Name)
	if err != nil {
		return "", err
	}
	draft, file, err := s.open(out.Name)
	if err != nil {
		return "", err
	}
	w := bufio.NewWriter(whole{file})
	if err = out.Write(w); err == nil {
		err = w.Flush()
	}
	if err == nil && kept != 0 {
		err = file.Chmod(kept)
	}
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		err = of(out.Name, err)
	}
	return draft, err
}

// of returns an error that names a file, and not its draft, of which nobody knows.
func of(name string, err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return &fs.PathError{Op: path.Op, Path: name, Err: path.Err}
	}
	var link *os.LinkError
	if errors.As(err, &link) {
		return &fs.PathError{Op: link.Op, Path: name, Err: link.Err}
	}
	return fmt.Errorf("%s: %w", name, err)
}

// whole takes a write that is short, and says nothing, for one that failed.
type whole struct{ io.Writer }

func (w whole) Write(p []byte) (int, error) {
	n, err := w.Writer.Write(p)
	if err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	return n, err
}

// permissions are those of the file that is there, 0 for none. Anything but a
// regular file is refused: renaming over a link would leave the file that it
// leads to as it is.
func permissions(name string) (fs.FileMode, error) {
	info, err := os.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return 0, nil
	case err != nil:
		return 0, err
	case info.IsDir():
		return 0, fmt.Errorf("%s is a directory", name)
	case info.Mode()&fs.ModeSymlink != 0:
		return 0, fmt.Errorf("%s is a symbolic link", name)
	case !info.Mode().IsRegular():
		return 0, fmt.Errorf("%s is no regular file", name)
	}
	return info.Mode().Perm(), nil
}

// open opens a new draft beside a file. The umask leaves it its permissions.
func (s *Store) open(name string) (string, File, error) {
	draft := folder(name) + draftPrefix + rand.Text()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.abandoned {
		return "", nil, errAbandoned
	}
	perm := fs.FileMode(0o666)
	if kept, err := permissions(name); err == nil && kept != 0 {
		perm = kept // never more, not for a moment
	}
	file, err := s.disk.Open(draft, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if err != nil {
		return "", nil, of(name, err)
	}
	s.drafts[draft] = true
	return draft, file, nil
}

// rename gives a draft its name.
func (s *Store) rename(draft, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.abandoned {
		return errAbandoned
	}
	if err := s.disk.Rename(draft, name); err != nil {
		return err
	}
	delete(s.drafts, draft)
	return nil
}

func (s *Store) remove(draft string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.drafts[draft] {
		return nil
	}
	delete(s.drafts, draft)
	return s.disk.Remove(draft)
}

// settle syncs the directories of files that were renamed: without it a crash of
// the machine may bring the old ones back.
func (s *Store) settle(outputs []Output) error {
	if runtime.GOOS == "windows" {
		return nil // which has no such thing
	}
	synced := map[string]bool{}
	for _, out := range outputs {
		dir := folder(out.Name)
		if synced[dir] {
			continue
		}
		synced[dir] = true
		file, err := s.disk.Open(dir, os.O_RDONLY, 0)
		if errors.Is(err, fs.ErrPermission) {
			continue // files can be written to a directory that cannot be read
		}
		if err != nil {
			return fmt.Errorf("%s: %w", dir, err)
		}
		err = file.Sync()
		if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
			err = nil // some file systems sync no directory
		}
		if err = errors.Join(err, file.Close()); err != nil {
			return fmt.Errorf("%s: %w", dir, err)
		}
	}
	return nil
}

// Abandon removes the drafts of a process that ends at once. Nothing is written
// after it.
func (s *Store) Abandon() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.abandoned = true
	for draft := range s.drafts {
		_ = s.disk.Remove(draft) // nobody is left to be told
	}
	clear(s.drafts)
}

// storeKey is the key of the store in a context.
type storeKey struct{}

// With returns a context with a store. What a command line starts is handed a
// context alone, and one store has to know all drafts of the process.
func With(ctx context.Context, s *Store) context.Context {
	return context.WithValue(ctx, storeKey{}, s)
}

// Of returns the store of a context; a new one on the disk of the process if it
// has none.
func Of(ctx context.Context) *Store {
	if s, ok := ctx.Value(storeKey{}).(*Store); ok {
		return s
	}
	return New(nil)
}
