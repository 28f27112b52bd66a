package main_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"

	"github.com/opcall/opcall/cmd/opcall/internal/explore"
	"github.com/opcall/opcall/cmd/opcall/internal/session"
	"github.com/opcall/opcall/cmd/opcall/internal/terminal"
)

func TestPageIsServedUntilTheCommandEnds(t *testing.T) {
	t.Parallel()
	reader, writer := io.Pipe()
	s := session.New(&terminal.IO{In: strings.NewReader(""), Out: writer, Err: io.Discard, Getenv: func(string) string { return "" }})
	cmd := explore.NewCmdExplore(s, nil)
	cmd.SetArgs([]string{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- cmd.ExecuteContext(ctx) }()
	line, err := bufio.NewReader(reader).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	address := strings.TrimSpace(line)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar, Transport: &http.Transport{}}
	defer browser.CloseIdleConnections()
	res, err := browser.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(res.Body)
	res.Body.Close()
	if err != nil || res.StatusCode != http.StatusOK || !strings.Contains(string(text), "createChatCompletion") {
		t.Errorf("the page: status %d, error %v, %.300s", res.StatusCode, err, text)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("the command ended with %v, want no error", err)
	}
	if res, err := browser.Get(address); err == nil {
		res.Body.Close()
		t.Error("the page is served after the command has ended")
	}
}
