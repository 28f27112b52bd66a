package bench

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/openai"
)

// embeddingServer responds with a vector of 1,536 numbers per text, in base64.
func embeddingServer(b *testing.B) *openai.Client {
	b.Helper()
	vector := make([]byte, 0, 4*1536)
	for i := range 1536 {
		bits := math.Float32bits(float32(i) / 1536)
		vector = append(vector, byte(bits), byte(bits>>8), byte(bits>>16), byte(bits>>24))
	}
	text := base64.StdEncoding.EncodeToString(vector)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var request struct{ Input []json.RawMessage }
		if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
			b.Error(err)
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"object":"list","model":"text-embedding-3-small","data":[`)
		for i := range request.Input {
			if i > 0 {
				fmt.Fprint(w, ",")
			}
			fmt.Fprintf(w, `{"object":"embedding","index":%d,"embedding":"%s"}`, i, text)
		}
		fmt.Fprint(w, `],"usage":{"prompt_tokens":1,"total_tokens":1}}`)
	}))
	b.Cleanup(server.Close)
	c, err := openai.New(client.WithBaseURL(server.URL), client.WithAPIKey("k"))
	if err != nil {
		b.Fatal(err)
	}
	return c
}

// BenchmarkEmbed5000 compares the embeddings of 5,000 texts with the bare calls that it
// makes, one after the other: the responses are read, and nothing is made of them.
func BenchmarkEmbed5000(b *testing.B) {
	c := embeddingServer(b)
	texts := make([]string, 5000)
	for i := range texts {
		texts[i] = fmt.Sprintf("The text number %d, of some length.", i)
	}
	b.Run("bare calls", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for from := 0; from < len(texts); from += 2048 {
				_, err := c.Call(b.Context(), "createEmbedding", client.Params{
					"model": "text-embedding-3-small", "input": texts[from:min(from+2048, len(texts))], "encoding_format": "base64",
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		}
	})
	for _, parallel := range []int{1, 4} {
		b.Run(fmt.Sprintf("Embeddings, %d at once", parallel), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Embeddings(b.Context(), openai.EmbedRequest{Model: "text-embedding-3-small", Texts: texts, Parallel: parallel}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
