// Derive makes the built-in description embed/openai.json out of the official
// one:
//
//	go run ./embed/derive [-dir embed] OFFICIAL.yaml
//
// It applies errata.yaml, repairs the dialect, drops the official prose and
// examples, puts in the texts of summaries.yaml, and writes one operation or
// component per line. It lists every repair, the operations and tags that have no
// text yet, the texts that nothing needs any more, the operations without a tag,
// and the required names that are no property; the document is written all the
// same. The same input gives the same bytes.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

func main() {
	dir := flag.String("dir", "embed", "the folder with errata.yaml and summaries.yaml, where openai.json is written")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: derive [-dir embed] OFFICIAL.yaml")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(os.Stdout, *dir, flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, "derive:", err)
		os.Exit(1)
	}
}

func run(out io.Writer, dir, official string) error {
	source, err := os.ReadFile(official)
	if err != nil {
		return err
	}
	errata, err := os.ReadFile(filepath.Join(dir, "errata.yaml"))
	if err != nil {
		return err
	}
	summaries, err := os.ReadFile(filepath.Join(dir, "summaries.yaml"))
	if err != nil {
		return err
	}
	result, err := derive(source, errata, summaries)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, "openai.json")
	if err := replaceFile(path, result.document); err != nil {
		return err
	}
	result.list(out)
	fmt.Fprintf(out, "%s: %d bytes, %d operations, %d components, %d repairs\n",
		path, len(result.document), result.operations, result.components, len(result.repairs))
	return nil
}

// replaceFile writes a file that readers see either as it was or whole.
func replaceFile(path string, data []byte) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), ".derive-*")
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name())
	if _, err := temporary.Write(data); err != nil {
		temporary.Close()
		return err
	}
	if err := temporary.Chmod(0o644); err != nil {
		temporary.Close()
		return err
	}
	if err := temporary.Close(); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), path)
}
