package transfer

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/openai"
	"github.com/opcall/opcall/cmd/opcall/internal/exit"
	"github.com/opcall/opcall/cmd/opcall/internal/progress"
	"github.com/opcall/opcall/cmd/opcall/internal/render"
	"github.com/opcall/opcall/cmd/opcall/internal/session"
	"github.com/opcall/opcall/cmd/opcall/internal/usage"
)

// DownloadOptions are those of one run of download.
type DownloadOptions struct {
	*session.Session
	File string
	To   string
}

// NewCmdDownload returns the command; runF, where it is not nil, takes the place of what
// it does.
func NewCmdDownload(s *session.Session, runF func(context.Context, *DownloadOptions) error) *cobra.Command {
	opts := &DownloadOptions{Session: s}
	cmd := &cobra.Command{
		Use:   "download FILE_ID",
		Short: "Download a file of the Files API",
		Long: `Download a file to its own name in this folder, to --to, or with "--to -" to standard
output. The file is there when it is whole; a connection that breaks off is taken up again
where the server offers that, and by the same command later where it tells versions apart.`,
		Example: "  opcall download file-abc123\n  opcall download file-abc123 --to results.jsonl",
		Args:    usage.Exactly("FILE_ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			opts.File = args[0]
			if runF != nil {
				return runF(cmd.Context(), opts)
			}
			return runDownload(cmd.Context(), opts)
		},
	}
	cmd.Flags().StringVar(&opts.To, "to", "", "`file` to write, - for standard output")
	return cmd
}

func runDownload(ctx context.Context, opts *DownloadOptions) error {
	c, err := opts.OpenAI(ctx)
	if err != nil {
		return err
	}
	path := opts.To
	if path == "" {
		if path, err = nameOf(ctx, c, opts.File); errors.Is(err, context.Canceled) {
			return &exit.Interrupt{Kept: "nothing is written"}
		} else if err != nil {
			return err
		}
	}
	return Download(ctx, opts.Session, c, opts.File, path)
}

// nameOf is the name that a file has on the server, as one of this folder.
func nameOf(ctx context.Context, c *openai.Client, id string) (string, error) {
	r, err := c.Call(ctx, "retrieveFile", client.Params{"file_id": id})
	if err != nil {
		return "", err
	}
	name := filepath.Base(strings.ReplaceAll(render.Plain(r.Get("filename").String()), `\`, "/"))
	if name = strings.TrimLeft(name, "."); name == "" || name == "/" {
		name = render.Plain(filepath.Base(id))
	}
	return progress.Unused(name), nil
}

// Download downloads a file with a bar; "-" is standard output.
func Download(ctx context.Context, s *session.Session, c *openai.Client, id, path string) error {
	bar := progress.NewTransfer(s.IO, filepath.Base(path))
	req := openai.DownloadRequest{File: id, Progress: bar.Report}
	var n int64
	var err error
	if path == "-" {
		n, err = c.Download(ctx, s.Out, req)
	} else if req.State, err = statePath(s, "downloads", path, id); err == nil {
		n, err = c.DownloadFile(ctx, path, req)
	}
	bar.Close()
	var stopped *openai.DownloadError
	if errors.As(err, &stopped) && stopped.State != "" {
		kept := fmt.Sprintf("%d bytes are kept; the same command goes on with them", stopped.Done)
		if errors.Is(err, context.Canceled) {
			return &exit.Interrupt{Kept: fmt.Sprintf("%s is as it was before, %s", path, kept)}
		}
		return fmt.Errorf("%w; %s", err, kept)
	}
	switch {
	case errors.Is(err, context.Canceled) && path == "-":
		return &exit.Interrupt{Kept: fmt.Sprintf("%d bytes are written, the file may have more", bar.Done())}
	case errors.Is(err, context.Canceled):
		return &exit.Interrupt{Kept: fmt.Sprintf("%s is as it was before", path)}
	case err == nil && path != "-":
		fmt.Fprintf(s.Err, "%s: %d bytes\n", path, n)
	}
	return err
}
