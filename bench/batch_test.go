package bench

import (
	"fmt"
	"os"
	"runtime"
	"testing"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/openai"
)

// BenchmarkBatchWrite validates 50,000 chats and writes them as the lines of a batch file.
// Heap is what the calls leave in memory until they are uploaded.
func BenchmarkBatchWrite(b *testing.B) {
	c, err := openai.New(client.WithAPIKey("k"), client.WithoutEnvironment())
	if err != nil {
		b.Fatal(err)
	}
	const calls = 50_000
	dir := b.TempDir()
	b.ReportAllocs()
	var heap, size uint64
	for b.Loop() {
		before := heapInUse()
		batch, err := c.NewBatch(openai.BatchOptions{Dir: dir})
		if err != nil {
			b.Fatal(err)
		}
		for i := range calls {
			err := batch.Add(fmt.Sprintf("row-%d", i), "createChatCompletion", openai.ChatRequest{
				Model:       "gpt-5-mini",
				Temperature: new(0.0),
				Messages: []openai.Message{
					openai.System("Say in one word whether the text is friendly."),
					openai.User(fmt.Sprintf("This is text %d, and it is neither short nor long.", i)),
				},
			})
			if err != nil {
				b.Fatal(err)
			}
		}
		heap = max(heap, heapInUse()-before)
		size = folderSize(b, dir)
		if err := batch.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/batch")
	b.ReportMetric(float64(heap)/1e6, "MB-heap")
	b.ReportMetric(float64(size)/1e6, "MB-file")
}

func heapInUse() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

func folderSize(b *testing.B, dir string) (size uint64) {
	b.Helper()
	folders, err := os.ReadDir(dir)
	if err != nil {
		b.Fatal(err)
	}
	for _, folder := range folders {
		files, err := os.ReadDir(dir + "/" + folder.Name())
		if err != nil {
			b.Fatal(err)
		}
		for _, file := range files {
			if info, err := file.Info(); err == nil {
				size += uint64(info.Size())
			}
		}
	}
	return size
}
