package root

import (
	"github.com/spf13/cobra"

	"github.com/opcall/opcall/cmd/opcall/internal/batch"
	"github.com/opcall/opcall/cmd/opcall/internal/bulk"
	"github.com/opcall/opcall/cmd/opcall/internal/call"
	"github.com/opcall/opcall/cmd/opcall/internal/chat"
	"github.com/opcall/opcall/cmd/opcall/internal/describe"
	"github.com/opcall/opcall/cmd/opcall/internal/doctor"
	"github.com/opcall/opcall/cmd/opcall/internal/explore"
	"github.com/opcall/opcall/cmd/opcall/internal/key"
	"github.com/opcall/opcall/cmd/opcall/internal/mcp"
	"github.com/opcall/opcall/cmd/opcall/internal/ops"
	"github.com/opcall/opcall/cmd/opcall/internal/proxy"
	"github.com/opcall/opcall/cmd/opcall/internal/serve"
	"github.com/opcall/opcall/cmd/opcall/internal/session"
	"github.com/opcall/opcall/cmd/opcall/internal/spec"
	"github.com/opcall/opcall/cmd/opcall/internal/transfer"
	"github.com/opcall/opcall/cmd/opcall/internal/validate"
)

// The groups of the help text.
const (
	groupDocument = "document"
	groupCall     = "call"
	groupServe    = "serve"
)

// command is one that is made when it is needed.
type command struct {
	group, name string
	make        func(*session.Session) *cobra.Command
}

var commands = []command{
	{groupDocument, "ops", func(s *session.Session) *cobra.Command { return ops.NewCmdOps(s, nil) }},
	{groupDocument, "describe", func(s *session.Session) *cobra.Command { return describe.NewCmdDescribe(s, nil) }},
	{groupDocument, "validate", func(s *session.Session) *cobra.Command { return validate.NewCmdValidate(s, nil) }},
	{groupDocument, "check", func(s *session.Session) *cobra.Command { return validate.NewCmdCheck(s, nil) }},
	{groupDocument, "spec", spec.NewCmdSpec},

	{groupCall, "call", func(s *session.Session) *cobra.Command { return call.NewCmdCall(s, nil) }},
	{groupCall, "chat", func(s *session.Session) *cobra.Command { return chat.NewCmdChat(s, nil) }},
	{groupCall, "bulk", func(s *session.Session) *cobra.Command { return bulk.NewCmdBulk(s, nil) }},
	{groupCall, "batch", batch.NewCmdBatch},
	{groupCall, "upload", func(s *session.Session) *cobra.Command { return transfer.NewCmdUpload(s, nil) }},
	{groupCall, "download", func(s *session.Session) *cobra.Command { return transfer.NewCmdDownload(s, nil) }},
	{groupCall, "key", key.NewCmdKey},
	{groupCall, "doctor", func(s *session.Session) *cobra.Command { return doctor.NewCmdDoctor(s, Version(), nil) }},

	{groupServe, "explore", func(s *session.Session) *cobra.Command { return explore.NewCmdExplore(s, nil) }},
	{groupServe, "serve", func(s *session.Session) *cobra.Command { return serve.NewCmdServe(s, nil) }},
	{groupServe, "proxy", func(s *session.Session) *cobra.Command { return proxy.NewCmdProxy(s, nil) }},
	{groupServe, "mcp", func(s *session.Session) *cobra.Command { return mcp.NewCmdMCP(s, nil) }},
}

// needed returns the commands that a process with these arguments needs: one where its
// name stands first, all where that is not certain. To make all of them, with their flags,
// is most of what a short command would do otherwise.
func needed(args []string) []command {
	if len(args) == 1 && args[0] == "--version" {
		return nil
	}
	// A last word that is still being typed names no command.
	if len(args) > 2 && (args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd) {
		args = args[1:]
	}
	if len(args) == 0 {
		return commands
	}
	// A loop, and no function of package slices: by its type parameter reflection would reach
	// the Session, and the linker leaves all methods of what reflection reaches.
	for i := range commands {
		if commands[i].name == args[0] {
			return commands[i : i+1]
		}
	}
	return commands
}
