package otel_test

import (
	"context"
	"fmt"
	"log"

	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/otel"
)

func ExampleNew() {
	server, err := clienttest.Start() // in place of the API
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	spans := tracetest.NewInMemoryExporter() // in place of an exporter of OTLP
	tracers := trace.NewTracerProvider(trace.WithSyncer(spans))

	telemetry, err := otel.New(otel.WithTracerProvider(tracers))
	if err != nil {
		log.Fatal(err)
	}
	c, err := client.New(append(server.Options(), telemetry)...)
	if err != nil {
		log.Fatal(err)
	}
	_, err = c.Call(context.Background(), "createEmbedding", client.Params{"model": "text-embedding-3-small", "input": "Titan"})
	if err != nil {
		log.Fatal(err)
	}
	for _, span := range spans.GetSpans() {
		fmt.Println(span.Name)
	}
	// Output:
	// POST /embeddings
	// embeddings text-embedding-3-small
}
