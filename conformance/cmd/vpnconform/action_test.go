package main

import (
	"encoding/xml"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpnconform/vpnconform/conformance/reference"
	"github.com/vpnconform/vpnconform/conformance/report"
)

// TestActionIsSafe shows that no input becomes the text of a script.
func TestActionIsSafe(t *testing.T) {
	a := readAction(t)
	if a.Runs.Using != "composite" || len(a.Runs.Steps) < 4 {
		t.Fatalf("%q with %d steps", a.Runs.Using, len(a.Runs.Steps))
	}
	for _, step := range a.Runs.Steps {
		if strings.Contains(step.Run, "${{") || (step.Run == "") == (step.Uses == "") || (step.Run != "" && step.Shell != "bash") {
			t.Errorf("step %+v", step)
		}
		if step.Uses != "" && !regexp.MustCompile(`^actions/(setup-go|upload-artifact)@[0-9a-f]{40}$`).MatchString(step.Uses) {
			t.Errorf("it uses %s", step.Uses)
		}
	}
}

// TestActionsArePinned shows that the action and the workflows use others by a
// commit, which nobody can move, and each by the same one everywhere.
func TestActionsArePinned(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(repository(t), ".github/workflows/*.yml"))
	if err != nil || len(files) < 2 {
		t.Fatalf("%d workflows: %v", len(files), err)
	}
	pinned := regexp.MustCompile(`^([a-z-]+/[a-z-]+)@([0-9a-f]{40} # v[0-9.]+)$`)
	commits := map[string]string{}
	for _, file := range append(files, filepath.Join(repository(t), "action.yml")) {
		for line := range strings.Lines(text(t, file)) {
			_, used, uses := strings.Cut(strings.TrimSpace(line), "uses: ")
			if !uses {
				continue
			}
			parts := pinned.FindStringSubmatch(used)
			switch {
			case parts == nil:
				t.Errorf("%s: %s: want a commit and its version", filepath.Base(file), used)
			case commits[parts[1]] == "":
				commits[parts[1]] = parts[2]
			case commits[parts[1]] != parts[2]:
				t.Errorf("%s: %s is used as %s elsewhere", filepath.Base(file), used, commits[parts[1]])
			}
		}
	}
	if len(commits) < 4 {
		t.Errorf("%d actions are used: %v", len(commits), commits)
	}
}

// hostile answers with what the runner would take for commands.
func hostile(t *testing.T) string {
	t.Helper()
	return serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write([]byte(`{"request_id":"` + strings.Repeat("::set-output name=verdict::conforms ", 5) + `##[error]pwned"}`))
	}))
}

func openReference(t *testing.T) string {
	t.Helper()
	open, err := reference.New(reference.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, open)
}

// lenient serves the reference implementation with a fault.
func lenient(t *testing.T) string {
	t.Helper()
	healthy, err := reference.New(reference.Options{})
	if err != nil {
		t.Fatal(err)
	}
	handler, err := faulty(healthy, "rule/Dpd.timeout.maximum/not-enforced")
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, handler)
}

// built is the program as the action installs it.
func built(t *testing.T) string {
	t.Helper()
	name, err := program()
	if err != nil {
		t.Fatal(err)
	}
	return name
}

var (
	folder  string // of the program
	program = sync.OnceValues(func() (string, error) {
		var err error
		if folder, err = os.MkdirTemp("", "vpnconform"); err != nil {
			return "", err
		}
		name := filepath.Join(folder, "vpnconform")
		if out, err := exec.Command("go", "build", "-o", name, ".").CombinedOutput(); err != nil {
			return "", fmt.Errorf("%w: %s", err, out)
		}
		return name, nil
	})
)

