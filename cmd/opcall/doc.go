// Command opcall calls the operations of the OpenAI API, or of any API with an
// OpenAPI document, from a terminal. "opcall help" says how.
//
// # How the command is made
//
// A command is a package under internal, named for the word that a person types. It has an
// Options, and a constructor in the manner of cli/cli:
//
//	func NewCmdOps(s *session.Session, runF func(*Options) error) *cobra.Command
//
// The constructor declares flags and reads arguments into Options; what the command does
// is in a function run(*Options) error. A test that is interested in the flags alone gives
// a runF. internal/root puts the commands together: a new one is a line there, under the
// heading of the help text that it belongs to.
//
//	main.go             the process: arguments in, exit code out
//	script_test.go      the stories of testdata/script, and what they can say beside the
//	                    commands of testscript
//	background_test.go  commands that run in the background of a story
//	terminal_linux_test.go
//	                    stories at a terminal: what it shows, what is typed, Ctrl-C
//	call_test.go …      tests of the packages under internal by what they export, each named
//	                    for its package: one test binary, since each links nearly all
//	typed_lines_test.go the command lines of the README and the help texts
//
//	manual/             a program of its own: man pages and completion scripts as files
//	build, release, Dockerfile
//	                    the binary as it is released, archives of it, and an image
//
// What they share, in reading order:
//
//	internal/root       NewCmdRoot, Main, the pages of "opcall help"
//	internal/terminal   the streams: In, Out, Err, whether they are terminals, colours, width,
//	                    questions
//	internal/session    the flags that every command has; the profile, the document and the
//	                    client, each made when a command first asks for it
//	internal/usage      what is wrong with the words of a command line
//	internal/exit       errors as text and as exit codes
//	internal/render     results: JSON, YAML, tables, --select, --jq
//	internal/argument   NAME=VALUE, typed by the document
//	internal/progress   bars, and files that are whole or called .part
//	internal/complete   what can be typed next
//	internal/listen     addresses to listen on, servers that end in order
//	internal/manual     man pages and completion scripts, for the program manual
//
// # Rules
//
// Results go to Out, all else to Err; nothing writes to os.Stdout. A command returns its
// error and prints none: exit.Print does, with the label and the remedy in words of the
// command line. Where all has been said the error is an exit.Silent with the code. The
// context of the command ends with Ctrl-C; a command that has kept something by then says
// so in an exit.Interrupt. A result is written in pieces as they come; a reader that has
// seen enough (EPIPE) is not an error.
//
// Text of a document or a server goes through render.Plain before a terminal gets it.
// A key goes nowhere but into a request: what is shown of a request is made by a client
// that has placeholders in place of keys (session.Placeholder).
//
// # Stories
//
// A file of testdata/script is one story: what a person types and what comes of it, offline.
// "server" starts a test server and points the environment at it; "respond" says what an
// operation gets, "sent" shows what it received, "code 2 opcall …" compares the exit code,
// "terminal 0 steps opcall …" runs a command at a terminal; "starts BASE opcall serve" has one
// run in the background, "stops BASE 0" interrupts it, "fetch GET URL" is another program,
// "publish SITE" serves the folder of the story.
package main
