package bulk

import (
	"bufio"
	"encoding/json"
	"errors"

	"github.com/opcall/opcall/client"
)

// writer writes results as a batch has them in its output file.
type writer struct {
	out           *bufio.Writer
	count, failed int
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

func (w *writer) result(r client.EachResult) error {
	w.count++
	line := row{CustomID: r.Call.ID}
	if r.Response != nil {
		line.Response = &response{StatusCode: r.Response.StatusCode(), RequestID: r.Response.RequestID(), Body: r.Response.Raw()}
	}
	if r.Err != nil {
		w.failed++
		line.Error = &failure{Message: r.Err.Error()}
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
