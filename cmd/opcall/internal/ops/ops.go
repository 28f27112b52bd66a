// Package ops is the command "opcall ops".
package ops

import (
	"bufio"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/opcall/opcall/cmd/opcall/internal/render"
	"github.com/opcall/opcall/cmd/opcall/internal/session"
	"github.com/opcall/opcall/cmd/opcall/internal/terminal"
	"github.com/opcall/opcall/internal/near"
	"github.com/opcall/opcall/schema"
)

// Options are those of one run.
type Options struct {
	*session.Session
	Words []string
	Tag   string
	JSON  bool
}

// NewCmdOps returns the command; runF, where it is not nil, takes the place of what it
// does.
func NewCmdOps(s *session.Session, runF func(*Options) error) *cobra.Command {
	opts := &Options{Session: s}
	cmd := &cobra.Command{
		Use:   "ops [WORD…]",
		Short: "List the operations, or find some by words",
		Long: `List the operations of the document: those that have every word in their ID, method,
path, summary or tags. Those that have all of them in the ID come first.

On a terminal they are a table; in a pipe, lines with tabs between ID, method, path and
summary.`,
		Example: "  opcall ops\n  opcall ops vector store\n  opcall ops --tag Batch",
		RunE: func(_ *cobra.Command, args []string) error {
			opts.Words = args
			if runF != nil {
				return runF(opts)
			}
			return run(opts)
		},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	cmd.Flags().StringVar(&opts.Tag, "tag", "", "only operations with this `tag`")
	cmd.Flags().BoolVar(&opts.JSON, "json", false, "print a JSON array")
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("tag", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		doc, err := s.Document()
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return tags(doc), cobra.ShellCompDirectiveNoFileComp
	}))
	return cmd
}

func run(opts *Options) error {
	doc, err := opts.Document()
	if err != nil {
		return err
	}
	found, err := find(doc, opts.Tag, opts.Words)
	if err != nil {
		return err
	}
	if opts.JSON {
		return writeJSON(opts.IO, found)
	}
	return write(opts.IO, found)
}

// find returns the operations of a tag, or of any, that have the words.
func find(doc *schema.Document, tag string, words []string) ([]schema.OperationSummary, error) {
	if tag != "" {
		known := tags(doc)
		i := slices.IndexFunc(known, func(name string) bool { return near.Fold(name) == near.Fold(tag) })
		if i < 0 {
			return nil, fmt.Errorf("the document has no tag %.80q%s", tag, near.Question(near.Names(tag, known, 3)))
		}
		tag = known[i]
	}
	for i, word := range words {
		words[i] = near.Fold(word)
	}
	var first, found []schema.OperationSummary
	for op := range doc.Summaries() {
		switch {
		case tag != "" && !slices.Contains(op.Tags, tag):
		case hasAll(op.ID, words):
			first = append(first, op)
		case hasAll(op.ID+" "+op.Method+" "+op.Path+" "+op.Summary+" "+strings.Join(op.Tags, " "), words):
			found = append(found, op)
		}
	}
	if found = append(first, found...); len(found) > 0 {
		return found, nil
	}
	if len(words) == 0 {
		return nil, fmt.Errorf("the document %.80q has no operations", doc.Title())
	}
	return nil, unknownWords(doc, words)
}

// unknownWords says which of the words no operation has, and which ones it has instead.
func unknownWords(doc *schema.Document, words []string) error {
	var known []string
	for op := range doc.Summaries() {
		for word := range strings.FieldsFuncSeq(op.Path+" "+op.Summary, func(r rune) bool { return !unicode.IsLetter(r) }) {
			known = append(known, strings.ToLower(word))
		}
	}
	slices.Sort(known)
	known = slices.Compact(known)
	for _, word := range words {
		if nearest := near.Names(word, known, 3); !slices.Contains(known, word) && len(nearest) > 0 {
			return fmt.Errorf("no operation has the word %.80q%s", word, near.Question(nearest))
		}
	}
	return fmt.Errorf("no operation has the words %.80q together", strings.Join(words, " "))
}

// hasAll reports whether a text has every word, whatever its case and punctuation.
func hasAll(text string, words []string) bool {
	text = near.Fold(text)
	return !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(text, word) })
}

// tags lists the tags of all operations in document order.
func tags(doc *schema.Document) []string {
	var all []string
	for op := range doc.Summaries() {
		for _, tag := range op.Tags {
			if !slices.Contains(all, tag) {
				all = append(all, tag)
			}
		}
	}
	return all
}

func write(t *terminal.IO, list []schema.OperationSummary) error {
	if !t.OutTerminal {
		w := bufio.NewWriter(t.Out)
		for _, op := range list {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", render.Plain(op.ID), op.Method, render.Plain(op.Path), render.Plain(op.Summary))
		}
		return w.Flush()
	}
	table := render.Table{Painter: t.Paint(t.Out), Width: t.Width()}
	table.Styles = []terminal.Style{terminal.Cyan, terminal.Bold, "", terminal.Faint}
	for _, op := range list {
		table.Row(op.ID, op.Method, op.Path, op.Summary)
	}
	return table.Write(t.Out)
}

func writeJSON(t *terminal.IO, list []schema.OperationSummary) error {
	text, err := json.Marshal(list)
	if err != nil {
		return err
	}
	return render.JSON(t, text)
}
