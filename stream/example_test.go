package stream_test

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/opcall/opcall/stream"
)

func ExampleDecoder_Events() {
	body := strings.NewReader("event: greeting\ndata: hello\n\n: keep-alive\n\ndata: two\ndata: lines\n\ndata: [DONE]\n\n")

	dec := stream.NewDecoder(body)
	for ev, err := range dec.Events() {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%q %q\n", ev.Type, ev.Data)
	}
	// Output:
	// "greeting" "hello"
	// "" "two\nlines"
	// "" "[DONE]"
}

// What is needed to resume a stream that was cut.
func ExampleDecoder_LastEventID() {
	body := strings.NewReader("retry: 3000\nid: 41\ndata: one\n\nid: 42\ndata: two\n\nid: 43\ndata: thr")

	dec := stream.NewDecoder(body)
	for ev := range dec.Events() {
		fmt.Printf("%s\n", ev.Data)
	}
	if dec.Incomplete() {
		fmt.Printf("cut; wait %v, then send Last-Event-ID: %s\n", dec.Retry(), dec.LastEventID())
	}
	// Output:
	// one
	// two
	// cut; wait 3s, then send Last-Event-ID: 42
}

// An event beyond the limit is an error, and the stream goes on behind it.
func ExampleWithMaxEventSize() {
	body := strings.NewReader("data: a\n\ndata: far too long\n\ndata: b\n\n")

	dec := stream.NewDecoder(body, stream.WithMaxEventSize(8))
	for {
		ev, err := dec.Next()
		var tooLarge *stream.EventTooLargeError
		switch {
		case errors.As(err, &tooLarge):
			fmt.Println("skipped:", err)
		case err == io.EOF:
			return
		case err != nil:
			fmt.Println(err)
			return
		default:
			fmt.Printf("%s\n", ev.Data)
		}
	}
	// Output:
	// a
	// skipped: event 1 of the stream has more than 8 bytes; stream.WithMaxEventSize raises the limit
	// b
}
