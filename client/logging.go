package client

import (
	"log/slog"
	"net/http"
	"time"
)

// outcome is what is recorded of one attempt.
type outcome struct {
	attempt int
	took    time.Duration // until the headers, or until an error's body was read
	resp    *http.Response
	err     error
	again   bool          // a retry follows
	delay   time.Duration // before it
}

// record logs one attempt: at Info when a retry follows, because nobody else
// will tell, and at Debug otherwise, because the caller gets the response or the
// error. Only metadata is recorded: no header, body or URL, and no message of the
// server.
func (s *sender) record(req *http.Request, o outcome) {
	level, message := slog.LevelDebug, "request"
	if o.again {
		level, message = slog.LevelInfo, "request to be retried"
	}
	ctx := req.Context()
	if s.logger == nil || !s.logger.Enabled(ctx, level) {
		return
	}
	attrs := append(make([]slog.Attr, 0, 9),
		slog.String("operation", named(s.operation)),
		slog.String("method", req.Method),
		slog.String("path", oneLine(s.path, maxMessage)),
		slog.Int("attempt", o.attempt),
		slog.Duration("duration", o.took),
	)
	switch err := o.err.(type) {
	case nil:
		attrs = append(attrs, slog.Int("status", o.resp.StatusCode), slog.String("request_id", requestID(o.resp.Header, secrets(req))))
	case *APIError:
		attrs = append(attrs, slog.Int("status", err.StatusCode), slog.String("request_id", err.RequestID),
			slog.String("error", oneLine(reasonOf(err), maxName)))
	case *ConnectionError:
		attrs = append(attrs, slog.String("error", oneLine(err.Err.Error(), maxMessage)))
	}
	if o.again {
		attrs = append(attrs, slog.Duration("retry_in", o.delay))
	}
	s.logger.LogAttrs(ctx, level, message, attrs...)
}

// reasonOf names an error without the server's message, which may quote what the
// user sent.
func reasonOf(e *APIError) string {
	switch {
	case e.Code != "":
		return e.Code
	case e.Type != "":
		return e.Type
	}
	return http.StatusText(e.StatusCode)
}
