// Derive makes the built-in description embed/openai.json out of the official
// one:
//
//	go run ./embed/derive [-dir embed] OFFICIAL.yaml
//
// It applies errata.yaml, repairs the dialect, drops the official prose and
// examples, puts in the words of summaries.yaml, and writes one operation or
// component a line. Operations and tags that have no words yet are listed; the
// document is written all the same.
package main

import (
	"flag"
	"fmt"
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
	if err := run(*dir, flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, "derive:", err)
		os.Exit(1)
	}
}

func run(dir, official string) error {
	source, err := os.ReadFile(official)
	if err != nil {
		return err
	}
	errata, err := os.ReadFile(filepath.Join(dir, "errata.yaml"))
	if err != nil {
		return err
	}
	words, err := os.ReadFile(filepath.Join(dir, "summaries.yaml"))
	if err != nil {
		return err
	}
	result, err := derive(source, errata, words)
	if err != nil {
		return err
	}
	for _, repair := range result.repairs {
		fmt.Println("repaired", repair)
	}
	for _, id := range result.wordless {
		fmt.Println("no summary for", id)
	}
	for _, id := range result.stale {
		fmt.Println("no operation or tag", id, "any more, drop its summary")
	}
	for _, id := range result.untagged {
		fmt.Println("no tag on", id)
	}
	path := filepath.Join(dir, "openai.json")
	if err := os.WriteFile(path, result.document, 0o644); err != nil {
		return err
	}
	fmt.Printf("%s: %d bytes, %d operations, %d components, %d repairs\n", path, len(result.document), result.operations, result.components, len(result.repairs))
	return nil
}
