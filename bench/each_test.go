//go:build unix

package bench

import (
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/opcall/opcall/client"
)

const (
	eachCalls       = 10_000
	eachConcurrency = 64
)

// eachClient keeps a connection per call in flight.
func eachClient(b *testing.B) *client.Client {
	transport := &http.Transport{MaxIdleConnsPerHost: eachConcurrency}
	b.Cleanup(transport.CloseIdleConnections)
	c, err := client.New(client.WithBaseURL(chatServer(b)), client.WithAPIKey("test"), client.WithHTTPClient(&http.Client{Transport: transport}))
	if err != nil {
		b.Fatal(err)
	}
	return c
}

func eachSeq() iter.Seq[client.Call] {
	return func(yield func(client.Call) bool) {
		for range eachCalls {
			if !yield(client.Call{OperationID: "createChatCompletion", Params: json.RawMessage(smallChat)}) {
				return
			}
		}
	}
}

// BenchmarkEach is 10,000 small chats on loopback, 64 at once: Each, Each with a journal,
// and a pool of goroutines by hand over the same calls.
func BenchmarkEach(b *testing.B) {
	b.Run("pool", func(b *testing.B) {
		c := eachClient(b)
		b.ReportAllocs()
		before := processorTime(b)
		for b.Loop() {
			jobs := make(chan client.Call)
			failed := make(chan error, eachConcurrency)
			var workers sync.WaitGroup
			for range eachConcurrency {
				workers.Go(func() {
					for call := range jobs {
						if _, err := c.Call(b.Context(), call.OperationID, call.Params); err != nil {
							select {
							case failed <- err:
							default:
							}
						}
					}
				})
			}
			for call := range eachSeq() {
				jobs <- call
			}
			close(jobs)
			workers.Wait()
			select {
			case err := <-failed:
				b.Fatal(err)
			default:
			}
		}
		perCall(b, before)
	})
	b.Run("Each", func(b *testing.B) {
		c := eachClient(b)
		b.ReportAllocs()
		before := processorTime(b)
		for b.Loop() {
			eachRun(b, c)
		}
		perCall(b, before)
	})
	b.Run("Each_with_journal", func(b *testing.B) {
		c := eachClient(b)
		folder := b.TempDir()
		b.ReportAllocs()
		before := processorTime(b)
		for n := 0; b.Loop(); n++ {
			eachRun(b, c, client.EachJournal(filepath.Join(folder, fmt.Sprint(n)), "bench"))
		}
		perCall(b, before)
	})
}

func eachRun(b *testing.B, c *client.Client, opts ...client.EachOption) {
	n := 0
	for r, err := range c.Each(b.Context(), eachSeq(), append(opts, client.EachConcurrency(eachConcurrency))...) {
		if err != nil || r.Err != nil {
			b.Fatal(err, r.Err)
		}
		n++
	}
	if n != eachCalls {
		b.Fatalf("got %d results", n)
	}
}

// perCall reports the time of a call and the processor time that it took, of the server
// as well: on a busy machine that tells more.
func perCall(b *testing.B, before time.Duration) {
	calls := float64(b.N) * eachCalls
	b.ReportMetric(float64(b.Elapsed().Microseconds())/calls, "µs/call")
	b.ReportMetric(float64((processorTime(b)-before).Microseconds())/calls, "cpu-µs/call")
}

func processorTime(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
