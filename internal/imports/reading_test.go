package imports_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// alone are packages whose files need no order: each is one task, beside the same task in
// other libraries.
var alone = []string{"bench/lines/goopenai", "bench/lines/opcall", "bench/lines/openaigo"}

// fileName is a file as a package comment names it. It may stand for the files of several
// systems: journallock_*.go.
var fileName = regexp.MustCompile(`[a-z0-9_*]+\.go\b`)

// listed is a file that a line of a list begins with.
var listed = regexp.MustCompile(`(?m)^\s+([a-z0-9_*]+\.go)\s`)

// TestPackageCommentNamesEveryFile keeps the lists of files in package comments true. A
// package of one or two files needs none.
func TestPackageCommentNamesEveryFile(t *testing.T) {
	t.Parallel()
	files := make(map[string][]string) // without tests, by folder
	tests := make(map[string][]string)
	comments := make(map[string]string) // of the package
	err := filepath.WalkDir("../..", func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "testdata" || strings.HasPrefix(entry.Name(), ".") && entry.Name() != ".."):
			return filepath.SkipDir
		case entry.IsDir() || !strings.HasSuffix(file, ".go"):
			return nil
		}
		folder := strings.TrimPrefix(filepath.ToSlash(filepath.Dir(file)), "../../")
		if strings.HasSuffix(file, "_test.go") {
			tests[folder] = append(tests[folder], entry.Name())
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.PackageClauseOnly|parser.ParseComments)
		if err != nil {
			return err
		}
		files[folder] = append(files[folder], entry.Name())
		comments[folder] += parsed.Doc.Text()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for folder, names := range files {
		patterns := fileName.FindAllString(comments[folder], -1)
		for _, match := range listed.FindAllStringSubmatch(comments[folder], -1) {
			if !slices.ContainsFunc(slices.Concat(names, tests[folder]), func(name string) bool { return matches(match[1], name) }) {
				t.Errorf("%s: the package comment lists %s, which is not there", folder, match[1])
			}
		}
		if len(names) < 3 || slices.Contains(alone, folder) {
			continue
		}
		for _, name := range names {
			if name != "doc.go" && !slices.ContainsFunc(patterns, func(pattern string) bool { return matches(pattern, name) }) {
				t.Errorf("%s: the package comment does not name %s; list every file, in the order in which to read them", folder, name)
			}
		}
	}
	if len(files) < 50 {
		t.Errorf("found %d packages, want those of the whole repository", len(files))
	}
}

func matches(pattern, name string) bool {
	ok, err := path.Match(pattern, name)
	return ok && err == nil
}
