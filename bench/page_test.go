//go:build unix

package bench

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/opcall/opcall/client"
)

const (
	listPages    = 1000
	itemsPerPage = 20
)

// filePages serves listFiles in pages, which have been written before.
func filePages(b *testing.B) *client.Client {
	pages := make([]string, listPages)
	for page := range pages {
		var items []string
		for n := range itemsPerPage {
			items = append(items, fmt.Sprintf(`{"id":"file-%d","object":"file","bytes":120000,"created_at":1767225600,"expires_at":1769904000,"filename":"requests-%d.jsonl","purpose":"batch","status":"processed"}`,
				page*itemsPerPage+n, n))
		}
		pages[page] = fmt.Sprintf(`{"object":"list","first_id":"file-%d","last_id":"file-%d","has_more":%v,"data":[%s]}`,
			page*itemsPerPage, page*itemsPerPage+itemsPerPage-1, page < listPages-1, strings.Join(items, ","))
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page := 0
		if after, ok := strings.CutPrefix(r.URL.Query().Get("after"), "file-"); ok {
			last, _ := strconv.Atoi(after)
			page = last/itemsPerPage + 1
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(pages[page]))
	}))
	b.Cleanup(server.Close)
	c, err := client.New(client.WithBaseURL(server.URL), client.WithAPIKey("sk-test"))
	if err != nil {
		b.Fatal(err)
	}
	return c
}

// BenchmarkItems ranges over a list of 1,000 pages, and makes the same calls by hand in
// the same run: what an item costs beside its call is µs/item, in CPU time, which other
// programs on the machine change less. Each item is looked at in one place, the pages of
// the calls are not.
func BenchmarkItems(b *testing.B) {
	for name, opts := range map[string][]client.CallOption{"Items": nil, "Items_with_prefetch": {client.WithPrefetch()}} {
		b.Run(name, func(b *testing.B) {
			c, ctx := filePages(b), context.Background()
			var listed, called time.Duration
			b.ReportAllocs()
			for b.Loop() {
				started := cpu(b)
				items := 0
				for item, err := range c.Items(ctx, "listFiles", nil, opts...) {
					if err != nil || !item.Get("id").Exists() {
						b.Fatal(item, err)
					}
					items++
				}
				listed += cpu(b) - started
				if items != listPages*itemsPerPage {
					b.Fatalf("got %d items", items)
				}
				started = cpu(b)
				var params client.Params
				for range listPages {
					r, err := c.Call(ctx, "listFiles", params)
					if err != nil {
						b.Fatal(err)
					}
					params = client.Params{"after": r.Get("last_id").String()}
				}
				called += cpu(b) - started
			}
			all := float64(b.N * listPages * itemsPerPage)
			b.ReportMetric(float64(called.Microseconds())/float64(b.N*listPages), "µs/call")
			b.ReportMetric(float64((listed-called).Nanoseconds())/1000/all, "µs/item")
		})
	}
}

// cpu is the CPU time that the process has used.
func cpu(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
