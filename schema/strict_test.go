package schema_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/schema"
)

// TestStrictAgreesWithJSONSchema cuts, swaps and spoils parts of valid texts:
// whether they are valid still, both say alike.
func TestStrictAgreesWithJSONSchema(t *testing.T) {
	if testing.Short() {
		t.Skip("long: run without -short")
	}
	t.Parallel()
	doc := builtin(t)
	stock := newStock(t, doc)
	random := rand.New(rand.NewPCG(3, 4))
	spoilt := []string{`null`, `7`, `"x"`, `[]`, `{}`, `true`, `[{"type":"text","text":"x"}]`, `{"type":"auto"}`, `-1.5`}
	compared, valid := 0, 0
	for _, p := range payloads {
		for range 300 {
			text := p.text
			for range 1 + random.IntN(2) {
				i := random.IntN(len(text))
				quote := strings.IndexByte(text[i:], ':')
				if quote < 0 {
					continue
				}
				at := i + quote + 1
				end := at + valueEnd(text[at:])
				text = text[:at] + spoilt[random.IntN(len(spoilt))] + text[end:]
			}
			if !json.Valid([]byte(text)) { // the colon was within a string
				continue
			}
			compared++
			if stock.compare(t, doc, p.component, []byte(text)) {
				valid++
			}
		}
	}
	if compared < 1000 || valid < 50 || compared-valid < 50 {
		t.Errorf("%d texts were compared, %d of them valid: that says little", compared, valid)
	}
}

// valueEnd returns where the JSON value at the beginning of text ends.
func valueEnd(text string) int {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			if depth--; depth < 0 {
				return i
			}
		case c == ',' && depth == 0:
			return i
		}
	}
	return len(text)
}

// An error outlives the text that it is about: the caller may write over that.
func TestErrorsKeepNoPartOfTheText(t *testing.T) {
	t.Parallel()
	doc := builtin(t)
	texts := map[string]string{
		"number":        `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"temperature":3.25}`,
		"unknown field": `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"temprature":1}`,
		"enum":          `{"model":"gpt-4o","messages":[{"role":"usr","content":"hi"}]}`,
		"misspelt":      `{"model":"gpt-4o","messages":[{"role":"user","contents":"hi"}],"tipe":"x"}`,
		"wrapped":       `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"tools":[{"type":"function","name":"f"}]}`,
		"several":       `{"model":7,"messages":[{"rol":"user"}],"top_k":40,"logit_bias":{"some token":"x"}}`,
		"not JSON":      `{"model":"gpt-4o","model":"gpt-4o"}`,
		"syntax":        `{"model":zebra}`,
		"number size":   `{"model":1e123456}`,
	}
	for name, text := range texts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			raw := []byte(text)
			err := doc.Validate("CreateChatCompletionRequest", raw)
			strict := doc.Validate("CreateChatCompletionRequest", raw, schema.WithTier(schema.Strict))
			findings := doc.Check("CreateChatCompletionRequest", raw)
			_, hook := doc.ValidateWebhook(raw)
			said := func() string {
				all := problems(t, err) + problems(t, strict) + problems(t, hook)
				for _, f := range findings {
					all += everything(f.Problem)
				}
				return all
			}
			before := said()
			for i := range raw {
				raw[i] = '#'
			}
			if diff := cmp.Diff(before, said()); diff != "" {
				t.Errorf("-before +after:\n%s", diff)
			}
		})
	}
}

// problems is all that an error says.
func problems(tb testing.TB, err error) string {
	tb.Helper()
	if err == nil {
		return ""
	}
	var invalid *schema.ValidationError
	if !errors.As(err, &invalid) {
		tb.Fatalf("got %T %v, want a *ValidationError", err, err)
	}
	var all string
	for _, p := range invalid.Problems {
		all += everything(p)
	}
	return all + invalid.Error()
}

func everything(p schema.Problem) string {
	return fmt.Sprintf("%q\n", []any{p.Pointer, p.Keyword, p.Component, p.Schema, p.Got, p.Want, p.Nearest, p.Message})
}
