package call

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/cmd/opcall/internal/render"
	"github.com/opcall/opcall/cmd/opcall/internal/terminal"
	"github.com/opcall/opcall/internal/curl"
	"github.com/opcall/opcall/schema"
)

// errNotSent is what a request gets that is only looked at.
var errNotSent = errors.New("not sent")

// captured is the transport of a dry run: it keeps the request and sends nothing.
type captured struct {
	request *http.Request
	body    []byte
}

func (c *captured) RoundTrip(r *http.Request) (*http.Response, error) {
	c.request = r
	if r.Body != nil {
		var err error
		if c.body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		r.Body.Close()
	}
	return nil, errNotSent
}

// dryRun makes the call with placeholders for keys and a transport that sends nothing, so
// that what it shows is what the wire would get.
func (c *call) dryRun(ctx context.Context, paths map[string]string) error {
	var wire captured
	var err error
	c.client, err = c.Placeholder(ctx, client.WithHTTPClient(&http.Client{Transport: &wire}), client.WithMaxRetries(0))
	if err != nil {
		return err
	}
	switch {
	case c.Stream:
		_, err = c.client.Stream(ctx, c.op.ID, c.params, c.settings()...)
	case c.All:
		for _, err = range c.client.Pages(ctx, c.op.ID, c.params, c.settings()...) {
			break
		}
	default:
		_, err = c.client.Call(ctx, c.op.ID, c.params, c.settings()...)
	}
	if !errors.Is(err, errNotSent) {
		return err
	}
	wire.request.Header.Del("User-Agent")
	if c.Curl {
		_, err = fmt.Fprintln(c.Out, curl.Command(wire.request, wire.body, paths, c.PlaceholderNames()))
		return err
	}
	return c.show(&wire)
}

// show writes a request as HTTP does, JSON indented on a terminal and files by their
// names.
func (c *call) show(wire *captured) error {
	p := c.Paint(c.Out)
	var b bytes.Buffer
	r := wire.request
	fmt.Fprintf(&b, "%s %s\n", p.Text(terminal.Bold, r.Method), r.URL.Redacted())
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		for _, value := range r.Header[name] {
			fmt.Fprintf(&b, "%s: %s\n", p.Text(terminal.Blue, name), render.Plain(value))
		}
	}
	if _, err := io.Copy(c.Out, &b); err != nil || len(wire.body) == 0 {
		return err
	}
	fmt.Fprintln(c.Out)
	media, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case schema.IsJSON(media):
		return render.JSON(c.IO, wire.body)
	case strings.HasPrefix(media, "multipart/"):
		return c.showParts(wire.body, params["boundary"])
	}
	_, err := fmt.Fprintln(c.Out, render.Text(string(wire.body)))
	return err
}

func (c *call) showParts(body []byte, boundary string) error {
	for part, err := range curl.Parts(body, boundary) {
		switch {
		case err != nil:
			return err
		case part.File != "":
			_, err = fmt.Fprintf(c.Out, "%s: file %s, %s\n", part.Name, render.Plain(part.File), part.MediaType)
		default:
			_, err = fmt.Fprintf(c.Out, "%s: %s\n", part.Name, render.Text(part.Value))
		}
		if err != nil {
			return err
		}
	}
	return nil
}
