package readme_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// client/README.md says that it lists all options and errors: one that it lacks is not
// found by those who look there first.
func TestClientReadmeHasEveryOptionAndError(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join(root, "client/README.md"))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for dir, declares := range map[string]*regexp.Regexp{
		"client":        regexp.MustCompile(`(?m)^func (With\w+)|^type ([A-Z]\w*Error) `),
		"client/openai": regexp.MustCompile(`(?m)^type ([A-Z]\w*Error) `),
	} {
		files, err := filepath.Glob(filepath.Join(root, dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range declares.FindAllStringSubmatch(string(text), -1) {
				name := strings.Join(m[1:], "")
				if strings.HasSuffix(name, "Error") {
					name = "*" + filepath.Base(dir) + "." + name
				}
				found++
				if !strings.Contains(string(readme), "`"+name+"`") {
					t.Errorf("client/README.md does not have `%s`", name)
				}
			}
		}
	}
	if found < 60 {
		t.Errorf("found %d options and errors, want all", found)
	}
}

// Who looks for an example by its use finds each of them.
func TestReadmeOfExamplesHasEveryExample(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join(root, "examples/README.md"))
	if err != nil {
		t.Fatal(err)
	}
	programs, err := filepath.Glob(filepath.Join(root, "examples/*/main.go"))
	if err != nil || len(programs) == 0 {
		t.Fatalf("got %d programs, %v", len(programs), err)
	}
	for _, program := range programs {
		name := filepath.Base(filepath.Dir(program))
		if !strings.Contains(string(readme), "["+name+"]("+name+"/main.go)") {
			t.Errorf("examples/README.md does not have %s", name)
		}
	}
	if links := strings.Count(string(readme), "/main.go)"); links != len(programs) {
		t.Errorf("got %d links for %d programs", links, len(programs))
	}
}
