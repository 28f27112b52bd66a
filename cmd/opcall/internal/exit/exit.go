// Package exit has the exit codes of the command, and how errors are written.
package exit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/cmd/opcall/internal/render"
	"github.com/opcall/opcall/cmd/opcall/internal/terminal"
	"github.com/opcall/opcall/schema"
)

// The exit codes. Those of HTTP are the first digit of the status.
const (
	OK          = 0
	Local       = 1 // wrong use, a file, a document, no connection; a file that is not valid
	Invalid     = 2 // the request breaks the description; nothing was sent
	ClientError = 4 // HTTP 4xx
	ServerError = 5 // HTTP 5xx
	Cut         = 6 // a stream or a response that broke off
	Interrupted = 130
)

// Silent ends the process with a code: all that there is to say has been said.
type Silent int

func (s Silent) Error() string { return fmt.Sprintf("exit code %d", int(s)) }

// Interrupt ends a command that was interrupted and says what it has kept. It matches
// context.Canceled.
type Interrupt struct{ Kept string }

func (e *Interrupt) Error() string {
	if e.Kept == "" {
		return "interrupted"
	}
	return "interrupted; " + e.Kept
}

// Unwrap returns context.Canceled.
func (e *Interrupt) Unwrap() error { return context.Canceled }

// Code returns the exit code for the error of a command.
func Code(err error) int {
	var (
		silent  Silent
		api     *client.APIError
		invalid *schema.ValidationError
		cut     *client.TruncatedError
		event   *client.EventError
		broken  *client.ResponseError
		lost    *client.ConnectionError
	)
	switch {
	case err == nil || terminal.IsClosedPipe(err):
		return OK
	case errors.As(err, &silent):
		return int(silent)
	case errors.Is(err, context.Canceled):
		return Interrupted
	case errors.As(err, &api):
		return apiCode(api)
	case errors.As(err, &cut), errors.As(err, &event), errors.As(err, &broken),
		errors.As(err, &lost) && errors.Is(err, io.ErrUnexpectedEOF): // within a response
		return Cut
	case errors.As(err, &invalid):
		return Invalid
	}
	return Local
}

// apiCode is that of a response which is an error. An error within a stream has the
// status of the stream, and cuts it.
func apiCode(e *client.APIError) int {
	switch e.StatusCode / 100 {
	case 4:
		return ClientError
	case 5:
		return ServerError
	}
	return Cut
}

// Print writes the error of a command for a person: what happened, a line per mistake,
// and what helps. A pipe that nobody reads any more is not an error, and a Silent one has
// been printed.
func Print(t *terminal.IO, err error) {
	var silent Silent
	if err == nil || terminal.IsClosedPipe(err) || errors.As(err, &silent) {
		return
	}
	label := t.Paint(t.Err).Text(terminal.Red, "opcall:")
	fmt.Fprintf(t.Err, "%s %s\n", label, Text(err))
}

// Text is the error in the words of the command line: an error of the library names
// options of Go where a person has flags.
func Text(err error) string {
	var (
		invalid *schema.ValidationError
		server  *client.UntrustedServerError
		key     *client.MissingCredentialError
		api     *client.APIError
		path    *fs.PathError
		journal *client.JournalError
	)
	switch {
	case errors.Is(err, context.Canceled):
		if interrupt := (*Interrupt)(nil); errors.As(err, &interrupt) {
			return interrupt.Error()
		}
		return "interrupted"
	case errors.As(err, &invalid):
		return problems(invalid)
	case errors.As(err, &server) && !server.Allowed && server.Server != "":
		return fmt.Sprintf("%s: the document names the server %.120q, and a document does not decide where keys go; "+
			"give its address with --base-url, or allow it with --document-server", server.Operation, server.Server)
	case errors.As(err, &key):
		return fmt.Sprintf("%s: no credential for the security scheme %.80s; set %s, or name one in a profile (opcall help profiles)",
			key.Operation, key.Scheme, variable(key))
	case errors.As(err, &api) && api.StatusCode == 401:
		return err.Error() + "\nopcall doctor shows which key is used and where it comes from"
	case errors.As(err, &path) && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)):
		return strings.Replace(err.Error(), path.Error(), absent(path.Path), 1)
	case errors.As(err, &journal) && errors.Is(err, syscall.ENOENT):
		return strings.Replace(err.Error(), syscall.ENOENT.Error(), absent(journal.Path), 1)
	}
	return Flags(err.Error())
}

