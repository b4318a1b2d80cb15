package report

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"path"
	"strings"
	"time"
)

// WriteJUnit renders a report as JUnit XML, with a testsuite for each level.
//
// A case that failed, or was flaky, has a failure with every difference. A case that could
// not run, or met a mistake of the kit, has an error. Cases that are not applicable, and
// failures that do not count, known or below the level of the run, are skipped. There is a
// failure or an error if, and only if, the verdict is not [Conforms].
func WriteJUnit(w io.Writer, r *Report) error {
	out := newPage(w)
	suites := junitSuites(r)
	total := junitSuite{Name: "vpnconform"}
	for _, s := range suites {
		total.add(s)
	}
	// The root is written by hand, so that only one testsuite at a time is in memory as XML.
	out.put("%s<testsuites name=%q tests=\"%d\" failures=\"%d\" errors=\"%d\" skipped=\"%d\" time=%q>\n",
		xml.Header, total.Name, total.Tests, total.Failures, total.Errors, total.Skipped, seconds(total.took))
	enc := xml.NewEncoder(out)
	enc.Indent("  ", "  ")
	for _, s := range suites {
		if err := enc.Encode(s); err != nil {
			return err
		}
	}
	out.put("\n</testsuites>\n")
	return out.Flush()
}

// junitSuite is a testsuite of JUnit XML.
type junitSuite struct {
	XMLName    xml.Name        `xml:"testsuite"`
	Name       string          `xml:"name,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Skipped    int             `xml:"skipped,attr"`
	Time       string          `xml:"time,attr"`
	Timestamp  string          `xml:"timestamp,attr,omitempty"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`

	took time.Duration
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Class   string       `xml:"classname,attr"`
	Name    string       `xml:"name,attr"`
	Time    string       `xml:"time,attr"`
	Failure *junitDetail `xml:"failure"`
	Error   *junitDetail `xml:"error"`
	Skipped *junitDetail `xml:"skipped"`
	Output  *junitOutput `xml:"system-out"` // of a failure that does not count
}

type junitDetail struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Body    string `xml:",cdata"` // lines
}

type junitOutput struct {
	Lines string `xml:",cdata"`
}

// junitSuites puts the findings into a testsuite for each level, and one for findings that
// are no cases.
func junitSuites(r *Report) []*junitSuite {
	byName := map[string]*junitSuite{}
	var out []*junitSuite
	suite := func(name string) *junitSuite {
		if byName[name] == nil {
			byName[name] = &junitSuite{Name: name, Properties: junitProperties(r)}
			if !r.Started.IsZero() {
				byName[name].Timestamp = r.Started.UTC().Format("2006-01-02T15:04:05")
			}
			out = append(out, byName[name])
		}
		return byName[name]
	}
	for _, level := range Levels { // in their order, those that are there
		for _, result := range r.Results {
			if result.Level == level {
				suite(level)
				break
			}
		}
	}
	for _, f := range r.findings() {
		name := "verdict"
		if f.result != nil {
			name = cmp.Or(shorten(f.result.Level), "other")
		}
		suite(name).put(f)
	}
	for _, s := range out {
		s.Time = seconds(s.took)
	}
	return out
}

// junitProperties describe the run.
func junitProperties(r *Report) []junitProperty {
	return []junitProperty{
		{"target", shorten(r.Target)},
		{"level", cmp.Or(shorten(r.Level), Levels[0])},
		{"seed", fmt.Sprint(r.Seed)},
		{"kit", shorten(r.Kit)},
		{"suite_sha256", shorten(r.Suite)},
		{"document_sha256", shorten(r.Document)},
		{"verdict", Inert(r.Summary())},
	}
}

// put adds a finding.
func (s *junitSuite) put(f finding) {
	// The class is the id up to its last slash, as in the patterns of --run.
	c := junitCase{Name: shorten(f.id), Class: shorten(path.Dir(f.id)), Time: seconds(0)}
	if !strings.Contains(f.id, "/") {
		c.Class = "vpnconform"
	}
	detail := &junitDetail{Message: f.message}
	if f.result != nil {
		s.took += f.result.duration()
		c.Time = seconds(f.result.duration())
		detail.Type = shorten(string(f.result.Outcome))
		if lines := f.result.lines(); len(lines) > 0 {
			detail.Body = "\n" + strings.Join(lines, "\n") + "\n"
		}
	}
	s.Tests++
	switch f.state {
	case failed:
		if f.result == nil {
			detail.Type = "known-failures"
		}
		s.Failures++
		c.Failure = detail
	case broken:
		s.Errors++
		c.Error = detail
	case skipped, tolerated:
		s.Skipped++
		c.Skipped = &junitDetail{Message: f.message}
		if f.state == tolerated && detail.Body != "" {
			c.Output = &junitOutput{detail.Body}
		}
	}
	s.Cases = append(s.Cases, c)
}

// add adds the counts of a testsuite.
func (s *junitSuite) add(o *junitSuite) {
	s.Tests += o.Tests
	s.Failures += o.Failures
	s.Errors += o.Errors
	s.Skipped += o.Skipped
	s.took += o.took
}

// seconds writes a duration in seconds.
func seconds(d time.Duration) string { return fmt.Sprintf("%.6f", d.Seconds()) }
