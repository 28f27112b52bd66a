// Lines counts the lines of code that tasks take with opcall, openai-go and go-openai,
// and prints a table in Markdown. Each library has a folder with one file per task, of
// which all lines count but the package clause, imports, comments and empty ones.
//
//	go -C bench run ./lines
package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
)

var tasks = []string{
	"chat", "stream", "conversation", "tools", "structured", "embeddings", "images", "speech", "transcribe", "realtime", "azure", "localhost",
}

var libraries = []string{"opcall", "openaigo", "goopenai"}

func main() {
	if err := run("lines"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(dir string) error {
	fmt.Println("| task | opcall | openai-go | go-openai |")
	fmt.Println("| --- | --- | --- | --- |")
	for _, task := range tasks {
		fmt.Print("| " + task)
		for _, library := range libraries {
			count, err := countLines(filepath.Join(dir, library, task+".go"))
			switch {
			case os.IsNotExist(err):
				fmt.Print(" | –")
			case err != nil:
				return err
			default:
				fmt.Printf(" | %d", count)
			}
		}
		fmt.Println(" |")
	}
	return nil
}

// countLines counts the lines of a file that have code.
func countLines(path string) (int, error) {
	source, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, source, 0)
	if err != nil {
		return 0, err
	}
	lines := strings.Split(string(source), "\n")
	count := 0
	for _, declaration := range file.Decls {
		if general, ok := declaration.(*ast.GenDecl); ok && general.Tok == token.IMPORT {
			continue
		}
		for n := files.Position(declaration.Pos()).Line; n <= files.Position(declaration.End()).Line; n++ {
			if line := strings.TrimSpace(lines[n-1]); line != "" && !strings.HasPrefix(line, "//") {
				count++
			}
		}
	}
	return count, nil
}
