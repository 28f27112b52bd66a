package bench

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"time"
)

// Refuses reports whether a library refuses a body, in the document that it has opened.
type Refuses func(Payload) (refused bool, err error)

// Sample is what one fresh process measures, times from its main.
type Sample struct {
	Opened  time.Duration
	Verdict time.Duration
	Heap    uint64 // after a collection
	Refused bool
}

// Cold is the main of the programs below ./cold, which BenchmarkFirst starts: a
// fresh process that links one library, opens the built-in document, validates one
// body and prints a Sample as JSON. The argument is the name of one of Payloads;
// any other asks for the work of all components.
func Cold(open func() (Refuses, error)) {
	start := time.Now()
	if err := cold(start, open); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func cold(start time.Time, open func() (Refuses, error)) error {
	if len(os.Args) != 2 {
		return fmt.Errorf("got %d arguments, want the name of a payload", len(os.Args)-1)
	}
	validate, err := open()
	if err != nil {
		return err
	}
	sample := Sample{Opened: time.Since(start)}
	if sample.Refused, err = validate(payload(os.Args[1])); err != nil {
		return err
	}
	sample.Verdict = time.Since(start)
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	sample.Heap = stats.HeapAlloc
	runtime.KeepAlive(validate)
	return json.NewEncoder(os.Stdout).Encode(sample)
}

func payload(name string) Payload {
	for _, p := range Payloads() {
		if p.Name == name {
			return p
		}
	}
	return Payload{Name: name}
}