// absent says what is not there of a path: the file, or the folder that it would be in.
func absent(path string) string {
	dir := filepath.Dir(path)
	switch info, err := os.Stat(dir); {
	case err != nil:
		return fmt.Sprintf("the folder %s does not exist; make it, or give another path", dir)
	case !info.IsDir():
		return fmt.Sprintf("%s is a file, not a folder; give another path", dir)
	}
	return path + ": no such file"
}

// Flags puts what a person types in the place of options of Go, in the text of an error.
func Flags(text string) string { return goNames.Replace(text) }

var goNames = strings.NewReplacer(
	"EachConcurrency: ", "--concurrency: ",
	"EachResendInDoubt", "--resend",
	"EachJournal: ", "--journal: ",
	" as PartSize", " as --part-size",
	"; for what comes from elsewhere, give its bytes to Load", "; save what comes from elsewhere in a file first",
	"; WithStreamIdleTimeout sets this limit", "",
	"; raise it with WithMaxSize", "",
	"; raise it with WithFetchLimit", "",
	"; WithQuery adds to the query of every request", "",
	" (WithWaitLimit)", "",
	"; WithWaitStates says what it means", "",
	"that WithMaxResponse sets as the limit", "that are the limit",
	"which WithMaxResponse sets as the limit", "the limit",
	"the client given to WithHTTPClient decides", "the system, or a file that SSL_CERT_FILE names, decides",
	"WithTimeout", "--timeout",
	"WithMaxRetries", "--max-retries",
	"WithBaseURL", "--base-url",
	"WithDocumentServer", "--document-server",
	"WithOverlay", "--overlay",
	"set it by WithCredential", "name it in a profile (opcall help profiles)",
	"; Reader takes anything that can be read", "",
	", which neither JSON nor a struct can hold: use client.Params with a client.File in it", "; it is given by NAME=@FILE",
)

// variable is the one that holds the missing credential.
func variable(e *client.MissingCredentialError) string {
	if strings.Contains(e.Remedy, "ADMIN") {
		return "OPENAI_ADMIN_KEY"
	}
	return "OPENAI_API_KEY"
}

// problems lists what is wrong with a request: a line per mistake, places as they are
// typed.
func problems(e *schema.ValidationError) string {
	var b strings.Builder
	count := len(e.Problems) + e.More
	fmt.Fprintf(&b, "%s: %d problem%s, nothing was sent", e.Subject, count, map[bool]string{true: "s"}[count != 1])
	for _, p := range e.Problems {
		place := Place(p.Pointer)
		if p.In != "" {
			place = p.In + " parameter " + place
		}
		fmt.Fprintf(&b, "\n  %s: %s", place, mistake(p.Message))
	}
	if e.More > 0 {
		fmt.Fprintf(&b, "\n  and %d more", e.More)
	}
	return b.String()
}

// mistake is the message of a problem. A file is an argument here, not a value of Go.
func mistake(text string) string {
	if before, after, ok := strings.Cut(text, ": wrap "); ok && strings.Contains(after, "client.File{") {
		return before + "; a file is given by NAME=@PATH"
	}
	return Flags(text)
}

// Place writes a pointer in the syntax of arguments: messages[0].content.
func Place(p schema.Pointer) string {
	var b strings.Builder
	for _, token := range p.Tokens() {
		switch {
		case token != "" && strings.Trim(token, "0123456789") == "" && b.Len() > 0:
			b.WriteString("[" + token + "]")
		case b.Len() > 0:
			b.WriteString("." + token)
		default:
			b.WriteString(token)
		}
	}
	if b.Len() == 0 {
		return "the whole"
	}
	return render.Cut(render.Plain(b.String()), 300)
}
