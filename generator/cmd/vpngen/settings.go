package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/vpnconform/vpnconform/generator"
	"github.com/vpnconform/vpnconform/openapi"
	"github.com/vpnconform/vpnconform/openapi/source"
)

// settings are the values of the flags and of the configuration file.
type settings struct {
	spec, out, packageName string
	config                 string
	check, diff            bool
	strict, lenient        bool
}

// configuration is the content of a configuration file. Paths are relative to the file.
type configuration struct {
	Spec    string `json:"spec"`
	Out     string `json:"out"`
	Package string `json:"package"`
}

// complete fills in the values of the configuration file for which there is no flag.
func (s *settings) complete(isFlag func(string) bool) error {
	if s.config == "" {
		if isFlag("config") {
			return errors.New("--config names no file")
		}
		return nil
	}
	data, err := readFile(s.config)
	if err != nil {
		return err
	}
	var c configuration
	file, err := source.Read(s.config, data)
	if err != nil {
		return err
	}
	if err := file.Decode(&c); err != nil {
		return err
	}
	here := filepath.Dir(s.config)
	for _, setting := range []struct {
		flag  string
		value *string
		given string
	}{
		{"spec", &s.spec, relative(here, c.Spec)},
		{"out", &s.out, relative(here, c.Out)},
		{"package", &s.packageName, c.Package},
	} {
		if setting.given != "" && !isFlag(setting.flag) {
			*setting.value = setting.given
		}
	}
	return nil
}

// relative returns a path of the configuration file as seen from the current directory; here is the file's directory.
func relative(here, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(here, path)
}

// generate writes, lists or prints the changes, as the settings say.
func generate(s settings, stdout, stderr io.Writer) error {
	folder, err := readFolder(s.out)
	if err != nil {
		return err
	}
	if s.packageName == "" {
		if s.packageName, err = folder.packageName(); err != nil {
			return err
		}
	}
	files, err := files(s, stderr)
	if err != nil {
		return err
	}
	changes := folder.compare(files)
	switch {
	case s.check:
		return list(stdout, changes)
	case s.diff:
		return diff(stdout, changes)
	}
	return folder.write(changes)
}

// files generates the files.
func files(s settings, stderr io.Writer) ([]generator.File, error) {
	name, doc, err := document(s, stderr)
	if err != nil {
		return nil, err
	}
	files, err := generator.Generate(doc, generator.Options{Package: s.packageName})
	var faults openapi.Faults
	if errors.As(err, &faults) {
		for i := range faults {
			faults[i].File = name
		}
	}
	return files, err
}

// document reads a document, and prints the warnings; without a path it returns the embedded one.
func document(s settings, stderr io.Writer) (name string, doc *openapi.Document, err error) {
	path := s.spec
	if path == "" {
		doc, err = openapi.Load()
		return "vpn.yaml", doc, err
	}
	data, err := readFile(path)
	if err != nil {
		return path, nil, err
	}
	if s.strict {
		doc, err = openapi.Parse(path, data)
		return path, doc, err
	}
	doc, warnings, err := openapi.Read(path, data, openapi.ReadOptions{SkipPatterns: s.lenient})
	for _, warning := range warnings {
		_, _ = fmt.Fprintln(stderr, "vpngen: warning:", warning)
	}
	return path, doc, err
}

// mostOfFile is the largest size of a file that is read, in bytes. A device has no end.
const mostOfFile = 64 << 20

// readFile reads a file.
func readFile(name string) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // nothing was written
	data, err := io.ReadAll(io.LimitReader(file, mostOfFile+1))
	if err == nil && len(data) > mostOfFile {
		err = fmt.Errorf("%s: more than %d MiB", name, mostOfFile>>20)
	}
	return data, err
}