// checkReports looks at every file that the action writes, and at what the job
// shows of it: all of them say the same.
func checkReports(t *testing.T, j *job, says string) {
	t.Helper()
	dir := filepath.Join(j.dir, j.inputs["report-dir"])
	if j.outputs["verdict"] == "usage" { // nothing was run
		for _, name := range []string{"report.json", "report.html", "junit.xml", "summary.md", "annotations.txt"} {
			if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
				t.Errorf("there is a file %s of nothing", name)
			}
		}
		if j.outputs["report"] != "" {
			t.Errorf("report %q, want none", j.outputs["report"])
		}
		return
	}
	file := func(name string) string { return text(t, filepath.Join(dir, name)) }
	if want := j.inputs["report-dir"] + "/report.json"; j.outputs["report"] != want {
		t.Errorf("report %q, want %q", j.outputs["report"], want)
	}
	found, err := report.ReadJSON([]byte(file("report.json")))
	if err != nil {
		t.Fatal(err)
	}
	if want := strconv.Itoa(int(found.Verdict())); j.outputs["exit-code"] != want {
		t.Errorf("exit code %s, want %s", j.outputs["exit-code"], want)
	}
	type testcase struct {
		Failure *struct{} `xml:"failure"`
		Error   *struct{} `xml:"error"`
	}
	var junit struct {
		Cases []testcase `xml:"testsuite>testcase"`
	}
	if err := xml.Unmarshal([]byte(file("junit.xml")), &junit); err != nil {
		t.Fatal(err)
	}
	wrong := slices.ContainsFunc(junit.Cases, func(c testcase) bool { return c.Failure != nil || c.Error != nil })
	if len(junit.Cases) < len(found.Results) || wrong != (j.code != 0) {
		t.Errorf("junit.xml has %d cases of %d; something is wrong: %t", len(junit.Cases), len(found.Results), wrong)
	}
	annotations := file("annotations.txt")
	if strings.Contains(annotations, "::error ") != (j.code != 0) || !strings.Contains(annotations, says) || !strings.Contains(j.log, annotations) {
		t.Errorf("annotations:\n%s\nlog:\n%s", annotations, j.log)
	}
	if summary := file("summary.md"); summary != j.summary || !strings.Contains(summary, says) {
		t.Errorf("summary.md:\n%s\nof the job:\n%s", summary, j.summary)
	}
	if page := file("report.html"); !strings.HasPrefix(page, "<!DOCTYPE html>") || !strings.HasSuffix(page, "</html>\n") || !strings.Contains(page, says) {
		t.Errorf("report.html has %d bytes:\n%.300s", len(page), page)
	}
	if output := file("output.txt"); !strings.Contains(output, says) || !strings.Contains(j.log, output) {
		t.Errorf("output.txt:\n%s", output)
	}
}

// TestAction runs the action against the reference implementation and others.
func TestAction(t *testing.T) {
	healthy, faulty, program := openReference(t), lenient(t), built(t)
	entry := ""
	for _, c := range selectedBy(t, "Dpd.timeout.maximum") {
		if c.Refused() {
			entry += "- case: " + c.ID + "\n  reason: later\n"
		}
	}
	for name, row := range map[string]struct {
		inputs  map[string]string
		files   map[string]string
		code    int
		verdict string
		says    string // in the summary
	}{
		"conforms":      {map[string]string{"target": healthy, "args": "--run=example\n\n--run=Dpd.timeout.max*\n"}, nil, 0, "conforms", "CONFORMS"},
		"differs":       {map[string]string{"target": faulty, "args": "--run=Dpd.timeout.maximum"}, nil, 1, "differs", "DOES NOT CONFORM"},
		"known":         {map[string]string{"target": faulty, "args": "--run\nDpd.timeout.maximum", "known-failing": "known.yaml", "artifact": ""}, map[string]string{"known.yaml": entry}, 0, "conforms", "KNOWN FAILURES"},
		"stale":         {map[string]string{"target": healthy, "args": "--run=Dpd.timeout.maximum", "known-failing": "known.yaml"}, map[string]string{"known.yaml": entry}, 5, "known-failing", "KNOWN FAILURES ARE WRONG"},
		"incomplete":    {map[string]string{"target": "http://127.0.0.1:1", "args": "--run=example"}, nil, 3, "incomplete", "INCOMPLETE"},
		"no target":     {nil, nil, 2, "usage", "target is empty"},
		"no file":       {map[string]string{"target": healthy, "config": "none.yaml"}, nil, 2, "usage", "open none.yaml"},
		"wrong level":   {map[string]string{"target": healthy, "level": "maybe"}, nil, 2, "usage", "maybe"},
		"no directory":  {map[string]string{"target": healthy, "report-dir": "there/r"}, map[string]string{"there": ""}, 2, "usage", "report-dir cannot be made"},
		"hostile":       {map[string]string{"target": hostile(t), "args": "--run=CreateVpnConnection/example/static"}, nil, 1, "differs", "DOES NOT CONFORM"},
		"older reports": {map[string]string{"target": healthy, "args": "--no-such"}, map[string]string{"vpnconform-report/report.json": "{}"}, 2, "usage", "--no-such"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for file, content := range row.files {
				place(t, dir, file, content)
			}
			inputs := map[string]string{"path": program}
			maps.Copy(inputs, row.inputs)
			j := runAction(t, dir, inputs)
			if j.code != row.code || j.outputs["verdict"] != row.verdict || !strings.Contains(j.summary, row.says) {
				t.Errorf("exit %d, want %d; outputs %q; summary\n%s\nlog\n%s", j.code, row.code, j.outputs, j.summary, j.log)
			}
			checkReports(t, j, row.says)
			if annotated := strings.Contains(outside(t, j.log), "\n::error"); annotated != (row.code != 0) {
				t.Errorf("annotated: %t\n%s", annotated, j.log)
			}
			if outside := outside(t, j.log); strings.Contains(outside, "\n::set-output") || strings.Contains(outside, "##[") {
				t.Errorf("a target commands the runner:\n%s", outside)
			}
			var used []string
			if name != "known" { // which asks for none
				used = []string{upload + " name=vpnconform-report path=" + j.inputs["report-dir"]}
			}
			if diff := cmp.Diff(used, j.used); diff != "" {
				t.Errorf("other actions (-want +got):\n%s", diff)
			}
		})
	}
}

