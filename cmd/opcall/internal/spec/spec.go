// Package spec is the command "opcall spec": what can be done with a description itself.
//
//	spec.go     the group, and how a description is opened
//	verify.go   what is wrong in one
//	diff.go     how two differ
//	traffic.go  and what that means for recorded calls
//	write.go    bundle, overlay, derive: one as another file
package spec

import (
	"github.com/spf13/cobra"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/cmd/opcall/internal/session"
	"github.com/opcall/opcall/cmd/opcall/internal/usage"
	"github.com/opcall/opcall/schema"
)

// NewCmdSpec returns the command with its commands.
func NewCmdSpec(s *session.Session) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "spec",
		Short: "Verify, compare and rewrite OpenAPI documents",
	}
	usage.Group(cmd)
	cmd.AddCommand(NewCmdVerify(s, nil), NewCmdDiff(s, nil), NewCmdBundle(s, nil), NewCmdOverlay(s, nil), NewCmdDerive(s, nil))
	return cmd
}

// document opens a file or URL with the built-in errata, if it describes the OpenAI API;
// where there is no name, it is the document in use.
func document(s *session.Session, name string, opts ...schema.Option) (*schema.Document, error) {
	if name == "" {
		return s.Document()
	}
	return s.Open(name, append([]schema.Option{client.Errata()}, opts...)...)
}
