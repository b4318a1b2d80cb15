package calibrate_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/sebdah/goldie/v2"

	"github.com/vpnconform/vpnconform/conformance/calibrate"
)

// forms are what a measurement can be written in.
var forms = map[string]func(io.Writer, *calibrate.Measurement) error{
	"txt": calibrate.WriteText, "json": calibrate.WriteJSON, "md": calibrate.WriteMarkdown,
}

// measurements are small ones: all is well, much is wrong, and nothing counts.
func measurements() map[string]*calibrate.Measurement {
	killed := calibrate.Kill{
		Fault: "answer/style/dropped", Kind: "dropped", Breaks: "/style is missing", Rule: "ResponseVpnConnection.style.enum",
		Case: "CreateVpnConnection/example/static", Pointer: "/body/vpn_connection/style", Level: "must", Changed: 12,
	}
	equivalent := calibrate.Kill{
		Fault: "answer/id/wrong-case", Kind: "wrong-case", Breaks: "/id has its letters in the other case",
		Equivalent: "a UUID in upper case is the same UUID", Changed: 1201,
	}
	return map[string]*calibrate.Measurement{
		"holds": {
			Cases: 1201, Nulls: []calibrate.Null{{Name: "200 {}", Passed: []string{}}}, Kills: []calibrate.Kill{killed, equivalent},
			Void: []string{}, Wrong: []string{},
		},
		"fails": {
			Cases: 1201,
			Nulls: []calibrate.Null{
				{Name: "200 {}", Passed: []string{}},
				{Name: "400 | <echo> *all*", Passed: []string{"CreateVpnConnection/transport/a", "CreateVpnConnection/transport/b", "CreateVpnConnection/transport/c", "CreateVpnConnection/transport/d"}},
			},
			Kills: []calibrate.Kill{killed, equivalent, {
				Fault: "rule/x/refuses-u0060", Kind: "too-strict", Breaks: "the character '`' is not, nor <b> | \\ [a](b) *c* _d_ ~~e~~ &amp;\r\nnor a line", Changed: 3,
			}},
			Void: []string{}, Wrong: []string{"answer/style/dropped is killed by CreateVpnConnection/example/static"},
		},
		"void": {
			Cases: 3, Nulls: []calibrate.Null{}, Kills: []calibrate.Kill{},
			Void: []string{"the healthy implementation does not pass: of 3 cases 1 fail"}, Wrong: []string{},
		},
	}
}

// TestWrite compares what is written of a measurement.
func TestWrite(t *testing.T) {
	for name, m := range measurements() {
		for form, write := range forms {
			t.Run(name+"."+form, func(t *testing.T) {
				var b bytes.Buffer
				if err := write(&b, m); err != nil {
					t.Fatal(err)
				}
				goldie.New(t, goldie.WithFixtureDir("testdata"), goldie.WithNameSuffix("."+form)).Assert(t, name, b.Bytes())
			})
		}
	}
}

// TestWriteFails returns the error of a full disk.
func TestWriteFails(t *testing.T) {
	for form, write := range forms {
		if err := write(full{}, measurements()["holds"]); !errors.Is(err, errFull) {
			t.Errorf("%s: got %v, want %v", form, err, errFull)
		}
	}
}

var errFull = errors.New("no space left")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }
