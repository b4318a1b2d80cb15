package report_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpnconform/vpnconform/conformance/report"
)

// TestHARContent holds what an archive says of the bodies of answers: those that
// are no text are in base64, and their size is their own.
func TestHARContent(t *testing.T) {
	type content struct {
		Size     int
		MIMEType string
		Text     string
		Encoding string
	}
	for _, row := range []struct {
		name     string
		exchange report.Exchange
		status   int
		want     content
		size     int // of the body as it came
	}{
		{"text", report.Exchange{Status: 200, Answer: "größer", AnswerHeader: []string{"content-type: text/plain"}}, 200, content{8, "text/plain", "größer", ""}, 8},
		{"bytes", report.Exchange{Status: 200, Answer: "//4A", Encoding: "base64"}, 200, content{3, "x-unknown", "//4A", "base64"}, 3},
		{"masked bytes", report.Exchange{Status: 200, Answer: "//***", Encoding: "base64"}, 200, content{5, "x-unknown", "//***", "base64"}, 5},
		{"nothing", report.Exchange{Status: 204}, 204, content{0, "x-unknown", "", ""}, 0},
		{"broken off", report.Exchange{Status: 200, Answer: "{", Error: "the answer broke off after 1 bytes"}, 0, content{1, "x-unknown", "{", ""}, -1},
	} {
		var b bytes.Buffer
		if err := report.WriteHAR(&b, &report.Report{Results: []report.Result{{Case: "a/b", Exchanges: []report.Exchange{row.exchange}}}}); err != nil {
			t.Fatal(err)
		}
		var got struct {
			Log struct {
				Entries []struct {
					Response struct {
						Status   int
						Content  content
						BodySize int
					}
				}
			}
		}
		if err := json.Unmarshal(b.Bytes(), &got); err != nil || len(got.Log.Entries) != 1 {
			t.Fatalf("%s: %v: %s", row.name, err, b.Bytes())
		}
		response := got.Log.Entries[0].Response
		if diff := cmp.Diff(row.want, response.Content); diff != "" || response.Status != row.status || response.BodySize != row.size {
			t.Errorf("%s: status %d, size %d, want %d and %d; content (-want +got):\n%s", row.name, response.Status, response.BodySize, row.status, row.size, diff)
		}
	}
}
