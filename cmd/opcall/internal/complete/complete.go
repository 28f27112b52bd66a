// Package complete offers what can be typed next, out of the document: operations,
// components, fields and their values.
//
//	complete.go   operations, components and files
//	argument.go   the arguments of a call: parameters, fields, values
//	file.go       files behind an @
//	script.go     the scripts that connect a shell with the command
package complete

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/opcall/opcall/cmd/opcall/internal/session"
	"github.com/opcall/opcall/schema"
)

// Function is what cobra calls for the arguments of a command.
type Function = func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective)

// Operations offers the IDs of operations as the first argument.
func Operations(s *session.Session) Function {
	return func(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		doc, err := s.Document()
		if err != nil || len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return operations(doc, typed), cobra.ShellCompDirectiveNoFileComp
	}
}

// Components offers the names of components as the first argument, and files as the
// others.
func Components(s *session.Session) Function {
	return func(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		doc, err := s.Document()
		if err != nil || len(args) > 0 {
			return nil, cobra.ShellCompDirectiveDefault
		}
		return components(doc, typed), cobra.ShellCompDirectiveNoFileComp
	}
}

// Paths offers what describe takes: operations and components and, behind a dot, their
// parts.
func Paths(s *session.Session) Function {
	return func(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		doc, err := s.Document()
		if err != nil || len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		dot := strings.LastIndexByte(typed, '.')
		if dot < 0 {
			return append(operations(doc, typed), components(doc, typed)...), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
		}
		at, err := doc.Describe(typed[:dot])
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return parts(at, typed[:dot+1], typed[dot+1:]), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
}

// Profiles offers the names of profiles.
func Profiles(s *session.Session) Function {
	return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		config, err := s.Config()
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return config.Names(), cobra.ShellCompDirectiveNoFileComp
	}
}

func operations(doc *schema.Document, typed string) []string {
	var found []string
	for op := range doc.Summaries() {
		if strings.HasPrefix(op.ID, typed) {
			found = append(found, entry(op.ID, op.Summary))
		}
	}
	return found
}

func components(doc *schema.Document, typed string) []string {
	var found []string
	for name := range doc.Components() {
		if strings.HasPrefix(name, typed) {
			found = append(found, name)
		}
	}
	return found
}

// parts are the names that may follow a path.
func parts(at *schema.Description, prefix, typed string) []string {
	var found []string
	add := func(name string) {
		name = strings.ReplaceAll(name, ".", `\.`)
		if strings.HasPrefix(name, typed) && !slices.Contains(found, prefix+name) {
			found = append(found, prefix+name)
		}
	}
	if op := at.Operation; op != nil {
		for _, p := range op.Parameters {
			add(p.Name)
		}
		for _, body := range op.Body {
			for _, f := range fieldsOf(body.Schema) {
				add(f.Name)
			}
		}
		for _, r := range op.Responses {
			add(r.Status)
		}
	}
	if at.Schema != nil {
		for _, f := range fieldsOf(at.Expand(below).Schema) {
			add(f.Name)
		}
	}
	return found
}

// fieldsOf lists the fields of an object, of the items of an array, and of all branches
// of a union.
func fieldsOf(s *schema.Shape) []schema.Field {
	if s == nil {
		return nil
	}
	fields := append(slices.Clone(s.Fields), fieldsOf(s.Items)...)
	for _, v := range s.Variants {
		fields = append(fields, fieldsOf(v.Schema)...)
	}
	return fields
}

// entry is a word with what it means, as cobra wants it. A description of a stranger must
// not have a tab or a line end.
func entry(word, meaning string) string {
	meaning = strings.Join(strings.Fields(meaning), " ")
	if meaning == "" {
		return word
	}
	if len(meaning) > 100 {
		meaning = strings.ToValidUTF8(meaning[:97], "") + "…"
	}
	return word + "\t" + meaning
}
