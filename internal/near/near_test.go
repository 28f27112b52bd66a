package near_test

import (
	"cmp"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/opcall/opcall/internal/near"
)

func TestMisspeltNameFindsTheNearest(t *testing.T) {
	t.Parallel()
	fields := []string{"model", "messages", "max_tokens", "max_output_tokens", "temperature", "top_p", "prompt_cache_key", "response_format"}
	tests := map[string]struct {
		want  string
		names []string
		near  []string
	}{
		"letter missing":          {"temprature", fields, []string{"temperature"}},
		"letters swapped":         {"mesasges", fields, []string{"messages"}},
		"case and hyphens":        {"Max-Tokens", fields, []string{"max_tokens", "max_output_tokens"}},
		"camel case":              {"maxTokens", fields, []string{"max_tokens", "max_output_tokens"}},
		"a word more":             {"max_total_tokens", fields, []string{"max_tokens", "max_output_tokens"}},
		"a word less":             {"output_tokens", fields, []string{"max_output_tokens"}},
		"one word of many":        {"prompt", fields, nil},
		"short":                   {"top_k", fields, []string{"top_p"}},
		"another name":            {"seed", fields, nil},
		"nothing":                 {"", fields, nil},
		"among nothing":           {"model", nil, nil},
		"the same":                {"model", fields, []string{"model"}},
		"end of a URL":            {"https://example.com/v1/embeddings", []string{"/v1/chat", "/v1/embeddings"}, []string{"/v1/embeddings"}},
		"words, not letters":      {"ChatCompletionRequest", []string{"CreateCompletionRequest", "CreateChatCompletionRequest"}, []string{"CreateChatCompletionRequest", "CreateCompletionRequest"}},
		"half a word":             {"text", []string{"context", "input_text"}, []string{"input_text"}},
		"equally close":           {"cat", []string{"bat", "rat", "cow"}, []string{"bat", "rat"}},
		"at most three":           {"a1", []string{"a2", "a3", "a4", "a5"}, []string{"a2", "a3", "a4"}},
		"bytes that are not text": {"\xff\xfe", []string{"\xff\xfd", "model"}, []string{"\xff\xfd"}},
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

func TestFoldDropsCaseAndSeparators(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"createPet": "createpet", "Create_-Pet ": "createpet", "": "", "é-É": "éÉ"} {
		if got := near.Fold(name); got != want {
			t.Errorf("Fold(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestQuestionListsNamesWithOr(t *testing.T) {
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

// TestNamesAgreeWithTheRulesWrittenPlainly compares Names with the same rules written down plainly.
func TestNamesAgreeWithTheRulesWrittenPlainly(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"max", "Max", "MAX", "tokens", "Tokens", "output", "a", "b", "x", "_", "-", ".", "/", " ", "É", "é", "\xff", "K", "\u212a", "k", "id", "İd", "completion", "item"}
	name := func() string {
		var b strings.Builder
		for range random.IntN(8) {
			b.WriteString(pieces[random.IntN(len(pieces))])
		}
		if random.IntN(50) == 0 {
			b.WriteString(strings.Repeat("ab_", random.IntN(60)))
		}
		return b.String()
	}
	mistyped := func(name string) string {
		text := []byte(name)
		for range random.IntN(4) {
			if i := random.IntN(len(text) + 1); i+1 < len(text) {
				text[i], text[i+1] = text[i+1], text[i]
			} else {
				text = append(text, 'y')
			}
		}
		return string(text)
	}
	rounds := 3000
	if testing.Short() {
		rounds = 500
	}
	for range rounds {
		names := make([]string, 20)
		for i := range names {
			names[i] = name()
		}
		want := name()
		if random.IntN(2) == 0 {
			want = mistyped(names[0])
		}
		if got, book := near.Names(want, names, 5), byTheBook(want, names, 5); !slices.Equal(got, book) {
			t.Fatalf("Names(%q, %q) = %q, want %q", want, names, got, book)
		}
		without := make([]bool, random.IntN(len(names)+1))
		var left []string
		for i, name := range names {
			if i < len(without) {
				without[i] = random.IntN(3) == 0
			}
			if i >= len(without) || !without[i] {
				left = append(left, name)
			}
		}
		for _, n := range []int{1, 3} {
			if got, book := near.NewList(names).Nearest(want, n, without), byTheBook(want, left, n); !slices.Equal(got, book) {
				t.Fatalf("NewList(%q).Nearest(%q, %d, %v) = %q, want %q", names, want, n, without, got, book)
			}
		}
	}
}

func byTheBook(want string, names []string, n int) []string {
	type scored struct {
		name string
		far  float64
	}
	var found []scored
	folded := near.Fold(want)
	limit := max(min(1, len(folded)-1), len(folded)/3)
	for _, name := range names {
		other, far := near.Fold(name), 2.0
		if len(folded) <= 128 && len(other) <= 128 {
			if letters := alignment(folded, other); letters <= limit {
				far = float64(letters) / float64(max(1, limit))
			}
		}
		if share := shared(wordsOf(want), wordsOf(name)); share >= 0.5 {
			far = min(far, 1-share+0.1)
		}
		if far > 1 && strings.HasSuffix(folded, other) && len(other) > 4 && 3*len(other) >= len(folded) {
			far = 1
		}
		if far <= 1 {
			found = append(found, scored{name, far})
		}
	}
	slices.SortStableFunc(found, func(a, b scored) int { return cmp.Compare(a.far, b.far) })
	var out []string
	for _, f := range found[:min(n, len(found))] {
		out = append(out, f.name)
	}
	return out
}

// alignment is the optimal string alignment distance, by its definition.
func alignment(a, b string) int {
	table := make([][]int, len(a)+1)
	for i := range table {
		table[i] = make([]int, len(b)+1)
		for j := range table[i] {
			if i == 0 || j == 0 {
				table[i][j] = i + j
				continue
			}
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			table[i][j] = min(table[i-1][j]+1, table[i][j-1]+1, table[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				table[i][j] = min(table[i][j], table[i-2][j-2]+1)
			}
		}
	}
	return table[len(a)][len(b)]
}

var boundary = regexp.MustCompile(`[_\-./: ]+|([a-z])([A-Z])`)

func wordsOf(name string) []string {
	apart := boundary.ReplaceAllString(name, "$1\x00$2")
	words := strings.FieldsFunc(apart, func(r rune) bool { return r == 0 })
	for i := range words {
		words[i] = strings.ToLower(words[i])
	}
	return words[:min(len(words), 16)]
}

func shared(a, b []string) float64 {
	both, rest := 0, slices.Clone(b)
	for _, word := range a {
		if i := slices.Index(rest, word); i >= 0 && len(word) > 2 {
			both++
			rest = slices.Delete(rest, i, i+1)
		}
	}
	return float64(both) / float64(max(1, len(a)+len(b)-both))
}

// Whoever asks with a text of any length among many names waits for an answer,
// not for minutes.
func BenchmarkNames(b *testing.B) {
	names := make([]string, 1500)
	for i := range names {
		names[i] = strings.Repeat("Name", i%9) + "Of" + strings.Repeat("x", i%50)
	}
	for name, want := range map[string]string{"short": "NameOfxx", "middling": strings.Repeat("NameOf", 4), "longest measured": strings.Repeat("NameOfxx", 16), "long": strings.Repeat("aB_", 100_000)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				near.Names(want, names, 3)
			}
		})
	}
}
