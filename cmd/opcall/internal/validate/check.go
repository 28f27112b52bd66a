package validate

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/cmd/opcall/internal/complete"
	"github.com/opcall/opcall/cmd/opcall/internal/session"
	"github.com/opcall/opcall/cmd/opcall/internal/usage"
	"github.com/opcall/opcall/schema"
)

// CheckOptions are those of one run of check.
type CheckOptions struct {
	*session.Session
	File      string
	Component string // "" to find it out
	Format    string
}

// NewCmdCheck returns the command; runF, where it is not nil, takes the place of what it
// does.
func NewCmdCheck(s *session.Session, runF func(context.Context, *CheckOptions) error) *cobra.Command {
	opts := &CheckOptions{Session: s}
	cmd := &cobra.Command{
		Use:   "check FILE",
		Short: "Say where a response and the document disagree",
		Long: `Compare a JSON file, such as a response that was kept, with the document, and print what
differs: unknown fields and values, wrong types, missing fields. A finding is not an error of the
file; the exit code is 1 where there are any. "-" is standard input.

Without --as the component is found by the member object or type of the file: the one with
the fewest findings.`,
		Example: "  opcall check response.json\n  opcall call listFiles | opcall check - --as ListFilesResponse",
		Args:    usage.Exactly("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			opts.File = args[0]
			if runF != nil {
				return runF(cmd.Context(), opts)
			}
			return runCheck(opts)
		},
	}
	cmd.Flags().StringVar(&opts.Component, "as", "", "the `component` that the file is an instance of")
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("as", complete.Components(s)))
	addFormat(cmd, &opts.Format)
	return cmd
}

func runCheck(opts *CheckOptions) error {
	out, err := newReport(opts.IO, opts.Format)
	if err != nil {
		return err
	}
	out.level = "warning"
	doc, err := opts.Document()
	if err != nil {
		return err
	}
	text, err := read(opts.Session, opts.File)
	if err != nil {
		return err
	}
	name := opts.Component
	if name == "" {
		if name, err = guess(doc, text); err != nil {
			return err
		}
		fmt.Fprintf(opts.Err, "%s is compared with %s\n", opts.File, name)
	} else if _, err := doc.Component(name); err != nil {
		return err
	}
	for _, f := range doc.Check(name, text) {
		line, column := position(string(text), f.Pointer)
		if broken := brokenAt(doc, name, text); f.Kind == schema.FindingNotJSON && broken != nil {
			line, column = broken.Line, broken.Column
		}
		if err := out.write(entry{File: opts.File, Line: line, Column: column, Kind: string(f.Kind), Problem: f.Problem}); err != nil {
			return out.stop(err)
		}
	}
	return out.close()
}

// brokenAt returns where a text stops being JSON.
func brokenAt(doc *schema.Document, name string, text []byte) *schema.InstanceError {
	var broken *schema.InstanceError
	errors.As(doc.Validate(name, text), &broken)
	return broken
}

// guess finds the component of an instance that says what it is, in its member object or
// type: of those that list this value, the one with the fewest findings, the first among
// equals.
func guess(doc *schema.Document, text []byte) (string, error) {
	if !gjson.ValidBytes(text) {
		return "", errors.New("the file is not JSON; with --as COMPONENT, opcall check says where")
	}
	best, fewest := "", -1
	for _, member := range []string{"object", "type"} {
		value := gjson.GetBytes(text, member)
		if value.Type != gjson.String {
			continue
		}
		for name := range doc.Components() {
			s, err := doc.Component(name)
			if err != nil || !lists(s.JSON(), member, value.String()) {
				continue
			}
			if n := len(doc.Check(name, text)); fewest < 0 || n < fewest {
				best, fewest = name, n
			}
		}
		if best != "" {
			return best, nil
		}
	}
	kind := cmp.Or(gjson.GetBytes(text, "object").Raw, gjson.GetBytes(text, "type").Raw, "neither object nor type")
	return "", fmt.Errorf("no component is for a file with %.60s; name one by --as COMPONENT", kind)
}

// lists reports whether a schema object, or a part of its allOf, has a member that may be
// nothing but some values, this one among them.
func lists(object, member, value string) bool {
	for _, s := range append([]gjson.Result{gjson.Parse(object)}, gjson.Get(object, "allOf").Array()...) {
		declared := s.Get("properties." + member)
		if declared.Get("const").String() == value {
			return true
		}
		for _, one := range declared.Get("enum").Array() {
			if one.String() == value {
				return true
			}
		}
	}
	return false
}
