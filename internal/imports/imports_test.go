package imports

import (
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/opcall/opcall/"

// allowed lists, for each package, the packages of the project that it may
// depend on, tests aside.
var allowed = map[string][]string{
	"embed":                      {},
	"embed/derive":               {"schema", "internal/"},
	"schema":                     {"internal/"},
	"stream":                     {},
	"client":                     {"client/internal/", "schema", "stream", "embed", "internal/"},
	"client/clienttest":          {"client", "client/internal/", "schema", "stream", "embed", "internal/"},
	"client/conform":             {"client/internal/", "schema", "internal/"},
	"client/openai":              {"client", "client/internal/", "schema", "stream", "embed", "internal/"},
	"client/internal/accumulate": {"internal/jsonscan"},
	"client/internal/inbound":    {"schema", "internal/"},
	"internal/dialect":           {"internal/jsonscan"},
	"internal/jsonscan":          {},
	"internal/jsonvalue":         {"internal/jsonscan"},
	"internal/near":              {},
	"internal/style":             {"internal/jsonscan", "internal/jsonvalue"},
	"internal/sample":            {"schema", "internal/"},
	"internal/socket":            {"schema", "internal/"},
}

func TestImportsPointOneWay(t *testing.T) {
	t.Parallel()
	for name, may := range allowed {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := exec.Command("go", "list", "-deps", module+name).Output()
			if err != nil {
				t.Fatalf("go list: %v", err)
			}
			for dep := range strings.Lines(string(out)) {
				dep, ours := strings.CutPrefix(strings.TrimSpace(dep), module)
				if !ours || dep == name || covered(dep, may) {
					continue
				}
				t.Errorf("%s depends on %s, may depend on %v", name, dep, may)
			}
		})
	}
}

// TestEveryPackageHasARow keeps a new package from depending on whatever it likes.
// Examples may use all of the project.
func TestEveryPackageHasARow(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", module+"...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	found := make(map[string]bool)
	for line := range strings.Lines(string(out)) {
		name := strings.TrimPrefix(strings.TrimSpace(line), module)
		if found[name] = true; name == "internal/imports" || strings.HasPrefix(name, "examples/") {
			continue
		}
		if _, ok := allowed[name]; !ok {
			t.Errorf("%s has no row in allowed", name)
		}
	}
	for name := range allowed {
		if !found[name] {
			t.Errorf("the row %s has no package", name)
		}
	}
}

func covered(dep string, may []string) bool {
	for _, prefix := range may {
		if dep == prefix || strings.HasSuffix(prefix, "/") && strings.HasPrefix(dep, prefix) {
			return true
		}
	}
	return false
}

// TestLeavesUseTheStandardLibrary keeps stream and embed free of other modules.
func TestLeavesUseTheStandardLibrary(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"stream", "embed"} {
		out, err := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", module+name).Output()
		if err != nil {
			t.Fatalf("go list: %v", err)
		}
		for dep := range strings.Lines(string(out)) {
			if dep = strings.TrimSpace(dep); dep != module+name {
				t.Errorf("%s depends on %s, want the standard library alone", name, dep)
			}
		}
	}
}
