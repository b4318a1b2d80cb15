package main

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/vpnconform/vpnconform/conformance/reference"
)

// TestCompareMisuse lists wrong command lines. Nothing is sent and no file is
// written.
func TestCompareMisuse(t *testing.T) {
	var asked atomic.Int32
	target := serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	two := []string{"--target", target, "--target", target}
	good := filepath.Join(t.TempDir(), "good.json")
	if code, _, errs := command(t, nil, "run", "-q", "--run", "example", "--report", "json="+good); code != 0 {
		t.Fatal(errs)
	}
	report := text(t, good)
	for want, args := range map[string][]string{
		"want two reports, or --target twice":                                     nil,
		"want two reports, or --target twice, and not both":                       append([]string{"good.json", "good.json"}, two...),
		"want two reports, got 1":                                                 {"good.json"},
		"want two reports, got 3":                                                 {"good.json", "good.json", "good.json"},
		"want --target twice, got it once":                                        two[:2],
		"want --target twice, got it 3 times":                                     append(two[:4:4], "--target", target),
		"--target is empty":                                                       {"--target", target, "--target", ""},
		`target "ftp://x" is no http or https URL`:                                {"--target", target, "--target", "ftp://x"},
		`target "ftp://y" is no http or https URL`:                                {"--target", "ftp://y", "--target", target},
		"--jobs does nothing when two reports are compared":                       {"good.json", "good.json", "--jobs", "2"},
		"--strict does nothing when two reports are compared":                     {"good.json", "good.json", "--strict", "--level", "may"},
		"--level is empty":                                                        {"good.json", "good.json", "--level", ""},
		`level "most" is none of must, should, may`:                               {"good.json", "good.json", "--level", "most"},
		`level "least" is none of must, should, may`:                              append(two[:4:4], "--level", "least"),
		"--jobs 0: want at least 1":                                               append(two[:4:4], "--jobs", "0"),
		`pattern "no/such" matches no case`:                                       append(two[:4:4], "--run", "no/such"),
		"--config is empty":                                                       append(two[:4:4], "--config", ""),
		"open none.yaml: no such file or directory":                               append(two[:4:4], "--config", "none.yaml"),
		"unknown flag: --known-failing":                                           append(two[:4:4], "--known-failing", "x"),
		`--report "html=x": want FORMAT=FILE, with a FORMAT of json, md`:          {"good.json", "good.json", "--report", "html=x"},
		"--report: two reports go to c.json":                                      append(two[:4:4], "--report", "json=c.json", "--report", "md=c.json"),
		"--report: ./good.json is to be read, and a report cannot take its place": {"good.json", "good.json", "--report", "json=./good.json"},
	} {
		t.Run(want, func(t *testing.T) {
			t.Chdir(t.TempDir())
			code, out, errs := command(t, map[string]string{"good.json": report}, append([]string{"compare"}, args...)...)
			if code != exitUsage || out != "" || errs != "vpnconform: "+want+"\n" {
				t.Errorf("exit status %d, want %d; stdout %q; stderr\n%swant\n%s", code, exitUsage, out, errs, want)
			}
			if files, err := os.ReadDir("."); err != nil || len(files) != 1 {
				t.Errorf("%v, %v", files, err)
			}
		})
	}
	if asked.Load() > 0 {
		t.Error("a request was sent")
	}
}

// TestCompareOrder shows that the first target is run against before the second,
// both with the same flags.
func TestCompareOrder(t *testing.T) {
	var asked [2]atomic.Int32
	counting := func(i int) string {
		healthy, err := reference.New(reference.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked[i].Add(1)
			if i == 0 && asked[1].Load() > 0 {
				t.Error("the second was asked before the first was done")
			}
			healthy.ServeHTTP(w, r)
		}))
	}
	code, out, errs := command(t, nil, "compare", "--target", counting(0), "--target", counting(1), "--run", "example", "--jobs", "1", "--strict", "--order", "shuffle", "--level", "may")
	if code != 0 || errs != "" || !strings.HasSuffix(out, "\nNO REGRESSION at level may: of 3 cases 0 worse, 0 better, 0 otherwise changed, 3\nas before; no answers differ\n") {
		t.Errorf("exit status %d\n%s\nstderr %s", code, out, errs)
	}
	if asked[0].Load() == 0 || asked[0].Load() != asked[1].Load() {
		t.Errorf("%d and %d requests", asked[0].Load(), asked[1].Load())
	}
}

// TestCompareInterrupted interrupts either run: nothing is compared and nothing
// is written, and no run begins any more.
func TestCompareInterrupted(t *testing.T) {
	for i := range 2 {
		t.Chdir(t.TempDir())
		healthy, err := reference.New(reference.Options{})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var asked [2]atomic.Int32
		target := func(k int) string {
			return serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if asked[k].Add(1); k == i {
					cancel()
				}
				healthy.ServeHTTP(w, r)
			}))
		}
		var out, errs bytes.Buffer
		code := run(ctx, []string{"compare", "--target", target(0), "--target", target(1), "--run", "example", "--jobs", "1", "--report", "md=c.md"}, &out, &errs)
		if code != 3 || out.String() != "" || errs.String() != "vpnconform: interrupted: nothing is compared\n" {
			t.Errorf("%d: exit status %d, %s; stderr %s", i, code, out.String(), errs.String())
		}
		if files, err := os.ReadDir("."); err != nil || len(files) > 0 || i == 0 && asked[1].Load() > 0 {
			t.Errorf("%d: %v, %v; %d requests", i, files, err, asked[1].Load())
		}
	}
}

// TestCompareCannotBeWritten shows the comparison although there is no place for
// its file any more.
func TestCompareCannotBeWritten(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Mkdir("dir", 0o700); err != nil {
		t.Fatal(err)
	}
	healthy, err := reference.New(reference.Options{})
	if err != nil {
		t.Fatal(err)
	}
	target := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = os.RemoveAll("dir")
		healthy.ServeHTTP(w, r)
	}))
	code, out, errs := command(t, nil, "compare", "--target", target, "--target", target, "--run", "example", "--report", "json=dir/c.json")
	if code != 4 || !strings.Contains(out, "NO REGRESSION") || !strings.HasPrefix(errs, "vpnconform: ") {
		t.Errorf("exit status %d\n%s\nstderr %s", code, out, errs)
	}
}
