package imports_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The two dense packages can be read in an order: what a file uses stands, but for a circle of
// few files, in those before it. One constant in the wrong file is enough to close a circle
// around most of a package.
func TestCyclesOfFilesStaySmall(t *testing.T) {
	t.Parallel()
	const most = 15
	for _, dir := range []string{"../../schema", "../../schema/internal/validator"} {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			uses, arrows := filesUsed(t, dir)
			if arrows < 200 {
				t.Fatalf("found %d uses between files, want the whole package", arrows)
			}
			if cycle := largestCycle(uses); len(cycle) > most {
				t.Errorf("%d files use each other, want at most %d: %s", len(cycle), most, strings.Join(cycle, " "))
			}
		})
	}
}

// filesUsed returns for each file of a package the files of the package that it uses
// something of, and how many such pairs there are. Other packages stay unread, so the errors
// that follow from them do not count.
func filesUsed(t *testing.T, dir string) (uses map[string][]string, arrows int) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	positions := token.NewFileSet()
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(positions, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	info := &types.Info{Uses: make(map[*ast.Ident]types.Object)}
	config := types.Config{Importer: emptyPackages{}, Error: func(error) {}}
	pkg, _ := config.Check(dir, positions, files, info)
	uses = make(map[string][]string)
	for name, object := range info.Uses {
		if object.Pkg() != pkg || !object.Pos().IsValid() {
			continue
		}
		from, to := filepath.Base(positions.Position(name.Pos()).Filename), filepath.Base(positions.Position(object.Pos()).Filename)
		if from != to && !slices.Contains(uses[from], to) {
			uses[from] = append(uses[from], to)
			arrows++
		}
	}
	return uses, arrows
}

// emptyPackages imports every package as one without declarations.
type emptyPackages struct{}

func (emptyPackages) Import(path string) (*types.Package, error) {
	pkg := types.NewPackage(path, filepath.Base(path))
	pkg.MarkComplete()
	return pkg, nil
}

// largestCycle returns the most files of which each leads to each other one, in order of
// their names.
func largestCycle(uses map[string][]string) []string {
	reached := make(map[string]map[string]bool)
	for from := range uses {
		seen := make(map[string]bool)
		for next := slices.Clone(uses[from]); len(next) > 0; {
			file := next[len(next)-1]
			if next = next[:len(next)-1]; !seen[file] {
				seen[file] = true
				next = append(next, uses[file]...)
			}
		}
		reached[from] = seen
	}
	var largest []string
	for from, files := range reached {
		var cycle []string
		for file := range files {
			if reached[file][from] {
				cycle = append(cycle, file)
			}
		}
		if len(cycle) > len(largest) {
			largest = cycle
		}
	}
	slices.Sort(largest)
	return largest
}
