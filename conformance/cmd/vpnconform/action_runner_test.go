package main

import (
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

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
