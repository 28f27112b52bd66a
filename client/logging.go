package client

import (
	"context"
	"log/slog"
	"net/http"
	"time"
)

// logObserver logs the attempts of calls: at Info when a retry follows, because nobody
// else will tell, and at Debug otherwise, because the caller gets the response or the
// error.
type logObserver struct{ logger *slog.Logger }

func (l logObserver) StartCall(ctx context.Context, call CallInfo) (context.Context, CallObserver) {
	if !l.logger.Enabled(ctx, slog.LevelInfo) && !l.logger.Enabled(ctx, slog.LevelDebug) {
		return ctx, nil
	}
	return ctx, &callLog{logger: l.logger, ctx: ctx, call: call}
}

// callLog logs the attempts of one call. Its context is that of the call, whose values
// handlers add to records.
type callLog struct {
	logger *slog.Logger
	ctx    context.Context
	call   CallInfo
}

func (l *callLog) StartAttempt(ctx context.Context, _ int) context.Context { return ctx }
func (l *callLog) FirstByte(time.Duration)                                 {}
func (l *callLog) EndCall(EndInfo)                                         {}

func (l *callLog) EndAttempt(a AttemptInfo) {
	level, message := slog.LevelDebug, "request"
	if a.Again {
		level, message = slog.LevelInfo, "request to be retried"
	}
	if !l.logger.Enabled(l.ctx, level) {
		return
	}
	attrs := append(make([]slog.Attr, 0, 9),
		slog.String("operation", l.call.Operation),
		slog.String("method", l.call.Method),
		slog.String("path", l.call.Path),
		slog.Int("attempt", a.Number),
		slog.Duration("duration", a.Took),
	)
	if a.Status != 0 {
		attrs = append(attrs, slog.Int("status", a.Status), slog.String("request_id", a.RequestID))
	}
	if a.Reason != "" {
		attrs = append(attrs, slog.String("error", a.Reason))
	}
	if a.Again {
		attrs = append(attrs, slog.Duration("retry_in", a.Delay))
	}
	l.logger.LogAttrs(l.ctx, level, message, attrs...)
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
