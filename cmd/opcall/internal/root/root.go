// Package root is the command "opcall": it puts the commands together, runs one, and
// turns its error into an exit code.
//
//	root.go      Main, the command itself
//	commands.go  its commands, and which of them a process needs
//	topic.go     pages of help that belong to no command
package root

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/cmd/opcall/internal/complete"
	"github.com/opcall/opcall/cmd/opcall/internal/exit"
	"github.com/opcall/opcall/cmd/opcall/internal/session"
	"github.com/opcall/opcall/cmd/opcall/internal/terminal"
	"github.com/opcall/opcall/cmd/opcall/internal/usage"
)

// Main runs the command that the arguments of the process ask for, and returns the exit
// code. The first interrupt ends the context of the command, so that it can say what it
// has kept; the second one ends the process.
func Main() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	signal.Ignore(syscall.SIGPIPE) // writing reports it, and a command can end in order
	s := session.New(terminal.System())
	cmd := NewCmdRoot(s, os.Args[1:])
	cmd.SetContext(ctx)
	err := cmd.Execute()
	exit.Print(s.IO, err)
	return exit.Code(err)
}

// NewCmdRoot returns the command with those of its commands that a process with these
// arguments needs: all of them for none.
func NewCmdRoot(s *session.Session, args []string) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "opcall",
		Short: "Call the OpenAI API, or any API with an OpenAPI document",
		Long: `Call any operation of the OpenAI API, or of another API with an OpenAPI 3.x document, by
its ID. What is sent is validated first: a mistake costs no request.

Results go to standard output, all else to standard error.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       Version(),
	}
	usage.Group(cmd)
	cmd.SetFlagErrorFunc(usage.FlagError)
	cmd.SetIn(s.In)
	cmd.SetOut(s.Out)
	cmd.SetErr(s.Err)
	cmd.SetVersionTemplate("opcall {{.Version}}\n")
	s.AddFlags(cmd.PersistentFlags())
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("profile", complete.Profiles(s)))

	cmd.AddGroup(
		&cobra.Group{ID: groupDocument, Title: "The document:"},
		&cobra.Group{ID: groupCall, Title: "Calling:"},
		&cobra.Group{ID: groupServe, Title: "Servers:"},
	)
	for _, c := range needed(args) {
		part := c.make(s)
		part.GroupID = c.group
		cmd.AddCommand(part)
	}
	cmd.CompletionOptions.DisableDefaultCmd = true
	cmd.AddCommand(complete.NewCmdCompletion(s))
	cmd.AddCommand(helpTopics()...)
	return cmd
}

// Version is that of the module that the program was built from, as go install leaves it
// there; of a build of a working copy it is the library's with the revision.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return client.Version + " (devel)"
	}
	return info.Main.Version
}
