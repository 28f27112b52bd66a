// Bulk makes the calls of a file and writes their results into another one. It can be
// interrupted, or killed, and started again: what has a result is not sent again.
//
//	bulk IN.jsonl OUT.jsonl
//
// A line of IN is {"id": "q1", "operation": "createChatCompletion", "params": {…}}, a line
// of OUT {"id": "q1", "body": {…}} or {"id": "q1", "error": "…"}, in the same order. What
// was sent is recorded in OUT.jsonl.journal. As one task of a Slurm array job it makes its
// part of the calls. Without files it makes calls of its own; without OPENAI_API_KEY it
// calls the built-in test server.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

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
	if len(args) != 0 && len(args) != 2 {
		return errors.New("usage: bulk IN.jsonl OUT.jsonl")
	}
	if len(args) == 0 {
		folder, err := os.MkdirTemp("", "bulk-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(folder)
		if args, err = sample(folder); err != nil {
			return err
		}
	}
	server, err := clienttest.StartWithoutKey() // nil if OPENAI_API_KEY is set
	if err != nil {
		return err
	}
	defer server.Close()
	c, err := client.New(server.Options()...)
	if err != nil {
		return err
	}
	shard, err := client.ShardFromEnvironment(0)
	if err != nil && !errors.Is(err, client.ErrNoShard) {
		return err
	}
	return bulk(ctx, c, shard, args[0], args[1])
}

// sample writes calls into a file, and names it and the one for the results.
func sample(folder string) ([]string, error) {
	var text strings.Builder
	for _, planet := range []string{"Mars", "Jupiter", "Saturn"} {
		fmt.Fprintf(&text, `{"id":%[1]q,"operation":"createChatCompletion","params":{"model":"gpt-5-mini","messages":[{"role":"user","content":"Name a moon of %[1]s."}]}}`+"\n", planet)
	}
	text.WriteString(`{"id":"invalid","operation":"createChatCompletion","params":{"model":"gpt-5-mini"}}` + "\n")
	in := filepath.Join(folder, "in.jsonl")
	return []string{in, filepath.Join(folder, "out.jsonl")}, os.WriteFile(in, []byte(text.String()), 0o600)
}

func bulk(ctx context.Context, c *client.Client, shard client.Shard, in, out string) error {
	from, err := os.Open(in)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := os.Create(out)
	if err != nil {
		return err
	}
	defer to.Close()
	lines := bufio.NewWriter(to)

	source := &calls{file: from}
	counts := make(map[string]int)
	running := context.WithoutCancel(ctx) // calls in flight are completed when ctx ends
	for r, err := range c.Each(running, source.all(ctx), client.EachInOrder(), client.EachShard(shard), client.EachJournal(out+".journal", in)) {
		if err != nil {
			return errors.Join(err, lines.Flush())
		}
		line := struct {
			ID    string          `json:"id"`
			Body  json.RawMessage `json:"body,omitempty"`
			Error string          `json:"error,omitempty"`
		}{ID: r.Call.ID}
		switch {
		case r.Err != nil:
			line.Error = r.Err.Error()
			counts["failed"]++
		default:
			line.Body = r.Response.Raw()
			counts["good"]++
		}
		if r.Replayed {
			counts["from an earlier run"]++
		}
		text, err := json.Marshal(line)
		if err != nil {
			return fmt.Errorf("result of %q: %w", r.Call.ID, err)
		}
		if _, err := lines.Write(append(text, '\n')); err != nil {
			return err
		}
		if ctx.Err() != nil {
			break
		}
	}
	fmt.Printf("%d good, %d failed, %d from an earlier run\n", counts["good"], counts["failed"], counts["from an earlier run"])
	return errors.Join(ctx.Err(), source.err, lines.Flush(), to.Close())
}

// calls reads calls from a file.
type calls struct {
	file *os.File
	err  error // after the last call
}

// all ends early when ctx ends.
func (s *calls) all(ctx context.Context) iter.Seq[client.Call] {
	return func(yield func(client.Call) bool) {
		lines := bufio.NewScanner(s.file)
		lines.Buffer(nil, 64<<20)
		for n := 1; ctx.Err() == nil && lines.Scan(); n++ {
			var line struct {
				ID        string          `json:"id"`
				Operation string          `json:"operation"`
				Params    json.RawMessage `json:"params"`
			}
			if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
				s.err = fmt.Errorf("%s:%d: %w", s.file.Name(), n, err)
				return
			}
			if !yield(client.Call{ID: line.ID, OperationID: line.Operation, Params: line.Params}) {
				return
			}
		}
		s.err = lines.Err()
	}
}