// outside is the part of a log in which the runner follows commands, with a
// line feed before each of its lines, blanks before them removed.
func outside(t *testing.T, log string) string {
	t.Helper()
	var out strings.Builder
	token := ""
	for line := range strings.Lines(log) {
		line = strings.TrimSpace(line)
		switch {
		case token != "" && line == "::"+token+"::":
			token = ""
		case token == "" && strings.HasPrefix(line, "::stop-commands::"):
			if token = strings.TrimPrefix(line, "::stop-commands::"); len(token) != 32 {
				t.Errorf("token %q", token)
			}
		case token == "":
			out.WriteString("\n" + line)
		}
	}
	if token != "" {
		t.Error("commands stay stopped")
	}
	return out.String()
}

func place(t *testing.T, dir, name, content string) {
	t.Helper()
	name = filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestActionInjection gives every input what a shell would act on. Files of
// such names are read and written all the same.
func TestActionInjection(t *testing.T) {
	healthy, program := openReference(t), built(t)
	hostile := []string{"a b\"; touch pwned; '; touch pwned; $(touch pwned)`touch pwned` ${IFS}*", "x\ntouch pwned", "-a[$(touch pwned)]"}
	harmless := []string{"artifact", "known-failing", "report-dir"} // which change nothing of what is run
	try := func(changed map[string]string) *job {
		t.Helper()
		dir := t.TempDir()
		inputs := map[string]string{"target": healthy, "path": program, "args": "--run=CreateVpnConnection/example/static"}
		for name, value := range changed {
			inputs[name] = value
			switch name {
			case "version":
				inputs["path"] = ""
			case "config", "known-failing":
				place(t, dir, value, "")
			}
		}
		j := runAction(t, dir, inputs)
		if _, err := os.Stat(filepath.Join(dir, "pwned")); err == nil {
			t.Errorf("%q ran", changed)
		}
		return j
	}
	for i, value := range hostile {
		other := hostile[(i+2)%len(hostile)] // a name for one file
		changed := map[string]string{"artifact": value, "known-failing": value, "report-dir": other}
		if strings.Contains(other, "\n") { // which the output of a step cannot hold
			try(map[string]string{"report-dir": other})
			delete(changed, "report-dir")
		}
		if j := try(changed); j.code != 0 {
			t.Errorf("%q: exit %d\n%s", changed, j.code, j.log)
		}
		for name := range readAction(t).Inputs {
			if slices.Contains(harmless, name) {
				continue
			}
			if j := try(map[string]string{name: value}); j.code != 2 { // config names an empty file
				t.Errorf("%s %q: exit %d\n%s", name, value, j.code, j.log)
			}
		}
	}
}

// The other actions, each by the commit of a version: a tag can be moved.
const (
	setUpGo = "actions/setup-go@b7ad1dad31e06c5925ef5d2fc7ad053ef454303e"
	upload  = "actions/upload-artifact@043fb46d1a93c77aae656e7c1c64a875d1fc6a0a"
)

// TestActionBuilds installs nothing and finds nothing: the program is built
// from where the action stands.
func TestActionBuilds(t *testing.T) {
	j := runAction(t, t.TempDir(), map[string]string{"target": openReference(t), "args": "--run=CreateVpnConnection/example/bgp"})
	want := []string{setUpGo + " cache=false go-version=stable", upload + " name=vpnconform-report path=vpnconform-report"}
	if diff := cmp.Diff(want, j.used); diff != "" || j.outputs["exit-code"] != "0" {
		t.Errorf("exit %s (-want +got):\n%s\n%s", j.outputs["exit-code"], diff, j.log)
	}
}
