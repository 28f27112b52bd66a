package near_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/opcall/opcall/internal/near"
)

func TestNames(t *testing.T) {
	t.Parallel()
	fields := []string{"model", "messages", "max_tokens", "max_output_tokens", "temperature", "top_p", "prompt_cache_key", "response_format"}
	tests := map[string]struct {
		want  string
		names []string
		near  []string
	}{
		"letter missing":         {"temprature", fields, []string{"temperature"}},
		"letters swapped":        {"mesasges", fields, []string{"messages"}},
		"case and hyphens":       {"Max-Tokens", fields, []string{"max_tokens", "max_output_tokens"}},
		"camel case":             {"maxTokens", fields, []string{"max_tokens", "max_output_tokens"}},
		"a word more":            {"max_total_tokens", fields, []string{"max_tokens", "max_output_tokens"}},
		"a word less":            {"output_tokens", fields, []string{"max_output_tokens"}},
		"one word of many":       {"prompt", fields, nil},
		"short":                  {"top_k", fields, []string{"top_p"}},
		"another name":           {"seed", fields, nil},
		"nothing":                {"", fields, nil},
		"among nothing":          {"model", nil, nil},
		"the same":               {"model", fields, []string{"model"}},
		"end of a URL":           {"https://example.com/v1/embeddings", []string{"/v1/chat", "/v1/embeddings"}, []string{"/v1/embeddings"}},
		"words, not letters":     {"ChatCompletionRequest", []string{"CreateCompletionRequest", "CreateChatCompletionRequest"}, []string{"CreateChatCompletionRequest", "CreateCompletionRequest"}},
		"half a word":            {"text", []string{"context", "input_text"}, []string{"input_text"}},
		"equally close":          {"cat", []string{"bat", "rat", "cow"}, []string{"bat", "rat"}},
		"at most three":          {"a1", []string{"a2", "a3", "a4", "a5"}, []string{"a2", "a3", "a4"}},
		"bytes that are no text": {"\xff\xfe", []string{"\xff\xfd", "model"}, []string{"\xff\xfd"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := near.Names(tt.want, tt.names, 3); !slices.Equal(got, tt.near) {
				t.Errorf("Names(%q, %q) = %q, want %q", tt.want, tt.names, got, tt.near)
			}
		})
	}
}

func TestFold(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"createPet": "createpet", "Create_-Pet ": "createpet", "": "", "é-É": "éÉ"} {
		if got := near.Fold(name); got != want {
			t.Errorf("Fold(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestQuestion(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{
		"":                          nil,
		"; did you mean a?":         {"a"},
		"; did you mean a or b?":    {"a", "b"},
		"; did you mean a, b or c?": {"a", "b", "c"},
	}
	for want, names := range tests {
		if got := near.Question(names); got != want {
			t.Errorf("Question(%q) = %q, want %q", names, got, want)
		}
	}
}

// Whoever asks with a text of any length among many names waits for an answer,
// not for minutes.
func BenchmarkNames(b *testing.B) {
	names := make([]string, 1500)
	for i := range names {
		names[i] = strings.Repeat("Name", i%9) + "Of" + strings.Repeat("x", i%50)
	}
	for name, want := range map[string]string{"short": "NameOfxx", "long": strings.Repeat("aB_", 100_000)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				near.Names(want, names, 3)
			}
		})
	}
}
