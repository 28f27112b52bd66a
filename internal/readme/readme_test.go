package readme_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const root = "../.."

// TestSnippetsStandInExamples: each Go snippet of the README is part of an
// Example or of a program in examples/, line by line, so that the tests run it.
func TestSnippetsStandInExamples(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	sources := exampleSources(t)
	snippets := goSnippets(string(readme))
	if len(snippets) < 5 {
		t.Fatalf("got %d Go snippets, want at least 5", len(snippets))
	}
	for _, snippet := range snippets {
		if strings.Count(snippet, "{") != strings.Count(snippet, "}") {
			t.Errorf("this snippet breaks off within braces:\n%s", snippet)
		}
		if !standsIn(sources, snippet) {
			t.Errorf("this snippet stands in no Example and in no program of examples/:\n%s", snippet)
		}
	}
}

// TestLinksOfTheReadmeLeadSomewhere follows the links to files of the repository.
func TestLinksOfTheReadmeLeadSomewhere(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	links := 0
	for _, rest := range strings.Split(prose(string(readme)), "](")[1:] {
		target, _, _ := strings.Cut(rest, ")")
		if strings.Contains(target, "://") || strings.HasPrefix(target, "#") {
			continue
		}
		links++
		path, _, _ := strings.Cut(target, "#")
		if _, err := os.Stat(filepath.Join(root, path)); err != nil {
			t.Errorf("link to %s: %v", target, err)
		}
	}
	if links == 0 {
		t.Error("got no link to a file, want some")
	}
}

// prose returns a text without its fenced blocks.
func prose(markdown string) string {
	var b strings.Builder
	for i, part := range strings.Split(markdown, "\n```") {
		if i%2 == 0 {
			b.WriteString(part)
		}
	}
	return b.String()
}

// goSnippets returns the contents of the fenced blocks marked go.
func goSnippets(markdown string) (snippets []string) {
	for _, rest := range strings.Split(markdown, "\n```go\n")[1:] {
		snippet, _, _ := strings.Cut(rest, "\n```")
		snippets = append(snippets, snippet)
	}
	return snippets
}

// exampleSources returns the text of the files with Examples and of the programs
// in examples/, each without white space at the ends of its lines.
func exampleSources(t *testing.T) (sources []string) {
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() {
			if strings.HasPrefix(name, ".") && name != "." && name != ".." {
				return filepath.SkipDir
			}
			return nil
		}
		inExamples := strings.Contains(filepath.ToSlash(path), "/examples/")
		if !strings.HasSuffix(name, ".go") || !inExamples && !strings.HasSuffix(name, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if inExamples || strings.Contains(string(text), "\nfunc Example") {
			sources = append(sources, bare(string(text)))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return sources
}

// standsIn reports whether the lines of a snippet follow each other in a source,
// however indented. Of a block of imports only the paths have to.
func standsIn(sources []string, snippet string) bool {
	want := bare(snippet)
	if paths, ok := strings.CutPrefix(want, "\nimport (\n"); ok {
		want = "\n" + strings.TrimSuffix(paths, ")\n")
	}
	for _, source := range sources {
		if strings.Contains(source, want) {
			return true
		}
	}
	return false
}

// bare drops indentation and empty lines.
func bare(text string) string {
	var b strings.Builder
	b.WriteByte('\n')
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			b.WriteString(line)
			b.WriteByte('\n')
		}
	}
	return b.String()
}
