package main_test

import (
	"bufio"
	"context"
	"io"
	"log"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/cmd/opcall/internal/proxy"
	"github.com/opcall/opcall/cmd/opcall/internal/session"
	"github.com/opcall/opcall/cmd/opcall/internal/terminal"
)

func TestNoticesOfTheProxyAreJSONAndQuoteNothing(t *testing.T) {
	reader, writer := io.Pipe()
	s := session.New(&terminal.IO{Out: writer, Err: writer, Getenv: func(string) string { return "" }})
	cmd := proxy.NewCmdProxy(s, nil)
	cmd.SetArgs([]string{"http://127.0.0.1:1/v1"})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		err := cmd.ExecuteContext(ctx)
		writer.Close()
		ended <- err
	}()
	lines := bufio.NewReader(reader)
	if line, err := lines.ReadString('\n'); err != nil {
		t.Fatalf("got %q, error %v: %v", line, err, <-ended)
	}
	rest := make(chan string, 1)
	go func() {
		text, _ := io.ReadAll(lines)
		rest <- string(text)
	}()
	// What net/http says while the proxy runs.
	log.Printf("Unsolicited response received on idle HTTP channel starting with %q; err=<nil>", "secret")
	log.Print("a \"broken\" body")
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	said := <-rest
	var notices []string
	for line := range strings.Lines(said) {
		if strings.HasPrefix(line, "{") {
			notices = append(notices, line)
		}
	}
	if len(notices) != 2 || strings.Contains(said, "secret") {
		t.Fatalf("got %q", said)
	}
	for i, want := range []string{"Unsolicited response received on idle HTTP channel: the API sent more than it had announced", `a "broken" body`} {
		if got := gjson.Get(notices[i], "notice").String(); got != want || gjson.Get(notices[i], "time").String() == "" {
			t.Errorf("got %s, want %q with a time", notices[i], want)
		}
	}
}
