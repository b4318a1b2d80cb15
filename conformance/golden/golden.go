package golden

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/vpnconform/vpnconform/conformance/internal/files"
	"github.com/vpnconform/vpnconform/conformance/internal/usage"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
)

// Answers are the recorded answers of an implementation, as golden files: made by
// [Record] or read by [Load]. They are never changed, and safe for concurrent use.
type Answers struct {
	suite   *suite.Suite      // suite of the cases
	files   map[string][]byte // by the id of the case
	answers map[string]answer // contents of the files, by the id of the case
}

// mostOfGolden is the number of bytes of a golden file that are read. A recorded file has
// at most a few times the size of its answer.
const mostOfGolden = 1 << 20

// Load reads golden files. The name of a file is the id of its case and .json:
// example/static.json. Load refuses a tree that has anything else: a file that belongs to
// no case of the suite, one that is malformed, larger than 1 MiB or has an unknown
// member, a symbolic link. The error names the file. A draft that a killed process may
// have left is ignored.
func Load(tree fs.FS, of *suite.Derived) (*Answers, error) {
	s, err := of.Draw(1)
	if err != nil {
		return nil, err
	}
	g := newAnswers(s)
	err = fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || files.IsDraft(name) {
			return err
		}
		id, isJSON := strings.CutSuffix(name, ".json")
		c, exists := s.Case(id)
		if !isJSON || !exists || c.Duty {
			return fmt.Errorf("%s: no golden file: want the id of a case and .json", name)
		}
		if c.Draws() {
			return fmt.Errorf("%s: no golden file: the values of this case are another seed's", name)
		}
		if !entry.Type().IsRegular() {
			return fmt.Errorf("%s: no regular file", name)
		}
		data, err := readFile(tree, name)
		if err != nil {
			return err
		}
		if g.answers[id], err = parseAnswer(id, data); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		g.files[id] = data
		return nil
	})
	if err != nil {
		return nil, err
	}
	return g, nil
}

// newAnswers returns answers without files.
func newAnswers(s *suite.Suite) *Answers {
	return &Answers{suite: s, files: map[string][]byte{}, answers: map[string]answer{}}
}

// readFile reads a file, up to a limit.
func readFile(files fs.FS, name string) ([]byte, error) {
	file, err := files.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // nothing was written
	data, err := io.ReadAll(io.LimitReader(file, mostOfGolden+1))
	if err == nil && len(data) > mostOfGolden {
		err = fmt.Errorf("%s: more than 1 MiB", name)
	}
	return data, err
}

// fileName is the name of a case's golden file.
func fileName(id string) string { return id + ".json" }

// Files returns the golden files by their names.
func (g *Answers) Files() map[string][]byte {
	files := map[string][]byte{}
	for id, data := range g.files {
		files[fileName(id)] = slices.Clone(data)
	}
	return files
}

// Has reports whether there is an answer to a case.
func (g *Answers) Has(id string) bool {
	_, ok := g.answers[id]
	return ok
}

// add adds an answer.
func (g *Answers) add(id string, a answer) error {
	data, err := a.encode()
	if err != nil {
		return err
	}
	g.files[id], g.answers[id] = data, a
	return nil
}

// Digest is the SHA-256 of the golden files of the given cases, in hexadecimal; empty if
// there are none.
func (g *Answers) Digest(ids []string) string {
	if g == nil {
		return ""
	}
	hash, some := sha256.New(), false
	for _, id := range ids {
		if data, ok := g.files[id]; ok {
			_, _ = fmt.Fprintf(hash, "%q %q\n", id, data)
			some = true
		}
	}
	if !some {
		return ""
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// Differences compares an answer, as a report keeps it, with the golden file of a case.
// Without a file there are no differences.
func (g *Answers) Differences(id string, e report.Exchange) []report.Difference {
	if g == nil {
		return nil
	}
	want, ok := g.answers[id]
	if !ok {
		return nil
	}
	return want.differences(answerOf(id, e))
}

// Check returns an error unless these are the golden files that the run of a report used.
func (g *Answers) Check(r *report.Report) error {
	var used []string
	for _, result := range r.Results {
		used = append(used, result.Case)
	}
	switch {
	case g == nil && r.Golden != "":
		return usage.Errorf("the report is of a run with golden files, which are not given")
	case g != nil && r.Golden == "":
		return usage.Errorf("the report is of a run without golden files")
	case g.Digest(used) != r.Golden:
		return usage.Errorf("the golden files are not those of the report")
	}
	return nil
}

// standIn is a text in a golden file that stands for a value of a type which the server
// assigns. Null needs none.
type standIn string

const (
	anyString  standIn = "<any string>"
	anyNumber  standIn = "<any number>"
	anyBoolean standIn = "<any boolean>"
	anyArray   standIn = "<any array>"
	anyObject  standIn = "<any object>"
)

// standInFor is the stand-in of a value; empty for null.
func standInFor(value any) standIn {
	switch value.(type) {
	case string:
		return anyString
	case json.Number:
		return anyNumber
	case bool:
		return anyBoolean
	case []any:
		return anyArray
	case map[string]any:
		return anyObject
	}
	return ""
}

// isStandIn reports whether a text reads like a stand-in.
func isStandIn(text string) bool {
	return slices.Contains([]standIn{anyString, anyNumber, anyBoolean, anyArray, anyObject}, standIn(text))
}

// decodeStandIns returns a decoded value of a golden file in which stand-ins have a type
// of their own.
func decodeStandIns(value any) any {
	switch v := value.(type) {
	case string:
		if isStandIn(v) {
			return standIn(v)
		}
	case []any:
		for i, item := range v {
			v[i] = decodeStandIns(item)
		}
	case map[string]any:
		for name, member := range v {
			v[name] = decodeStandIns(member)
		}
	}
	return value
}
