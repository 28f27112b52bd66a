package clienttest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/schema"
)

func TestURLHasThePathOfTheDocumentsServer(t *testing.T) {
	for servers, want := range map[string]string{
		``:                                       "",
		`"servers": [],`:                         "",
		`"servers": [{"url": "/"}],`:             "",
		`"servers": [{"url": "/api/"}],`:         "/api",
		`"servers": [{"url": "https://x/a/b"}],`: "/a/b",
	} {
		t.Run(servers, func(t *testing.T) {
			doc, err := schema.Load([]byte(`{"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, ` + servers + `
				"paths": {"/things": {"get": {"operationId": "listThings", "responses": {"204": {"description": "none"}}}}}}`))
			if err != nil {
				t.Fatal(err)
			}
			server := clienttest.NewServer(t, clienttest.WithDocument(doc))
			if _, path, _ := strings.Cut(strings.TrimPrefix(server.URL(), "http://"), "/"); strings.TrimSuffix("/"+path, "/") != want {
				t.Errorf("got %s, want path %q", server.URL(), want)
			}
			if _, err := server.Client().Call(t.Context(), "listThings", nil); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestStartRefusesNoDocument(t *testing.T) {
	if server, err := clienttest.Start(clienttest.WithDocument(nil)); err == nil {
		server.Close()
		t.Error("got a server, want an error")
	}
}

func TestCloseGivesUpWhatIsUnderWay(t *testing.T) {
	server, err := clienttest.Start()
	if err != nil {
		t.Fatal(err)
	}
	arrived := make(chan struct{})
	server.RespondFunc("listModels", func(*clienttest.Request) clienttest.Answer {
		close(arrived)
		return clienttest.Answer{Delay: time.Hour}
	})
	result := make(chan error, 1)
	c := server.Client(client.WithMaxRetries(0))
	go func() {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // of a Close that gives nothing up
		defer cancel()
		_, err := c.Call(ctx, "listModels", nil)
		result <- err
	}()
	select {
	case <-arrived:
	case err := <-result:
		t.Fatalf("the call ended before it arrived: %v", err)
	}
	server.Close()
	server.Close()
	var broken *client.ConnectionError
	if err := <-result; !errors.As(err, &broken) {
		t.Errorf("got %v, want a *client.ConnectionError", err)
	}
	if _, err := c.Call(t.Context(), "listModels", nil); !errors.As(err, &broken) {
		t.Errorf("got %v from a closed server, want a *client.ConnectionError", err)
	}
}

// tester stands in for a test that goes wrong.
type tester struct {
	failure string
	cleanup []func()
}

func (*tester) Helper()                             {}
func (t *tester) Cleanup(f func())                  { t.cleanup = append(t.cleanup, f) }
func (t *tester) Fatalf(format string, args ...any) { t.failure = fmt.Sprintf(format, args...) }

func TestMistakesInTheTestEndIt(t *testing.T) {
	for name, mistake := range map[string]func(*clienttest.Server){
		"Respond":     func(s *clienttest.Server) { s.Respond("createChatCompletoin", clienttest.Answer{}) },
		"RespondFunc": func(s *clienttest.Server) { s.RespondFunc("createChatCompletoin", nil) },
		"LastRequest": func(s *clienttest.Server) { s.LastRequest("createChatCompletoin") },
		"Client":      func(s *clienttest.Server) { s.Client(client.WithMaxRetries(-1)) },
	} {
		t.Run(name, func(t *testing.T) {
			tb := &tester{}
			server := clienttest.NewServer(tb)
			defer tb.cleanup[0]()
			mistake(server)
			if !strings.HasPrefix(tb.failure, "test server: ") {
				t.Errorf("got %q, want the test to end", tb.failure)
			}

			alone, err := clienttest.Start()
			if err != nil {
				t.Fatal(err)
			}
			defer alone.Close()
			defer func() {
				if p, ok := recover().(string); !ok || !strings.HasPrefix(p, "test server: ") {
					t.Errorf("got panic %q, want one with the reason", p)
				}
			}()
			mistake(alone)
		})
	}
}

// TestStartWithoutKeyLeavesTheRealAPIAlone: with a key the options are those of
// the program alone, without one they lead to the server.
func TestStartWithoutKeyLeavesTheRealAPIAlone(t *testing.T) {
	t.Setenv("OPENAI_API_KEY", "sk-a-key-of-the-user")
	server, err := clienttest.StartWithoutKey()
	if err != nil || server != nil || server.Options() != nil {
		t.Errorf("with a key: got server %v, options %d, error %v; want none of them", server, len(server.Options()), err)
	}
	server.Respond("listModels", clienttest.Answer{})
	server.RespondSocket("realtime")
	server.Close()

	t.Setenv("OPENAI_API_KEY", " ")
	server, err = clienttest.StartWithoutKey()
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	c, err := client.New(server.Options()...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Call(t.Context(), "listModels", nil); err != nil {
		t.Error(err)
	}
	if got := server.LastRequest("listModels"); got == nil {
		t.Error("the call did not reach the server")
	}
}
