// Cold measures what a fresh process pays: the time from main to the first
// verdict on a request body, and the heap after it. Without arguments it starts
// itself several times for each library and body, and prints the best of each.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/opcall/opcall/bench"
	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/embed"
)

const rounds = 10

// sample is what one process measures.
type sample struct {
	Opened  time.Duration
	Verdict time.Duration // from main
	Heap    uint64        // after a collection
}

func main() {
	start := time.Now()
	if len(os.Args) == 3 {
		if err := measure(start, os.Args[1], os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	fmt.Printf("%-14s %-24s %12s %12s %10s\n", "library", "body", "opened", "verdict", "heap")
	for _, library := range []string{"opcall", "kin-openapi"} {
		for _, body := range []string{"createChatCompletion", "createResponse"} {
			best, err := bestOf(library, body)
			if err != nil {
				fmt.Fprintln(os.Stderr, library, body, err)
				os.Exit(1)
			}
			fmt.Printf("%-14s %-24s %12v %12v %7.1f MB\n", library, body, best.Opened.Round(time.Microsecond), best.Verdict.Round(time.Microsecond), float64(best.Heap)/1e6)
		}
	}
}

// bestOf starts fresh processes and returns the one with the earliest verdict:
// the others were disturbed.
func bestOf(library, body string) (sample, error) {
	var best sample
	for range rounds {
		out, err := exec.Command(os.Args[0], library, body).Output()
		if err != nil {
			return best, err
		}
		var s sample
		if err := json.Unmarshal(out, &s); err != nil {
			return best, err
		}
		if best.Verdict == 0 || s.Verdict < best.Verdict {
			best = s
		}
	}
	return best, nil
}

func measure(start time.Time, library, body string) error {
	var s sample
	var keep any
	text := bench.SmallChat
	if body == "createResponse" {
		text = bench.SmallResponse
	}
	switch {
	case library == "kin-openapi":
		doc, err := openapi3.NewLoader().LoadFromData(embed.OpenAI())
		if err != nil {
			return err
		}
		s.Opened = time.Since(start)
		component := map[string]string{"createChatCompletion": "CreateChatCompletionRequest", "createResponse": "CreateResponse"}[body]
		var v any
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			return err
		}
		_ = doc.Components.Schemas[component].Value.VisitJSON(v) // it refuses some valid bodies
		keep = doc
	default:
		c, err := client.New(client.WithAPIKey("test"))
		if err != nil {
			return err
		}
		s.Opened = time.Since(start)
		if err := c.Validate(body, text); err != nil {
			return err
		}
		keep = c
	}
	s.Verdict = time.Since(start)
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	s.Heap = stats.HeapAlloc
	runtime.KeepAlive(keep)
	return json.NewEncoder(os.Stdout).Encode(s)
}
