package conformancetest_test

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/vpnconform/vpnconform/conformance/suite"
)

// player is a process of this test binary that runs TestConformance, again and
// again, with scenarios and flags of go test. It is a process of its own, so that
// a test that fails there fails nothing here, and one for all of them, because
// drawing the suite takes longer than most of them do.
type player struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	fail   error // of the start
	failed bool  // what it played, once
}

// request is what a player is asked to play, a line of JSON.
type request struct {
	Scenario string
	Args     []string
}

const (
	// plays is the environment variable that makes the test binary a player.
	plays = "CONFORMANCETEST_PLAYS"

	// over begins the line that ends the output of a play; its exit status
	// follows.
	over = "=== OVER "
)

var (
	playing  string // the scenario of TestConformance
	together sync.Once
	shared   *player
)

func TestMain(m *testing.M) {
	if os.Getenv(plays) == "" {
		code := m.Run()
		if shared != nil {
			shared.end()
		}
		os.Exit(code)
	}
	flag.Parse()
	if _, err := suite.Load(0); err != nil { // before the time that -timeout leaves begins
		fmt.Println(err)
		os.Exit(1)
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var r request
		err := json.Unmarshal(lines.Bytes(), &r)
		if err == nil {
			err = setFlags(r.Args)
		}
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		playing = r.Scenario
		fmt.Printf("\n%s%d\n", over, m.Run())
	}
}

// setFlags sets the flags of package testing anew: -test.run=x, or -test.short.
func setFlags(args []string) error {
	given := map[string]string{"test.run": "^TestConformance$", "test.v": "true"}
	for _, arg := range args {
		name, value, ok := strings.Cut(strings.TrimPrefix(arg, "-"), "=")
		if !ok {
			value = "true"
		}
		if flag.Lookup(name) == nil {
			return fmt.Errorf("there is no flag %s", arg)
		}
		given[name] = value
	}
	var err error
	flag.VisitAll(func(f *flag.Flag) {
		value, ok := given[f.Name]
		if !ok {
			value = f.DefValue
		}
		if (ok || f.Value.String() != f.DefValue) && err == nil {
			err = f.Value.Set(value)
		}
	})
	return err
}

func newPlayer() *player {
	p := &player{}
	exe, err := os.Executable()
	if err != nil {
		p.fail = err
		return p
	}
	p.cmd = exec.Command(exe) // ends when its input does
	p.cmd.Env = append(os.Environ(), plays+"=1")
	if p.in, p.fail = p.cmd.StdinPipe(); p.fail != nil {
		return p
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		p.fail = err
		return p
	}
	p.cmd.Stderr = p.cmd.Stdout
	p.out = bufio.NewReader(out)
	p.fail = p.cmd.Start()
	return p
}

func (p *player) end() {
	if p.fail == nil {
		_ = p.in.Close()
		_ = p.cmd.Wait() // it says how it ended, which is known
	}
}

// play plays a scenario. A process that ends meanwhile ends as the scenario does.
func (p *player) play(t *testing.T, name string, args ...string) outcome {
	t.Helper()
	if _, ok := scenarios[name]; !ok {
		t.Fatalf("there is no scenario %q", name)
	}
	if p.fail != nil {
		t.Fatal(p.fail)
	}
	line, err := json.Marshal(request{name, args})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.in.Write(append(line, '\n')); err != nil {
		t.Fatal(err)
	}
	var output strings.Builder
	for {
		line, err := p.out.ReadString('\n')
		if status, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), over); ok {
			code, err := strconv.Atoi(status)
			if err != nil {
				t.Fatal(err)
			}
			p.failed = p.failed || code != 0
			return ended(t, output.String(), code == 0)
		}
		output.WriteString(line)
		if err != nil {
			return ended(t, output.String(), false)
		}
	}
}
