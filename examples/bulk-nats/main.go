// Bulk-nats makes many calls on any number of machines, with NATS JetStream as the queue:
//
//	bulk-nats            all of it in one process: 60 calls, 3 workers
//	bulk-nats put FILE   puts calls into the queue, a JSON object per line:
//	                     {"id": "q1", "operation": "createChatCompletion", "params": {…}}
//	bulk-nats work       makes the calls of the queue until it is interrupted; run many
//	bulk-nats results    prints the results, a line per call, as they come
//
// NATS_URL names the NATS server; without it the first form starts one of its own, and
// without OPENAI_API_KEY it calls the built-in test server.
//
// The queue keeps a call until its result is stored: a worker that dies leaves its calls
// to the others. A call has one result, however often it is delivered; it may have been
// sent twice where a worker died between sending it and storing its result, which nothing
// but the API could prevent.
//
//	main.go     the four forms of the command
//	queue.go    calls and results in JetStream
//	worker.go   one worker: take a call, make it, store its result
//	limit.go    the rate that all workers share
//	server.go   a NATS server and a test server within the process
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return demonstrate(ctx)
	}
	q, err := openQueue(ctx, os.Getenv("NATS_URL"))
	if err != nil {
		return err
	}
	defer q.close()
	switch {
	case args[0] == "put" && len(args) == 2:
		return putFile(ctx, q, args[1])
	case args[0] == "work" && len(args) == 1:
		c, err := client.New(client.WithMiddleware(q.limited))
		if err != nil {
			return err
		}
		return work(ctx, q, c, 8)
	case args[0] == "results" && len(args) == 1:
		return q.results(ctx, func(r result) bool {
			text, _ := json.Marshal(r)
			fmt.Printf("%s\n", text)
			return true
		})
	}
	return errors.New("usage: bulk-nats [put FILE | work | results]")
}

// putFile puts the calls of a file into the queue. A call that was put before is not put
// again.
func putFile(ctx context.Context, q *queue, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, maxMessage)
	for n := 1; lines.Scan(); n++ {
		var c call
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			return fmt.Errorf("%s:%d: %w", path, n, err)
		}
		if err := q.put(ctx, c); err != nil {
			return fmt.Errorf("%s:%d: %w", path, n, err)
		}
	}
	return lines.Err()
}

// demonstrate runs three workers in this process.
func demonstrate(ctx context.Context) error {
	address := os.Getenv("NATS_URL")
	if address == "" {
		server, err := startServer("127.0.0.1", randomPort, "")
		if err != nil {
			return err
		}
		defer server.stop()
		address = server.address()
		fmt.Println("NATS_URL is not set: a NATS server is started in this process")
	}
	q, err := openQueue(ctx, address)
	if err != nil {
		return err
	}
	defer q.close()
	test, err := clienttest.StartWithoutKey() // nil if OPENAI_API_KEY is set
	if err != nil {
		return err
	}
	defer test.Close()
	c, err := client.New(append(test.Options(), client.WithMiddleware(q.limited))...)
	if err != nil {
		return err
	}
	const calls = 60
	for i := range calls {
		params := fmt.Sprintf(`{"model":"gpt-5-mini","messages":[{"role":"user","content":"Name moon %d of Saturn."}]}`, i)
		if err := q.put(ctx, call{ID: fmt.Sprintf("moon-%d", i), Operation: "createChatCompletion", Params: json.RawMessage(params)}); err != nil {
			return err
		}
	}

	working, stop := context.WithCancel(ctx)
	defer stop()
	var workers sync.WaitGroup
	var failures [3]error
	for i := range failures {
		workers.Go(func() {
			failures[i] = work(working, q, c, 8)
			stop()
		})
	}
	good, all := 0, 0
	err = q.results(working, func(r result) bool {
		if all++; r.Error == "" {
			good++
		}
		return all < calls
	})
	stop()
	workers.Wait()
	fmt.Printf("%d calls, %d workers: %d results, %d of them good\n", calls, len(failures), all, good)
	return errors.Join(append(failures[:], err)...)
}
