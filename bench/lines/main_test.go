package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	openaigo "github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	sashabaranov "github.com/sashabaranov/go-openai"

	"github.com/opcall/opcall/bench/lines/goopenai"
	"github.com/opcall/opcall/bench/lines/opcall"
	other "github.com/opcall/opcall/bench/lines/openaigo"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/openai"
)

// TestTasksDoTheSame runs what is counted, with each library, on a server that
// validates what they send.
func TestTasksDoTheSame(t *testing.T) {
	server := clienttest.NewServer(t)
	ctx := t.Context()
	ours := openai.From(server.Client())
	official := openaigo.NewClient(option.WithBaseURL(server.URL()), option.WithAPIKey("k"))
	config := sashabaranov.DefaultConfig("k")
	config.BaseURL = server.URL()
	popular := sashabaranov.NewClientWithConfig(config)
	weather := func(_ context.Context, city string) (string, error) { return "sun in " + city, nil }
	dir := t.TempDir()
	recording, written := filepath.Join(dir, "a.wav"), filepath.Join(dir, "out")
	picture := filepath.Join(dir, "a.png")
	for _, path := range []string{recording, picture} {
		if err := os.WriteFile(path, []byte("\x89PNG\r\n\x1a\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// Of each task its result as a text, by library.
	tasks := map[string][3]func() (string, error){
		"chat": {
			func() (string, error) { return opcall.Chat(ctx, ours, "x") },
			func() (string, error) { return other.Chat(ctx, official, "x") },
			func() (string, error) { return goopenai.Chat(ctx, popular, "x") },
		},
		"stream": {
			func() (string, error) { var b strings.Builder; return b.String(), opcall.Stream(ctx, ours, &b, "x") },
			func() (string, error) { var b strings.Builder; return b.String(), other.Stream(ctx, official, &b, "x") },
			func() (string, error) {
				var b strings.Builder
				return b.String(), goopenai.Stream(ctx, popular, &b, "x")
			},
		},
		"conversation": {
			func() (string, error) { return joined(opcall.Conversation(ctx, ours, []string{"x", "y"})) },
			func() (string, error) { return joined(other.Conversation(ctx, official, []string{"x", "y"})) },
			func() (string, error) { return joined(goopenai.Conversation(ctx, popular, []string{"x", "y"})) },
		},
		"tools": {
			func() (string, error) { return opcall.Tools(ctx, ours, "x", weather) },
			func() (string, error) { return other.Tools(ctx, official, "x", weather) },
			func() (string, error) { return goopenai.Tools(ctx, popular, "x", weather) },
		},
		"structured": {
			func() (string, error) { m, err := opcall.Structured(ctx, ours, "x"); return m.Name + m.Planet, err },
			func() (string, error) { m, err := other.Structured(ctx, official, "x"); return m.Name + m.Planet, err },
			func() (string, error) {
				m, err := goopenai.Structured(ctx, popular, "x")
				return m.Name + m.Planet, err
			},
		},
		"images": {
			func() (string, error) { return file(written, opcall.Images(ctx, ours, picture, written, "x")) },
			func() (string, error) { return file(written, other.Images(ctx, official, picture, written, "x")) },
			func() (string, error) { return file(written, goopenai.Images(ctx, popular, picture, written, "x")) },
		},
		"speech": {
			func() (string, error) { return file(written, opcall.Speech(ctx, ours, written, "x")) },
			func() (string, error) { return file(written, other.Speech(ctx, official, written, "x")) },
			func() (string, error) { return file(written, goopenai.Speech(ctx, popular, written, "x")) },
		},
		"transcribe": {
			func() (string, error) { return opcall.Transcribe(ctx, ours, recording) },
			func() (string, error) { return other.Transcribe(ctx, official, recording) },
			func() (string, error) { return goopenai.Transcribe(ctx, popular, recording) },
		},
		"embeddings": {
			func() (string, error) {
				v, err := opcall.Embeddings(ctx, ours, []string{"x", "y"})
				return strings.Repeat("v", len(v)), err
			},
			func() (string, error) {
				v, err := other.Embeddings(ctx, official, []string{"x", "y"})
				return strings.Repeat("v", len(v)), err
			},
			func() (string, error) {
				v, err := goopenai.Embeddings(ctx, popular, []string{"x", "y"})
				return strings.Repeat("v", len(v)), err
			},
		},
	}
	for task, libraries := range tasks {
		var results []string
		for i, do := range libraries {
			switch task {
			case "tools":
				server.Respond("createChatCompletion", clienttest.Answer{Output: clienttest.CallTool("weather", `{"city":"Paris"}`)}, clienttest.Answer{})
			case "structured":
				server.Respond("createChatCompletion", clienttest.Answer{Output: clienttest.Say(`{"name":"Titan","planet":"Saturn","radius":2575}`)})
			default:
				server.Respond("createChatCompletion")
			}
			result, err := do()
			if err != nil || result == "" && task != "stream" {
				t.Errorf("%s with %s: got %q, %v", task, []string{"opcall", "openai-go", "go-openai"}[i], result, err)
			}
			results = append(results, result)
		}
		if len(slices.Compact(results)) != 1 {
			t.Errorf("%s: got %q", task, results)
		}
	}
}

func joined(texts []string, err error) (string, error) { return strings.Join(texts, "|"), err }

// file returns what was written.
func file(path string, err error) (string, error) {
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(path)
	return string(text), err
}
