package internal_test

import (
	"testing"

	"github.com/opcall/opcall/internal/sample"
)

func BenchmarkInstances(b *testing.B) {
	doc := builtIn(b)
	for _, name := range []string{"CreateChatCompletionRequest", "CreateChatCompletionResponse", "CreateResponse", "Response"} {
		s, err := doc.Component(name)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name+"/minimal", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := sample.Minimal(s); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/full", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := sample.Full(s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
