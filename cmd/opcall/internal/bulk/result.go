package bulk

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/cmd/opcall/internal/exit"
)

// writer writes results as a batch has them in its output file.
type writer struct {
	out           *bufio.Writer
	count, failed int
	open          int // calls that were under way when the run was interrupted
}

type row struct {
	CustomID string    `json:"custom_id"`
	Response *response `json:"response"`
	Error    *failure  `json:"error"`
}

type response struct {
	StatusCode int             `json:"status_code"`
	RequestID  string          `json:"request_id"`
	Body       json.RawMessage `json:"body,omitempty"`
}

type failure struct {
	Code    string `json:"code,omitempty"`
	Message string `json:"message"`
}

// result writes a line. A call that an interrupt ended has none: nobody knows what became
// of it, and the next run makes it or says that it is in doubt.
func (w *writer) result(ctx context.Context, r client.EachResult) error {
	if ctx.Err() != nil && errors.Is(r.Err, context.Canceled) {
		w.open++
		return nil
	}
	w.count++
	line := row{CustomID: r.Call.ID}
	if r.Response != nil {
		line.Response = &response{StatusCode: r.Response.StatusCode(), RequestID: r.Response.RequestID(), Body: r.Response.Raw()}
	}
	if r.Err != nil {
		w.failed++
		line.Error = &failure{Message: exit.Flags(r.Err.Error())}
		if api := (*client.APIError)(nil); errors.As(r.Err, &api) {
			line.Error = &failure{Code: api.Code, Message: api.Message}
			line.Response = &response{StatusCode: api.StatusCode, RequestID: api.RequestID}
			if json.Valid(api.Body) {
				line.Response.Body = api.Body
			}
		}
	}
	text, err := json.Marshal(line)
	if err != nil {
		return err
	}
	if _, err := w.out.Write(append(text, '\n')); err != nil {
		return err
	}
	return w.out.Flush() // who follows the file sees each result as it comes
}
