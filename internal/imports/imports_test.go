package imports

import (
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
)

const module = "github.com/opcall/opcall/"

// allowed lists, for each package, the packages of the project that it may
// depend on, tests aside.
var allowed = map[string][]string{
	"embed":                      {},
	"embed/derive":               {"schema", "internal/"},
	"schema":                     {"schema/internal/", "internal/"},
	"schema/internal/bundle":     {"internal/dialect", "internal/jsonscan"},
	"schema/internal/overlay":    {"internal/jsonscan"},
	"schema/internal/validator":  {"internal/dialect", "internal/jsonscan", "internal/jsonvalue", "internal/near", "internal/order"},
	"stream":                     {},
	"client":                     {"client/internal/", "schema", "stream", "embed", "internal/"},
	"client/clienttest":          {"client", "client/conform", "client/internal/", "schema", "stream", "embed", "internal/"},
	"client/conform":             {"client/internal/", "schema", "internal/"},
	"client/explorer":            {"client", "client/internal/", "schema", "stream", "embed", "internal/"},
	"client/webhook":             {"client/internal/mask", "client/internal/signature", "schema", "embed", "internal/"},
	"client/credential":          {"client", "client/internal/", "schema", "stream", "embed", "internal/"},
	"client/openai":              {"client", "client/internal/", "schema", "stream", "embed", "internal/"},
	"client/internal/accumulate": {"internal/jsonscan"},
	"client/internal/extension":  {"client/internal/mask", "schema", "internal/"},
	"client/internal/mask":       {},
	"client/internal/outline":    {"schema", "internal/"},
	"client/internal/paging":     {"client/internal/outline", "schema", "internal/"},
	"client/internal/signature":  {},
	"client/internal/inbound":    {"client/internal/extension", "client/internal/mask", "schema", "internal/"},
	"examples":                   {},
	"internal":                   {}, // tests alone
	"internal/arrivals":          {},
	"internal/dialect":           {"internal/jsonscan"},
	"internal/jsonscan":          {},
	"internal/jsonvalue":         {"internal/jsonscan", "internal/order"},
	"internal/curl":              {},
	"internal/near":              {},
	"internal/order":             {},
	"internal/readme":            {},
	"internal/shared":            {},
	"internal/steady":            {},
	"internal/yamltext":          {"internal/jsonscan"},
	"internal/style":             {"internal/jsonscan", "internal/jsonvalue", "internal/order"},
	"internal/sample":            {"schema", "internal/"},
}

func TestImportsPointOneWay(t *testing.T) {
	t.Parallel()
	for name, deps := range packages(t) {
		may, ok := allowed[name]
		switch {
		case name == "internal/imports" || strings.HasPrefix(name, "examples/") || strings.HasPrefix(name, "cmd/"): // which may use all of the project
			continue
		case !ok:
			t.Errorf("%s has no row in allowed", name)
		}
		for _, dep := range deps {
			dep, ours := strings.CutPrefix(dep, module)
			// What is internal to a package comes with it.
			if owner, _, inner := strings.Cut(dep, "/internal/"); inner && (owner == name || slices.Contains(may, owner)) {
				continue
			}
			if ours && !covered(dep, may) {
				t.Errorf("%s depends on %s, may depend on %v", name, dep, may)
			}
		}
	}
}

func TestEveryRowHasAPackage(t *testing.T) {
	t.Parallel()
	found := packages(t)
	for name := range allowed {
		if _, ok := found[name]; !ok {
			t.Errorf("the row %s has no package", name)
		}
	}
}

// packages returns the packages of the project with all that they depend on.
func packages(t *testing.T) map[string][]string {
	t.Helper()
	out, err := listed()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	all := make(map[string][]string)
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		all[strings.TrimPrefix(words[0], module)] = words[1:]
	}
	return all
}

var listed = sync.OnceValues(func() ([]byte, error) {
	return exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Deps " "}}`, module+"...").Output()
})

// covered reports whether a package is in a row, itself or as what is internal to
// a package that is.
func covered(dep string, may []string) bool {
	for _, prefix := range may {
		if dep == prefix || strings.HasPrefix(dep, prefix+"/internal/") || strings.HasSuffix(prefix, "/") && strings.HasPrefix(dep, prefix) {
			return true
		}
	}
	return false
}

// linked are the modules that a program gets with the library, tests aside. Those of the
// command, such as cobra, are not among them.
var linked = []string{
	"github.com/bahlo/generic-list-go", "github.com/buger/jsonparser", "github.com/coder/websocket", "github.com/invopop/jsonschema",
	"github.com/pb33f/", "github.com/santhosh-tekuri/jsonschema/v5", "github.com/tidwall/", "go.yaml.in/yaml/v4", "golang.org/x/net", "golang.org/x/text",
	"golang.org/x/time/rate",
}

func TestLibraryLinksNothingOfTheCommand(t *testing.T) {
	t.Parallel()
	for name, deps := range packages(t) {
		if strings.HasPrefix(name, "cmd/") || strings.HasPrefix(name, "examples/") {
			continue
		}
		for _, dep := range deps {
			first, _, _ := strings.Cut(dep, "/")
			if !strings.Contains(first, ".") || strings.HasPrefix(dep, module) {
				continue
			}
			if name == "client/credential" && strings.HasPrefix(dep, "golang.org/x/oauth2") { // what the package is for
				continue
			}
			if !slices.ContainsFunc(linked, func(prefix string) bool { return strings.HasPrefix(dep, prefix) }) {
				t.Errorf("%s depends on %s, which a program that uses the library would get", name, dep)
			}
		}
	}
}

// TestLeavesUseTheStandardLibrary keeps stream and embed free of other modules.
func TestLeavesUseTheStandardLibrary(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"stream", "embed"} {
		deps, ok := packages(t)[name]
		if !ok {
			t.Errorf("there is no package %s", name)
		}
		for _, dep := range deps {
			if first, _, _ := strings.Cut(dep, "/"); strings.Contains(first, ".") {
				t.Errorf("%s depends on %s, want the standard library alone", name, dep)
			}
		}
	}
}
