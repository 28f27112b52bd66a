package call

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"mime"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/cmd/opcall/internal/progress"
	"github.com/opcall/opcall/cmd/opcall/internal/render"
)

// save writes a response that is not JSON: to the file of --to; on a terminal a text as
// text and anything else to a file of a name of its own; in a pipe the bytes.
func (c *call) save(ctx context.Context, r *client.Response) error {
	media, _, _ := mime.ParseMediaType(r.MediaType())
	switch {
	case c.To == "-" || c.To == "" && !c.OutTerminal:
		_, err := r.WriteTo(c.Out)
		return err
	case c.To == "" && strings.HasPrefix(media, "text/"):
		text, err := io.ReadAll(io.LimitReader(r.Body(), client.DefaultMaxResponse))
		if err == nil {
			_, err = io.WriteString(c.Out, strings.TrimRight(render.Text(string(text)), "\n")+"\n")
		}
		return err
	}
	path := c.To
	if path == "" {
		path = progress.Unused(c.nameOf(r, media))
	}
	return c.saveBody(ctx, r, path)
}

// saveBody writes a body to a file, with its progress.
func (c *call) saveBody(ctx context.Context, r *client.Response, path string) error {
	body := r.Body()
	defer body.Close()
	size := int64(-1)
	if length := r.Header().Get("Content-Length"); length != "" {
		fmt.Sscan(length, &size)
	}
	return progress.Save(ctx, c.IO, path, body, size)
}

// saveJSON writes what the format makes of a JSON response to a file.
func (c *call) saveJSON(ctx context.Context, r *client.Response) error {
	var b bytes.Buffer
	terminal, out := *c.IO, c.Output
	terminal.Out, terminal.OutTerminal = &b, false
	w, err := out.Writer(&terminal)
	if err != nil {
		return err
	}
	if err := cmp.Or(w.Value(ctx, r.Raw(), r.Value()), w.Close()); err != nil {
		return err
	}
	return progress.Save(ctx, c.IO, c.To, &b, int64(b.Len()))
}

// nameOf is the name that the server gives a file, or else one of the operation with the
// extension of the media type.
func (c *call) nameOf(r *client.Response, media string) string {
	if _, params, err := mime.ParseMediaType(r.Header().Get("Content-Disposition")); err == nil {
		// The name is a stranger's: it may lead nowhere else, and must not hide.
		name := filepath.Base(strings.ReplaceAll(render.Plain(params["filename"]), `\`, "/"))
		if name = strings.TrimLeft(name, "."); name != "" && name != "/" {
			return shortened(name)
		}
	}
	name := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|{} `, r) {
			return '_'
		}
		return r
	}, c.op.ID)
	return name + extension(media)
}

// maxName is the longest name of a file, in bytes: file systems take 255, and ".part" and
// a number are added.
const maxName = 200

// shortened cuts a name that no file can have, and keeps its extension: what was paid for
// is saved.
func shortened(name string) string {
	if len(name) <= maxName {
		return name
	}
	end := filepath.Ext(name)
	if len(end) > 20 {
		end = ""
	}
	cut := maxName - len(end)
	for cut > 0 && !utf8.RuneStart(name[cut]) {
		cut--
	}
	return name[:cut] + end
}

// extension is that of a media type. The table of the system has several for some, the
// usual ones not first.
func extension(media string) string {
	switch media {
	case "audio/mpeg":
		return ".mp3"
	case "image/jpeg":
		return ".jpg"
	case "application/octet-stream", "":
		return ".bin"
	}
	if found, err := mime.ExtensionsByType(media); err == nil && len(found) > 0 {
		return found[0]
	}
	return ".bin"
}
