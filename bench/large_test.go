package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/embed"
	"github.com/opcall/opcall/schema"
)

// repeated is the built-in document so many times under other names, as one: 288
// operations each. The first time has its own names.
func repeated(tb testing.TB, times int) []byte {
	tb.Helper()
	var whole map[string]json.RawMessage
	var paths, components, schemas map[string]json.RawMessage
	read := func(text []byte, into *map[string]json.RawMessage) {
		if err := json.Unmarshal(text, into); err != nil {
			tb.Fatal(err)
		}
	}
	read(embed.OpenAI(), &whole)
	read(whole["paths"], &paths)
	read(whole["components"], &components)
	read(components["schemas"], &schemas)
	var manyPaths, manySchemas strings.Builder
	for i := range times {
		prefix := ""
		if i > 0 {
			prefix = fmt.Sprintf("n%d", i)
		}
		rename := strings.NewReplacer(`"operationId":"`, `"operationId":"`+prefix, `"#/components/schemas/`, `"#/components/schemas/`+prefix)
		add := func(b *strings.Builder, name string, value json.RawMessage) {
			if b.Len() > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(b, "%q:%s", name, rename.Replace(string(value)))
		}
		for name, item := range paths {
			if prefix != "" {
				name = "/" + prefix + name
			}
			add(&manyPaths, name, item)
		}
		for name, item := range schemas {
			add(&manySchemas, prefix+name, item)
		}
	}
	components["schemas"] = json.RawMessage("{" + manySchemas.String() + "}")
	whole["paths"] = json.RawMessage("{" + manyPaths.String() + "}")
	text, err := json.Marshal(components)
	if err != nil {
		tb.Fatal(err)
	}
	whole["components"] = text
	if text, err = json.Marshal(whole); err != nil {
		tb.Fatal(err)
	}
	return text
}

// BenchmarkLargeDocument opens documents of 288, 2,880 and 28,800 operations, and binds
// a call of one in the middle.
func BenchmarkLargeDocument(b *testing.B) {
	for _, times := range []int{1, 10, 100} {
		data := repeated(b, times)
		open := func(b *testing.B) *schema.Document {
			doc, err := schema.Load(data, schema.WithMaxSize(1<<30), schema.WithoutChecks())
			if err != nil {
				b.Fatal(err)
			}
			return doc
		}
		if got := len(ids(open(b))); got != 288*times {
			b.Fatalf("got %d operations, want %d", got, 288*times)
		}
		b.Run(fmt.Sprintf("open/%d", 288*times), func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				open(b)
			}
		})
		b.Run(fmt.Sprintf("checked/%d", 288*times), func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := schema.Load(data, schema.WithMaxSize(1<<30)); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("bind/%d", 288*times), func(b *testing.B) {
			c, err := client.New(client.WithDocument(open(b)), client.WithBaseURL("http://127.0.0.1"))
			if err != nil {
				b.Fatal(err)
			}
			id := "createEmbedding"
			if times > 1 {
				id = fmt.Sprintf("n%dcreateEmbedding", times/2)
			}
			params := client.Params{"model": "m", "input": "x"}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Bind(id, params); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func ids(doc *schema.Document) []string {
	var list []string
	for op := range doc.Operations() {
		list = append(list, op.ID)
	}
	return list
}

// BenchmarkSwap swaps the document while 64 callers validate calls; it reports the longest
// time that one of them took, and what is left on the heap. The same callers without
// swaps are the baseline: they share the processors, so that the longest time is that of the
// scheduler, as it is with swaps.
func BenchmarkSwap(b *testing.B) {
	docs := [2]*schema.Document{}
	for i := range docs {
		var err error
		if docs[i], err = schema.Load(embed.OpenAI(), schema.WithoutChecks()); err != nil {
			b.Fatal(err)
		}
	}
	c, err := client.New(client.WithDocument(docs[0]), client.WithoutEnvironment())
	if err != nil {
		b.Fatal(err)
	}
	b.Run("swaps", func(b *testing.B) { underLoad(b, c, func(i int) { c.Swap(docs[i%2]) }) })
	b.Run("none", func(b *testing.B) { underLoad(b, c, func(int) {}) })
}

// underLoad measures step while 64 callers validate calls.
func underLoad(b *testing.B, c *client.Client, step func(i int)) {
	ctx, cancel := context.WithCancel(b.Context())
	var longest atomic.Int64
	var group sync.WaitGroup
	for range 64 {
		group.Go(func() {
			params := client.Params{"model": "m", "input": "x"}
			for ctx.Err() == nil {
				start := time.Now()
				if err := c.Validate("createEmbedding", params); err != nil {
					b.Error(err)
					return
				}
				for took := int64(time.Since(start)); ; {
					if before := longest.Load(); took <= before || longest.CompareAndSwap(before, took) {
						break
					}
				}
				runtime.Gosched()
			}
		})
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		i++
		step(i)
	}
	cancel()
	group.Wait()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	b.ReportMetric(float64(longest.Load()), "ns-longest-call")
	b.ReportMetric(float64(stats.HeapAlloc)/(1<<20), "MB-heap")
}
