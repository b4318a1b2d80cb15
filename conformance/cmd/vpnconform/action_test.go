package main

import (
	"bufio"
	"errors"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpnconform/vpnconform/conformance/reference"
	"github.com/vpnconform/vpnconform/openapi/source"
)

// action is action.yml, as far as composite actions go.
type action struct {
	Name        string            `json:"name"`
	Description string            `json:"description"`
	Branding    map[string]string `json:"branding"`
	Inputs      map[string]struct {
		Description string `json:"description"`
		Required    bool   `json:"required"`
		Default     string `json:"default"`
	} `json:"inputs"`
	Outputs map[string]struct {
		Description string `json:"description"`
		Value       string `json:"value"`
	} `json:"outputs"`
	Runs struct {
		Using string       `json:"using"`
		Steps []actionStep `json:"steps"`
	} `json:"runs"`
}

type actionStep struct {
	ID    string            `json:"id"`
	If    string            `json:"if"`
	Uses  string            `json:"uses"`
	With  map[string]string `json:"with"`
	Shell string            `json:"shell"`
	Env   map[string]string `json:"env"`
	Run   string            `json:"run"`
}

// repository is the directory of action.yml.
func repository(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func readAction(t *testing.T) *action {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(repository(t), "action.yml"))
	if err != nil {
		t.Fatal(err)
	}
	file, err := source.Read("action.yml", data)
	if err != nil {
		t.Fatal(err)
	}
	for _, script := range []string{"install.sh", "run.sh"} { // so that a cached result knows them
		text(t, filepath.Join(repository(t), ".github/action", script))
	}
	a := &action{}
	if err := file.Decode(a); err != nil {
		t.Fatal(err)
	}
	return a
}

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
		if step.Uses != "" && !regexp.MustCompile(`^actions/(setup-go|upload-artifact)@v\d+$`).MatchString(step.Uses) {
			t.Errorf("it uses %s", step.Uses)
		}
	}
}

// job is one use of the action.
type job struct {
	dir     string // the workspace
	inputs  map[string]string
	steps   map[string]map[string]string // outputs of each
	outputs map[string]string
	used    []string // other actions
	log     string
	summary string
	code    int
}

// runAction runs the steps as the runner would: in order, until one fails.
func runAction(t *testing.T, dir string, inputs map[string]string) *job {
	t.Helper()
	a := readAction(t)
	j := &job{dir: dir, inputs: map[string]string{}, steps: map[string]map[string]string{}, outputs: map[string]string{}}
	for name, input := range a.Inputs {
		j.inputs[name] = input.Default
	}
	for name, value := range inputs {
		if _, ok := a.Inputs[name]; !ok {
			t.Fatalf("the action has no input %q", name)
		}
		j.inputs[name] = value
	}
	for _, step := range a.Runs.Steps {
		if j.code != 0 || !j.applies(t, step.If) {
			continue
		}
		if step.Uses != "" {
			use := []string{step.Uses}
			for _, name := range slices.Sorted(maps.Keys(step.With)) {
				use = append(use, name+"="+j.expand(t, step.With[name]))
			}
			j.used = append(j.used, strings.Join(use, " "))
			continue
		}
		j.script(t, step)
	}
	for name, output := range a.Outputs {
		j.outputs[name] = j.expand(t, output.Value)
	}
	return j
}

var (
	expression = regexp.MustCompile(`\$\{\{.*?\}\}`)
	named      = regexp.MustCompile(`^\$\{\{ (?:inputs\.([a-z-]+)|steps\.([a-z]+)\.outputs\.([a-z-]+)) \}\}$`)
	condition  = regexp.MustCompile(`^(\$\{\{ [a-z.-]+) (==|!=) '' \}\}$`)
)

// expand replaces expressions by their values.
func (j *job) expand(t *testing.T, text string) string {
	t.Helper()
	return expression.ReplaceAllStringFunc(text, func(e string) string {
		m := named.FindStringSubmatch(e)
		if m == nil {
			t.Fatalf("the expression %s is none that this test knows", e)
		}
		value, ok := j.inputs[m[1]]
		if m[1] == "" {
			value, ok = j.steps[m[2]][m[3]], j.code != 0 || j.steps[m[2]] != nil
		}
		if !ok {
			t.Errorf("%s names nothing", e)
		}
		return value
	})
}

