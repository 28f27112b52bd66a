package imports_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// A file past 500 lines has more than one concept in it, a function past 80 more than
// one step. Tests may have longer functions: their tables are data.
func TestFilesAndFunctionsStayShort(t *testing.T) {
	const maxFile, maxFunction = 500, 80
	files := token.NewFileSet()
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "testdata" || strings.HasPrefix(entry.Name(), ".") && entry.Name() != ".."):
			return filepath.SkipDir
		case entry.IsDir() || !strings.HasSuffix(path, ".go"):
			return nil
		}
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		if n := files.File(file.Pos()).LineCount(); n > maxFile {
			t.Errorf("%s has %d lines, want at most %d", path, n, maxFile)
		}
		for _, decl := range file.Decls {
			function, ok := decl.(*ast.FuncDecl)
			if !ok || strings.HasSuffix(path, "_test.go") {
				continue
			}
			from, to := files.Position(function.Pos()), files.Position(function.End())
			if n := to.Line - from.Line + 1; n > maxFunction {
				t.Errorf("%s:%d: %s has %d lines, want at most %d", path, from.Line, function.Name.Name, n, maxFunction)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files.Base() < 1<<20 {
		t.Errorf("read %d bytes of Go, want the whole repository", files.Base())
	}
}
