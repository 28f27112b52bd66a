// Package transfer is the commands "opcall upload" and "opcall download".
//
//	upload.go    a file to the server, in parts that go on after an end
//	download.go  and back
package transfer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/openai"
	"github.com/opcall/opcall/cmd/opcall/internal/exit"
	"github.com/opcall/opcall/cmd/opcall/internal/progress"
	"github.com/opcall/opcall/cmd/opcall/internal/render"
	"github.com/opcall/opcall/cmd/opcall/internal/session"
	"github.com/opcall/opcall/cmd/opcall/internal/usage"
)

// UploadOptions are those of one run of upload.
type UploadOptions struct {
	*session.Session
	File     string
	Purpose  string
	Name     string
	Expires  time.Duration
	PartSize int64
	Output   render.Output
}

// NewCmdUpload returns the command; runF, where it is not nil, takes the place of what it
// does.
func NewCmdUpload(s *session.Session, runF func(context.Context, *UploadOptions) error) *cobra.Command {
	opts := &UploadOptions{Session: s}
	cmd := &cobra.Command{
		Use:   "upload FILE --purpose PURPOSE",
		Short: "Upload a file, of any size",
		Long: `Upload a file to the Files API: in one request, or in parts where it is larger than that
takes. JSONL files are validated first. An upload in parts that stops, by an error or by
Ctrl-C, goes on where it was with the same command.`,
		Example: "  opcall upload train.jsonl --purpose fine-tune\n  opcall upload requests.jsonl --purpose batch --select id",
		Args:    usage.Exactly("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			opts.File = args[0]
			if runF != nil {
				return runF(cmd.Context(), opts)
			}
			return runUpload(cmd.Context(), opts)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&opts.Purpose, "purpose", "", "what the file is for: batch, fine-tune, user_data, vision, assistants, evals")
	flags.StringVar(&opts.Name, "name", "", "`name` that the file has on the server")
	flags.DurationVar(&opts.Expires, "expires-after", 0, "when the server deletes it, 1h to 720h")
	flags.Int64Var(&opts.PartSize, "part-size", 0, "upload in parts of so many `bytes`")
	opts.Output.AddFlags(cmd)
	cobra.CheckErr(cmd.MarkFlagRequired("purpose"))
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("purpose", cobra.FixedCompletions(
		[]string{"assistants", "batch", "fine-tune", "vision", "user_data", "evals"}, cobra.ShellCompDirectiveNoFileComp)))
	return cmd
}

func runUpload(ctx context.Context, opts *UploadOptions) error {
	out, err := opts.Output.Writer(opts.IO)
	if err != nil {
		return err
	}
	c, err := opts.OpenAI(ctx)
	if err != nil {
		return err
	}
	file, err := Upload(ctx, opts.Session, c, openai.UploadRequest{
		File: openai.Path(opts.File), Name: opts.Name, Purpose: openai.Purpose(opts.Purpose),
		ExpiresAfter: opts.Expires, PartSize: opts.PartSize,
	}, opts.File)
	if err != nil {
		return err
	}
	return errors.Join(out.Value(ctx, file.Raw(), file.Value()), out.Close())
}

// Upload uploads the file at path with a bar, and keeps what it takes to go on in the
// folder for states.
func Upload(ctx context.Context, s *session.Session, c *openai.Client, req openai.UploadRequest, path string) (*openai.File, error) {
	state, err := statePath(s, "uploads", path)
	if err != nil {
		return nil, err
	}
	req.State = state
	bar := progress.NewTransfer(s.IO, filepath.Base(path))
	req.Progress = bar.Report
	file, err := c.Upload(ctx, req)
	bar.Close()
	var stopped *openai.UploadError
	if errors.As(err, &stopped) && stopped.State != "" {
		kept := fmt.Sprintf("%d of %d parts are on the server; the same command goes on with them", stopped.Done, stopped.Parts)
		if errors.Is(err, context.Canceled) {
			return nil, &exit.Interrupt{Kept: kept}
		}
		return nil, fmt.Errorf("%w; %s", err, kept)
	}
	if errors.Is(err, context.Canceled) {
		return nil, &exit.Interrupt{Kept: unanswered(err)}
	}
	return file, err
}

// unanswered says what the server may have where its first response did not come.
func unanswered(err error) string {
	var (
		cut    *client.ConnectionError
		broken *client.ResponseError
	)
	switch {
	case errors.As(err, &cut) && cut.Attempts > 0 && cut.Operation == "createUpload":
		return "the server may have begun the upload; without its parts it makes no file, and expires"
	case errors.As(err, &cut) && cut.Attempts > 0, errors.As(err, &broken):
		return "the server may have the file; opcall call listFiles shows it"
	}
	return "nothing was sent"
}

// statePath is the file in which a transfer of the file at path is kept, in a folder for
// its kind. More than the path may tell transfers apart.
func statePath(s *session.Session, kind, path string, more ...string) (string, error) {
	dir, err := s.StateDir()
	if err != nil {
		return "", err
	}
	dir = filepath.Join(dir, kind)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(strings.Join(append(more, absolute), "\x00")))
	return filepath.Join(dir, hex.EncodeToString(sum[:12])+".json"), nil
}
