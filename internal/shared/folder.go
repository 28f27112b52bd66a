package shared

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

const (
	variable = "OPCALL_SHARED"
	module   = "module github.com/opcall/opcall\n"
)

// Present reports whether the data is expected to be there: for tests that have some work
// without it.
func Present() bool { return os.Getenv(variable) != "" }

// Path returns the path of a file or folder of the data, which exists.
func Path(tb testing.TB, elem ...string) string {
	tb.Helper()
	folder := os.Getenv(variable)
	if folder == "" {
		tb.Skip(variable + " is not set: test data outside the repository is not read")
	}
	if !filepath.IsAbs(folder) {
		folder = filepath.Join(root(tb), folder)
	}
	path := filepath.Join(folder, filepath.Join(elem...))
	if _, err := os.Stat(path); err != nil {
		tb.Fatalf("%s is set, but its data is not there: %v", variable, err)
	}
	return path
}

// Read returns the contents of a file of the data.
func Read(tb testing.TB, elem ...string) []byte {
	tb.Helper()
	data, err := os.ReadFile(Path(tb, elem...))
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// root returns the root of the repository. It is looked for from the folder of the package
// that is tested upwards, as the go command runs a test there; the benchmarks are a module
// of their own within it.
func root(tb testing.TB) string {
	tb.Helper()
	folder, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for {
		text, _ := os.ReadFile(filepath.Join(folder, "go.mod"))
		if bytes.HasPrefix(text, []byte(module)) {
			return folder
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			tb.Fatalf("%s is relative, and no folder above the test is the root of the repository", variable)
		}
		folder = parent
	}
}
