package call

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/cmd/opcall/internal/exit"
	"github.com/opcall/opcall/cmd/opcall/internal/render"
)

// wait prints an object once it is in a final state. An operation that retrieves one is
// called until then; one that makes one is called once, and what retrieves it is found by
// its path: what POST /batches makes is at GET /batches/{id}.
func (c *call) wait(ctx context.Context) error {
	id, params := c.op.ID, c.params
	if c.op.Method != http.MethodGet {
		made, err := c.client.Call(ctx, c.op.ID, c.params, c.settings()...)
		if err != nil {
			return c.failed(c.stopped(err))
		}
		if id, params, err = c.retrieval(made); err != nil {
			return err
		}
	}
	state := ""
	r, err := c.client.Wait(ctx, id, params, client.WithFindings(c.report), client.WithWaitProgress(func(r *client.Response) {
		if now := r.Get("status").String(); now != state {
			state = now
			fmt.Fprintf(c.Err, "%s: %s\n", render.Plain(id), render.Plain(now))
		}
	}))
	if r != nil {
		if err := c.respond(context.WithoutCancel(ctx), r); err != nil {
			return err
		}
	}
	if errors.Is(err, context.Canceled) {
		return &exit.Interrupt{Kept: "the job goes on; the same wait is taken up by: opcall call " + again(id, params)}
	}
	return err
}

// retrieval finds the operation that retrieves what an operation has made.
func (c *call) retrieval(made *client.Response) (string, client.Params, error) {
	id := made.Get("id").String()
	if id == "" {
		return "", nil, fmt.Errorf("--wait: what %s returns has no id to ask for", c.op.ID)
	}
	path := filled(c.op.Path, c.params) + "/" + url.PathEscape(id)
	op, found, ok := c.op.Document().Match(http.MethodGet, path)
	if !ok {
		return "", nil, fmt.Errorf("--wait: the document has no GET %s, which would say how far it is; it was made: %s", path, id)
	}
	params := make(client.Params, len(found))
	for name, value := range found {
		text, err := url.PathUnescape(value)
		if err != nil {
			return "", nil, err
		}
		params[name] = text
	}
	return op.ID, params, nil
}

// filled puts values into a path.
func filled(path string, params any) string {
	text, err := json.Marshal(params)
	if err != nil {
		return path // it has files, and no operation with files has objects below one
	}
	for name, value := range gjson.ParseBytes(text).Map() {
		path = strings.ReplaceAll(path, "{"+name+"}", url.PathEscape(value.String()))
	}
	return path
}

// again writes a call as one types it.
func again(id string, params any) string {
	words := []string{id}
	if p, ok := params.(client.Params); ok {
		for name, value := range p {
			words = append(words, fmt.Sprintf("%s=%v", name, value))
		}
	}
	return strings.Join(append(words, "--wait"), " ")
}
