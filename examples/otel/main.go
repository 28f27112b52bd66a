// Otel makes OpenTelemetry spans of calls and prints them. A program has an exporter of
// OTLP in place of that of standard output. (The SDK of OpenTelemetry makes this a
// module of its own.)
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"go.opentelemetry.io/otel/exporters/stdout/stdouttrace"
	"go.opentelemetry.io/otel/sdk/trace"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/otel"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) (err error) {
	exporter, err := stdouttrace.New(stdouttrace.WithPrettyPrint())
	if err != nil {
		return err
	}
	tracers := trace.NewTracerProvider(trace.WithBatcher(exporter))
	defer func() { err = errors.Join(err, tracers.Shutdown(context.WithoutCancel(ctx))) }()
	telemetry, err := otel.New(otel.WithTracerProvider(tracers), otel.WithPropagation(nil))
	if err != nil {
		return err
	}
	server, err := clienttest.StartWithoutKey()
	if err != nil {
		return err
	}
	defer server.Close()
	c, err := client.New(append(server.Options(), telemetry)...)
	if err != nil {
		return err
	}

	// The spans of a program's own work have those of calls below them.
	ctx, span := tracers.Tracer("example").Start(ctx, "answer a question")
	defer span.End()
	stream, err := c.Stream(ctx, "createChatCompletion", client.Params{
		"model":          model(),
		"messages":       []any{client.Params{"role": "user", "content": "Which is the largest moon of Saturn?"}},
		"stream_options": client.Params{"include_usage": true}, // else a stream has no usage
	})
	if err != nil {
		return err
	}
	for text, err := range stream.Text() {
		if err != nil {
			return err
		}
		fmt.Print(text)
	}
	fmt.Println()
	return nil
}

func model() string {
	if model := os.Getenv("OPENAI_MODEL"); model != "" {
		return model
	}
	return "gpt-5-mini"
}
