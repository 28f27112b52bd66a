package call

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/cmd/opcall/internal/render"
	"github.com/opcall/opcall/cmd/opcall/internal/terminal"
)

// respond writes a response.
func (c *call) respond(ctx context.Context, r *client.Response) error {
	defer r.Close()
	if c.Include {
		if err := c.head(r.StatusCode(), r.Header()); err != nil {
			return err
		}
	}
	switch {
	case !r.IsJSON():
		return c.save(ctx, r)
	case len(bytes.TrimSpace(r.Raw())) == 0:
		if c.ErrTerminal && !c.Include {
			fmt.Fprintf(c.Err, "%s, without a body\n", status(r.StatusCode()))
		}
		return nil
	case c.To != "":
		return c.saveJSON(ctx, r)
	}
	return c.out.Value(ctx, r.Raw(), r.Value())
}

// failed shows the head of an error response, where heads are asked for, and its body.
func (c *call) failed(err error) error {
	var api *client.APIError
	if !c.Include || !errors.As(err, &api) || api.Header == nil {
		return err
	}
	if err := c.head(api.StatusCode, api.Header); err != nil {
		return err
	}
	body := api.Body
	if c.OutTerminal {
		body = []byte(render.Text(string(body)))
	}
	if _, writing := c.Out.Write(append(bytes.TrimRight(body, "\n"), '\n')); writing != nil {
		return writing
	}
	return err
}

// head writes status and headers as HTTP does. Cookies are credentials, and are not
// shown.
func (c *call) head(code int, header http.Header) error {
	var b bytes.Buffer
	p := c.Paint(c.Out)
	fmt.Fprintf(&b, "%s\n", p.Text(terminal.Bold, "HTTP "+status(code)))
	for _, name := range slices.Sorted(maps.Keys(header)) {
		for _, value := range header[name] {
			if name == "Set-Cookie" {
				value = "…"
			}
			fmt.Fprintf(&b, "%s: %s\n", p.Text(terminal.Blue, name), render.Plain(value))
		}
	}
	b.WriteByte('\n')
	_, err := io.Copy(c.Out, &b)
	return err
}

func status(code int) string { return fmt.Sprintf("%d %s", code, http.StatusText(code)) }