func (j *job) applies(t *testing.T, when string) bool {
	t.Helper()
	if when == "" {
		return true
	}
	m := condition.FindStringSubmatch(when)
	if m == nil {
		t.Fatalf("the condition %s is none that this test knows", when)
	}
	return (j.expand(t, m[1]+" }}") == "") == (m[2] == "==")
}

// script runs one step with the shell that GitHub documents for bash.
func (j *job) script(t *testing.T, step actionStep) {
	t.Helper()
	runner := t.TempDir()
	in := func(name string) string { return filepath.Join(runner, name) }
	for name, text := range map[string]string{"script.sh": step.Run, "output": "", "summary": ""} {
		if err := os.WriteFile(in(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "bash", "--noprofile", "--norc", "-eo", "pipefail", in("script.sh"))
	cmd.Dir = j.dir
	cmd.Env = append(os.Environ(), "GITHUB_ACTION_PATH="+repository(t), "GITHUB_WORKSPACE="+j.dir, "RUNNER_TEMP="+runner,
		"GITHUB_OUTPUT="+in("output"), "GITHUB_STEP_SUMMARY="+in("summary"))
	for name, value := range step.Env {
		cmd.Env = append(cmd.Env, name+"="+j.expand(t, value))
	}
	out, err := cmd.CombinedOutput()
	j.log += string(out)
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		j.code = exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	j.steps[step.ID] = map[string]string{}
	for line := range strings.Lines(text(t, in("output"))) {
		name, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		if _, twice := j.steps[step.ID][name]; !ok || twice {
			t.Errorf("step %s: output %q", step.ID, line)
		}
		j.steps[step.ID][name] = value
	}
	j.summary += text(t, in("summary"))
}

func text(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// serving starts vpnconform serve and returns its URL.
func serving(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "vpnconform", append([]string{"serve", "--listen=127.0.0.1:0"}, args...)...)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // which was killed
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line)
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

// TestAction runs the action against the reference implementation and others.
func TestAction(t *testing.T) {
	healthy, faulty := openReference(t), serving(t, "--fault=rule/Dpd.timeout.maximum/not-enforced")
	entry := ""
	for _, name := range []string{"above", "beyond-int32", "beyond-32-bits", "drawn-above", "above-in-complete-static", "above-in-complete-policy"} {
		entry += "- case: Dpd.timeout.maximum/" + name + "\n  reason: later\n"
	}
	for name, row := range map[string]struct {
		inputs  map[string]string
		files   map[string]string
		code    int
		verdict string
		says    string // in the summary
	}{
		"conforms":      {map[string]string{"target": healthy, "args": "--run=example\n\n--run=Dpd.*\n"}, nil, 0, "conforms", "CONFORMS"},
		"differs":       {map[string]string{"target": faulty, "args": "--run=Dpd.timeout.maximum"}, nil, 1, "differs", "DOES NOT CONFORM"},
		"known":         {map[string]string{"target": faulty, "args": "--run\nDpd.timeout.maximum", "known-failing": "known.yaml"}, map[string]string{"known.yaml": entry}, 0, "conforms", "KNOWN FAILURES"},
		"stale":         {map[string]string{"target": healthy, "args": "--run=Dpd.timeout.maximum", "known-failing": "known.yaml"}, map[string]string{"known.yaml": entry}, 5, "known-failing", "KNOWN FAILURES ARE WRONG"},
		"incomplete":    {map[string]string{"target": "http://127.0.0.1:1", "args": "--run=example"}, nil, 3, "incomplete", "INCOMPLETE"},
		"no target":     {nil, nil, 2, "usage", "target is empty"},
		"no file":       {map[string]string{"target": healthy, "config": "none.yaml"}, nil, 2, "usage", "open none.yaml"},
		"wrong level":   {map[string]string{"target": healthy, "level": "maybe"}, nil, 2, "usage", "maybe"},
		"no directory":  {map[string]string{"target": healthy, "report-dir": "there/r"}, map[string]string{"there": ""}, 2, "usage", "report-dir cannot be made"},
		"hostile":       {map[string]string{"target": hostile(t), "args": "--run=example/static"}, nil, 1, "differs", "DOES NOT CONFORM"},
		"no artefact":   {map[string]string{"target": healthy, "args": "--run=example", "artifact": ""}, nil, 0, "conforms", "CONFORMS"},
		"older reports": {map[string]string{"target": healthy, "args": "--no-such"}, map[string]string{"vpnconform-report/report.json": "{}"}, 2, "usage", "--no-such"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for file, content := range row.files {
				place(t, dir, file, content)
			}
			inputs := map[string]string{"path": "vpnconform"}
			maps.Copy(inputs, row.inputs)
			j := runAction(t, dir, inputs)
			if j.code != row.code || j.outputs["verdict"] != row.verdict || !strings.Contains(j.summary, row.says) {
				t.Errorf("exit %d, want %d; outputs %q; summary\n%s\nlog\n%s", j.code, row.code, j.outputs, j.summary, j.log)
			}
			report := ""
			if row.code != 2 {
				report = "vpnconform-report/report.json"
				if !strings.Contains(text(t, filepath.Join(dir, report)), `"complete": true`) {
					t.Error("the report is not whole")
				}
			}
			if j.outputs["report"] != report {
				t.Errorf("report %q, want %q", j.outputs["report"], report)
			}
			if annotated := strings.Contains(outside(t, j.log), "\n::error"); annotated != (row.code != 0) {
				t.Errorf("annotated: %t\n%s", annotated, j.log)
			}
			if outside := outside(t, j.log); strings.Contains(outside, "\n::set-output") || strings.Contains(outside, "##[") {
				t.Errorf("a target commands the runner:\n%s", outside)
			}
			if uploaded := slices.Contains(j.used, "actions/upload-artifact@v7 name="+j.inputs["artifact"]+" path="+j.inputs["report-dir"]); uploaded == (name == "no artefact") {
				t.Errorf("it uses %q", j.used)
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
	healthy := openReference(t)
	hostile := []string{"a b\"; touch pwned; '; touch pwned; $(touch pwned)`touch pwned` ${IFS}*", "x\ntouch pwned", "-a[$(touch pwned)]"}
	for name := range readAction(t).Inputs {
		for _, value := range hostile {
			dir := t.TempDir()
			inputs := map[string]string{"target": healthy, "path": "vpnconform", "args": "--run=example/static"}
			inputs[name] = value
			switch name {
			case "version":
				inputs["path"] = ""
			case "config", "known-failing":
				place(t, dir, value, "")
			}
			j := runAction(t, dir, inputs)
			if name != "artifact" && name != "config" && name != "known-failing" && name != "report-dir" && j.code != 2 {
				t.Errorf("%s %q: exit %d\n%s", name, value, j.code, j.log)
			}
			if (name == "known-failing" || name == "report-dir" && !strings.Contains(value, "\n")) && j.code != 0 {
				t.Errorf("%s %q: exit %d\n%s", name, value, j.code, j.log)
			}
			if _, err := os.Stat(filepath.Join(dir, "pwned")); err == nil {
				t.Errorf("%s %q ran", name, value)
			}
		}
	}
}

// TestActionBuilds installs nothing and finds nothing: the program is built
// from where the action stands.
func TestActionBuilds(t *testing.T) {
	j := runAction(t, t.TempDir(), map[string]string{"target": openReference(t), "args": "--run=example/bgp"})
	want := []string{"actions/setup-go@v7 cache=false go-version=stable", "actions/upload-artifact@v7 name=vpnconform-report path=vpnconform-report"}
	if diff := cmp.Diff(want, j.used); diff != "" || j.outputs["exit-code"] != "0" {
		t.Errorf("exit %s (-want +got):\n%s\n%s", j.outputs["exit-code"], diff, j.log)
	}
}
