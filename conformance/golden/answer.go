package golden

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/vpnconform/vpnconform/conformance/internal/excerpt"
	"github.com/vpnconform/vpnconform/conformance/internal/judge"
	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/conformance/report"
)

// answer is an answer in a golden file. It has either a body or a text.
type answer struct {
	Case        string  `json:"case"` // id
	Status      int     `json:"status"`
	ContentType string  `json:"content_type"`       // empty if the answer has none
	Body        *any    `json:"body,omitempty"`     // decoded JSON, which may be null
	Text        *string `json:"text,omitempty"`     // a body that is not JSON
	Encoding    string  `json:"encoding,omitempty"` // base64 if the body is not text either

	large bool // it has more than mostOfAnswer bytes
}

// mostOfAnswer is the number of bytes of an answer that can be recorded. It is less than a
// report keeps, so that an answer that was cut is always too large, whatever was masked.
const mostOfAnswer = excerpt.MostOfBody / 2

// answerOf is the answer of an exchange.
func answerOf(id string, e report.Exchange) answer {
	a := answer{Case: id, Status: e.Status, Encoding: e.Encoding, large: len(e.Answer) > mostOfAnswer}
	var types []string
	for _, field := range e.AnswerHeader {
		if value, ok := strings.CutPrefix(field, "Content-Type: "); ok {
			types = append(types, value)
		}
	}
	a.ContentType = strings.Join(types, ", ")
	body, err := match.Decode([]byte(e.Answer))
	if e.Encoding == "" && err == nil && judge.TooLarge([]byte(e.Answer)) == nil {
		a.Body = &body
	} else {
		a.Text = &e.Answer
	}
	return a
}

// content is the body, or the text.
func (a answer) content() any {
	if a.Body != nil {
		return *a.Body
	}
	if *a.Text == string(anyString) {
		return anyString
	}
	return *a.Text
}

// differences compares another answer with the recorded one.
func (a answer) differences(got answer) []report.Difference {
	var out []report.Difference
	add := func(pointer string, kind match.Kind, want, got string) {
		out = append(out, report.Difference{
			Pointer: pointer, Kind: string(kind), Want: want, Got: got,
			Why: "the recorded answer", Level: report.Levels[0], Source: fileName(a.Case),
		})
	}
	if a.Status != got.Status {
		add("/status", match.Changed, strconv.Itoa(a.Status), strconv.Itoa(got.Status))
	}
	switch {
	case a.ContentType == got.ContentType:
	case a.ContentType == "":
		add("/headers/Content-Type", match.Unexpected, "", got.ContentType)
	case got.ContentType == "":
		add("/headers/Content-Type", match.Missing, a.ContentType, "")
	default:
		add("/headers/Content-Type", match.Changed, a.ContentType, got.ContentType)
	}
	switch {
	case got.large:
		add("/body", match.Changed, a.excerpt(), fmt.Sprintf("more than %d KiB", mostOfAnswer>>10))
	case (a.Body == nil) != (got.Body == nil), a.Encoding != got.Encoding:
		add("/body", match.Changed, a.excerpt(), got.excerpt())
	default:
		for _, d := range compareRecorded(a.content(), got.content()) {
			want := ""
			if d.Kind != match.Unexpected {
				want = excerpt.JSON(d.Want)
			}
			add("/body"+d.Pointer, d.Kind, want, judge.TextOfGot(d))
		}
	}
	return out
}

// compareRecorded compares two bodies, of which the first has stand-ins.
func compareRecorded(want, got any) []match.Difference {
	return match.Compare(want, got, func(pointer string) bool {
		stands, _ := match.Lookup(want, pointer)
		is, ok := stands.(standIn)
		return ok && is == standInFor(match.At(got, pointer))
	}).Differences
}

// excerpt is the body as a difference shows it.
func (a answer) excerpt() string {
	switch {
	case a.Body != nil:
		return excerpt.JSON(*a.Body)
	case a.Encoding != "":
		return a.Encoding + " " + excerpt.Quote(*a.Text, len(*a.Text))
	}
	return "no JSON: " + excerpt.Quote(*a.Text, len(*a.Text))
}

// encode writes a golden file for people to read: characters that nobody sees are
// escaped.
func (a answer) encode() ([]byte, error) {
	line, err := match.Encode(a)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, []byte(report.Inert(string(line))), "", "  "); err != nil {
		return nil, err
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

// parseAnswer reads the golden file of a case. The error says which member is wrong.
func parseAnswer(id string, data []byte) (answer, error) {
	a := answer{Case: id}
	value, err := match.Decode(data)
	if err != nil {
		return a, err
	}
	members, ok := value.(map[string]any)
	if !ok {
		return a, errors.New("want an object")
	}
	if got := members["case"]; got != any(id) {
		return a, fmt.Errorf("/case: want %q, got %s", id, excerpt.JSON(got))
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if err := a.set(name, members[name]); err != nil {
			return a, fmt.Errorf("/%s: %w", match.Escape(name), err)
		}
	}
	_, typed := members["content_type"]
	switch {
	case a.Status == 0:
		return a, errors.New("/status is missing")
	case !typed:
		return a, errors.New("/content_type is missing")
	case a.Body == nil && a.Text == nil:
		return a, errors.New("want a /body or a /text")
	case a.Body != nil && a.Text != nil:
		return a, errors.New("want a /body or a /text, and not both")
	case a.Encoding != "" && a.Text == nil:
		return a, errors.New("/encoding: only a /text has one")
	}
	return a, nil
}

// set sets a member from a golden file.
func (a *answer) set(name string, value any) error {
	text, isText := value.(string)
	switch name {
	case "case": // checked before
	case "status":
		number, _ := value.(json.Number)
		status, err := strconv.Atoi(string(number))
		if err != nil || status < 100 || status > 999 {
			return fmt.Errorf("want the status of an answer, got %s", excerpt.JSON(value))
		}
		a.Status = status
		return nil
	case "content_type":
		a.ContentType = text
	case "text":
		a.Text = &text
	case "encoding":
		if a.Encoding = text; text != "base64" {
			return fmt.Errorf("want \"base64\", got %s", excerpt.JSON(value))
		}
	case "body":
		value = decodeStandIns(value)
		a.Body = &value
		return nil
	default:
		return errors.New("there is no such member")
	}
	if !isText {
		return fmt.Errorf("want a text, got %s", excerpt.JSON(value))
	}
	return nil
}
