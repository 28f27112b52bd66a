package call

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/cmd/opcall/internal/complete"
	"github.com/opcall/opcall/cmd/opcall/internal/render"
	"github.com/opcall/opcall/cmd/opcall/internal/session"
	"github.com/opcall/opcall/cmd/opcall/internal/usage"
	"github.com/opcall/opcall/schema"
)

// Options are those of one run.
type Options struct {
	*session.Session
	Operation string
	Arguments []string
	Data      string

	Stream   bool
	All      bool // the items of all pages of a list
	Wait     bool // until what is made, or retrieved, is in a final state
	Include  bool // status and headers of the response
	DryRun   bool
	Curl     bool
	Skeleton bool
	Yes      bool   // no question before a deletion
	To       string // file for the response

	Output render.Output
	Tier   tier
	// UnknownFields and NewValues let through what the document does not know.
	UnknownFields, NewValues bool
	Findings                 bool // where response and document disagree
}

// tier is the flag --validate.
type tier struct{ schema.Tier }

func (t *tier) Set(text string) error { return t.UnmarshalText([]byte(text)) }
func (t *tier) Type() string          { return "tier" }

const long = `Call an operation by its ID, or by its method and path: "GET /pets/{id}".

Arguments go where the operation has them: into the path, the query, a header, or the
body. The document decides what a value is: 5 is a number where it wants a number, and a
text where it wants a text.

  name=text               a field or a parameter
  a.b.c=text              a field of a field; \. is a dot in a name
  list[]=one list[]=two   the items of a list; list[] is an empty one
  a[].b=1 a[].c=2         an item with two fields; a name that it has begins the next item
  name=@file              a file to upload, or the text in a file; @- for standard input
  name=@@text             a text that begins with @
  name:=JSON              JSON, whatever the document says
  -d JSON, -d @file       all of it as JSON, to which arguments add; - for standard input

All of it is validated before anything is sent: a line per mistake, exit code 2.`

const example = `  opcall call createResponse model=gpt-5-mini input="Why is the sky blue?" --stream
  opcall call createChatCompletion model=gpt-5-mini 'messages[].role=user' 'messages[].content=Hi' \
    --select choices.0.message.content
  opcall call listFiles --all --select id
  opcall call createFile purpose=batch file=@requests.jsonl
  opcall call createSpeech model=tts-1 voice=alloy input=Hello --to hello.mp3
  opcall call createResponse --skeleton > body.json && opcall call createResponse -d @body.json
  opcall call createImage prompt="A moon" --curl`

// NewCmdCall returns the command; runF, where it is not nil, takes the place of what it
// does.
func NewCmdCall(s *session.Session, runF func(context.Context, *Options) error) *cobra.Command {
	opts := &Options{Session: s}
	cmd := &cobra.Command{
		Use:     "call OP [NAME=VALUE…]",
		Short:   "Call an operation",
		Long:    long,
		Example: example,
		Args:    usage.AtLeast("OP"),
		RunE: func(cmd *cobra.Command, args []string) error {
			opts.Operation, opts.Arguments = args[0], args[1:]
			if runF != nil {
				return runF(cmd.Context(), opts)
			}
			return run(cmd.Context(), opts)
		},
		ValidArgsFunction: complete.Arguments(s),
	}
	flags := cmd.Flags()
	flags.StringVarP(&opts.Data, "data", "d", "", "parameters and body as `JSON`, @FILE, or - for standard input")
	flags.BoolVar(&opts.Stream, "stream", false, "print text as it comes on a terminal, events as JSON lines in a pipe")
	flags.BoolVar(&opts.All, "all", false, "print the items of a list, page after page")
	flags.BoolVar(&opts.Wait, "wait", false, "wait until what is made or retrieved is in a final state")
	flags.BoolVarP(&opts.Include, "include", "i", false, "print status and headers of the response, too")
	flags.BoolVar(&opts.DryRun, "dry-run", false, "print the request and send nothing")
	flags.BoolVar(&opts.Curl, "curl", false, "print the request as a curl command and send nothing")
	flags.BoolVar(&opts.Skeleton, "skeleton", false, "print valid parameters to edit, for -d")
	flags.BoolVarP(&opts.Yes, "yes", "y", false, "do not ask before a deletion")
	flags.StringVar(&opts.To, "to", "", "write the response to a `file`")
	flags.Var(&opts.Tier, "validate", "how strictly the request is validated: strict, standard, lenient or off")
	flags.BoolVar(&opts.UnknownFields, "unknown-fields", false, "send fields that the document does not declare")
	flags.BoolVar(&opts.NewValues, "new-values", false, "send values that an enum of the document does not list")
	flags.BoolVar(&opts.Findings, "findings", false, "print where response and document disagree")
	opts.Output.AddFlags(cmd)
	usage.Exclusive(cmd, "dry-run", "curl", "skeleton")
	usage.Exclusive(cmd, "all", "stream", "wait")
	usage.Exclusive(cmd, "all", "include")
	tiers := []string{"strict", "standard", "lenient", "off"}
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("data", complete.FileBehindAt))
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("validate", cobra.FixedCompletions(tiers, cobra.ShellCompDirectiveNoFileComp)))
	return cmd
}

// settings are those of the request.
func (o *Options) settings() []client.CallOption {
	opts := []client.CallOption{client.WithRequestValidation(o.Tier.Tier), client.WithFindings(o.report)}
	if o.UnknownFields {
		opts = append(opts, client.WithUnknownFields())
	}
	if o.NewValues {
		opts = append(opts, client.WithNewValues())
	}
	return opts
}
