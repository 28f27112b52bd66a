// Derive makes the built-in description embed/openai.json out of the official
// one:
//
//	go run ./embed/derive [-dir embed] [-commit] OFFICIAL.yaml
//
// It applies errata.yaml, repairs the dialect, drops the official prose and
// examples, puts in the texts of summaries.yaml, and writes one operation or
// component per line. It lists every repair, the operations and tags that have no
// text yet, the texts that nothing needs any more, the operations without a tag,
// and the required names that are not properties; the document is written all the
// same. The same input gives the same bytes. In the end it prints how the new
// document differs from the one that it replaces; with -commit it commits the
// document with that as the message.
//
//	main.go       the command
//	derive.go     the steps from the official description to the built-in one
//	required.go   required names that are not properties
//	write.go      the document, one operation or component per line
//	pack.go       errata.yaml, packed for programs
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/opcall/opcall/schema"
)

func main() {
	dir := flag.String("dir", "embed", "the folder with errata.yaml and summaries.yaml, where openai.json, openai.index and errata.yaml.gz are written")
	commit := flag.Bool("commit", false, "commit openai.json and openai.index with git, its changes as the message")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: derive [-dir embed] [-commit] OFFICIAL.yaml")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(os.Stdout, *dir, flag.Arg(0), *commit); err != nil {
		fmt.Fprintln(os.Stderr, "derive:", err)
		os.Exit(1)
	}
}

func run(out io.Writer, dir, official string, commit bool) error {
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
	changes, err := changesOf(path, result.document)
	if err != nil {
		fmt.Fprintln(out, "not compared with the document before:", err)
	}
	doc, err := schema.Load(result.document, schema.WithoutChecks())
	if err != nil {
		return err
	}
	if err := replaceFile(path, result.document); err != nil {
		return err
	}
	if err := replaceFile(indexPath(path), doc.Index()); err != nil {
		return err
	}
	if err := pack(filepath.Join(dir, "errata.yaml.gz"), errata); err != nil {
		return err
	}
	result.list(out)
	fmt.Fprintf(out, "%s: %d bytes, %d operations, %d components, %d repairs\n",
		path, len(result.document), result.operations, result.components, len(result.repairs))
	if changes == nil {
		return nil
	}
	fmt.Fprint(out, changes)
	if commit && (changes.Len() > 0 || changes.Summary() != "no changes") {
		return commitFile(path, "embed: the description changes: "+changes.Summary()+"\n\n"+changes.Markdown())
	}
	return nil
}

// changesOf compares the document that is to be written with the one that is there;
// nil where there is none. An error is not a reason not to replace it.
func changesOf(path string, document []byte) (*schema.Changes, error) {
	before, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	old, err := schema.Load(before)
	if err != nil {
		return nil, err
	}
	now, err := schema.Load(document)
	if err != nil {
		return nil, err
	}
	return schema.Diff(old, now), nil
}

// indexPath is where the index of the document at path is written.
func indexPath(path string) string { return strings.TrimSuffix(path, ".json") + ".index" }

// commitFile commits the document and its index, whatever else is staged.
func commitFile(path, message string) error {
	if out, err := exec.Command("git", "-C", filepath.Dir(path), "add", "--", filepath.Base(indexPath(path))).CombinedOutput(); err != nil {
		return fmt.Errorf("%s is written, but git add: %w: %s", path, err, out)
	}
	git := exec.Command("git", "-C", filepath.Dir(path), "commit", "--quiet", "--file=-", "--only", "--", filepath.Base(path), filepath.Base(indexPath(path)))
	git.Stdin = strings.NewReader(message)
	git.Stderr = os.Stderr
	if err := git.Run(); err != nil {
		return fmt.Errorf("%s is written, but git commit: %w", path, err)
	}
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
