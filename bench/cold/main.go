// Cold is what BenchmarkFirst starts: a fresh process that opens the built-in
// document with one library, judges one body, and prints what it took.
//
//	cold LIBRARY PAYLOAD
//
// LIBRARY is opcall, kin-openapi or libopenapi-validator, PAYLOAD the name of one
// of bench.Payloads, or "all components", which compiles them all.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"

	"github.com/opcall/opcall/bench"
	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/embed"
	"github.com/opcall/opcall/schema"
)

func main() {
	start := time.Now()
	if err := run(start, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "cold:", err)
		os.Exit(1)
	}
}

func run(start time.Time, args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("got %d arguments, want LIBRARY PAYLOAD", len(args))
	}
	open, ok := libraries[args[0]]
	if !ok {
		return fmt.Errorf("unknown library %q", args[0])
	}
	judge, err := open()
	if err != nil {
		return err
	}
	var sample bench.Sample
	sample.Opened = time.Since(start)
	sample.Refused, err = judge(payload(args[1]))
	if err != nil {
		return err
	}
	sample.Judged = time.Since(start)
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	sample.Heap = stats.HeapAlloc
	runtime.KeepAlive(judge)
	return json.NewEncoder(os.Stdout).Encode(sample)
}

func payload(name string) bench.Payload {
	for _, p := range bench.Payloads() {
		if p.Name == name {
			return p
		}
	}
	return bench.Payload{Name: name}
}

// A judge reports whether it refuses a body.
type judge func(bench.Payload) (refused bool, err error)

var libraries = map[string]func() (judge, error){
	"opcall":               openOpcall,
	"kin-openapi":          openKin,
	"libopenapi-validator": openValidator,
}

func openOpcall() (judge, error) {
	c, err := client.New(client.WithAPIKey("test"))
	if err != nil {
		return nil, err
	}
	return func(p bench.Payload) (bool, error) {
		if p.Body == "" {
			c.Document().Precompile()
			return false, nil
		}
		err := c.Document().Validate(p.Component, p.Body)
		var fault *schema.ValidationError
		if errors.As(err, &fault) {
			return true, nil
		}
		return false, err
	}, nil
}

func openKin() (judge, error) {
	doc, err := openapi3.NewLoader().LoadFromData(embed.OpenAI())
	if err != nil {
		return nil, err
	}
	return func(p bench.Payload) (bool, error) {
		var instance any
		if err := json.Unmarshal([]byte(p.Body), &instance); err != nil {
			return false, err
		}
		return doc.Components.Schemas[p.Component].Value.VisitJSON(instance) != nil, nil
	}, nil
}

func openValidator() (judge, error) {
	doc, err := libopenapi.NewDocument(embed.OpenAI())
	if err != nil {
		return nil, err
	}
	v, errs := validator.NewValidator(doc)
	if len(errs) > 0 {
		return nil, errs[0]
	}
	return func(p bench.Payload) (bool, error) {
		req, err := http.NewRequest(http.MethodPost, "https://api.openai.com/v1"+p.Path, strings.NewReader(p.Body))
		if err != nil {
			return false, err
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", "Bearer test")
		ok, _ := v.ValidateHttpRequestSync(req)
		return !ok, nil
	}, nil
}
