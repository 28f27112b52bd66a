package clienttest_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
)

func TestRecordedResponsesAreReplayed(t *testing.T) {
	api := clienttest.NewServer(t)
	api.Respond("createChatCompletion", clienttest.Answer{Output: clienttest.Say("first")}, clienttest.Answer{Output: clienttest.Say("second")}, clienttest.Answer{Status: 503})
	dir := filepath.Join(t.TempDir(), "recording")
	recording, err := clienttest.Start(clienttest.WithRecord(dir, strings.TrimSuffix(api.URL(), "/v1")))
	if err != nil {
		t.Fatal(err)
	}
	chat := func(content, more string) request {
		return request{method: "POST", path: "/chat/completions", header: jsonBody + "\nX-Stainless-Retry-Count: 0", body: `{"model":"m","messages":[{"role":"user","content":"` + content + `"}]` + more + `}`}
	}
	requests := []request{
		chat("a", ""), chat("b", `,"stream":true`), chat("c", ""),
		{method: "GET", path: "/files?purpose=batch&limit=2"},
		{method: "POST", path: "/files", header: multipart, body: filePart("file", "a.txt", "x")},
	}
	type result struct {
		Status int
		Type   string
		Body   string
	}
	all := func(server *clienttest.Server) (list []result) {
		for _, r := range requests {
			status, header, body := send(t, server, r)
			list = append(list, result{status, header.Get("Content-Type"), body})
		}
		return list
	}
	want := all(recording)
	recording.Close()
	text, err := os.ReadFile(filepath.Join(dir, "exchanges.jsonl"))
	if err != nil || strings.Count(string(text), "\n") != len(requests) || strings.Contains(string(text), "Bearer k") {
		t.Errorf("got %v and %d lines, want %d without a key", err, strings.Count(string(text), "\n"), len(requests))
	}

	server := clienttest.NewServer(t, clienttest.WithReplay(dir))
	if diff := cmp.Diff(want, all(server)); diff != "" {
		t.Errorf("(-recorded +replayed):\n%s", diff)
	}
	if _, _, body := send(t, server, chat("c", "")); body != want[2].Body {
		t.Errorf("again: got %s, want %s", body, want[2].Body)
	}
	status, _, body := send(t, server, request{method: "GET", path: "/filos"})
	if status != 404 || gjson.Get(body, "error.code").String() != "not_recorded" || !strings.Contains(body, "/v1/files") {
		t.Errorf("got %d %s, want a refusal with what was recorded", status, body)
	}
	if n := len(server.Requests()); n != len(requests)+2 {
		t.Errorf("%d requests are known", n)
	}
}

func TestRecordedWebSocketsAreReplayed(t *testing.T) {
	api := clienttest.NewServer(t)
	api.RespondSocket("realtime", clienttest.SocketAnswer{Output: clienttest.Say("recorded")})
	dir := t.TempDir()
	recording, err := clienttest.Start(clienttest.WithRecord(dir, strings.TrimSuffix(api.URL(), "/v1")))
	if err != nil {
		t.Fatal(err)
	}
	talk := func(server *clienttest.Server) (said []string) {
		s := socketTo(t, server, "realtime", client.Params{"model": "gpt-realtime"})
		events := until(t, s, "session.created")
		for range 2 {
			if err := s.Send(t.Context(), `{"type":"response.create"}`); err != nil {
				t.Fatal(err)
			}
			events = append(events, until(t, s, "response.done")...)
		}
		for _, e := range events {
			said = append(said, string(e.Data))
		}
		return said
	}
	want := talk(recording)
	left := socketTo(t, recording, "realtime", client.Params{"model": "left open"})
	until(t, left, "session.created")
	recording.Close()
	if len(recording.Requests()) != 0 {
		t.Error("a request that was passed on is one of the server")
	}

	server := clienttest.NewServer(t, clienttest.WithReplay(dir))
	if diff := cmp.Diff(want, talk(server)); diff != "" {
		t.Errorf("(-recorded +replayed):\n%s", diff)
	}
	if n := len(server.SocketEvents("realtime")); n != 2 {
		t.Errorf("got %d events of the client, want 2", n)
	}
	until(t, socketTo(t, server, "realtime", client.Params{"model": "left open"}), "session.created")
	var refused *client.APIError
	if _, err := server.Client(client.WithMaxRetries(0)).Socket(t.Context(), "realtime", client.Params{"model": "another"}); !errors.As(err, &refused) || refused.Code != "not_recorded" {
		t.Errorf("got %v, want not_recorded", err)
	}
}

func TestRecordingsThatCannotBeUsed(t *testing.T) {
	broken := t.TempDir()
	if err := os.WriteFile(filepath.Join(broken, "a.jsonl"), []byte("{}\nnot JSON\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		option clienttest.Option
		want   string
	}{
		"no folder":   {clienttest.WithReplay(filepath.Join(broken, "absent")), "has no file *.jsonl"},
		"broken line": {clienttest.WithReplay(broken), "line 2"},
		"no API":      {clienttest.WithRecord(t.TempDir(), "api.openai.com"), "got no URL of an API"},
		"a file":      {clienttest.WithRecord(filepath.Join(broken, "a.jsonl"), "https://api.openai.com"), "record: "},
	} {
		server, err := clienttest.Start(tt.option)
		if err == nil {
			server.Close()
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
	}
}
