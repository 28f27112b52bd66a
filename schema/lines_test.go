package schema_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/embed"
	"github.com/opcall/opcall/schema"
)

// withFormats is the built-in document, which has the formats of lines as
// errata.
var withFormats = sync.OnceValues(func() (*schema.Document, error) {
	return schema.Load(embed.OpenAI(), schema.WithoutChecks())
})

// verdicts prints each verdict on a line: "3: ok", "4: what is wrong", and what
// ended the iteration.
func verdicts(doc *schema.Document, component string, r io.Reader, opts ...schema.ValidateOption) []string {
	var got []string
	for line, err := range doc.ValidateLines(component, r, opts...) {
		switch {
		case err != nil:
			got = append(got, "end: "+err.Error())
		case line.Err != nil:
			got = append(got, fmt.Sprintf("%d: %v", line.Number, line.Err))
		default:
			got = append(got, fmt.Sprintf("%d: ok", line.Number))
		}
	}
	return got
}

func TestValidateLinesNamesTheLineOfAMistake(t *testing.T) {
	t.Parallel()
	const good = `{"kind":"film"}`
	tests := map[string]struct {
		text string
		want []string
	}{
		"empty":                     {"", nil},
		"only line ends":            {"\n\r\n \n", nil},
		"one line":                  {good + "\n", []string{"1: ok"}},
		"no line end":               {good, []string{"1: ok"}},
		"CRLF":                      {good + "\r\n" + good + "\r\n", []string{"1: ok", "2: ok"}},
		"byte order mark":           {"\ufeff" + good + "\n", []string{"1: ok"}},
		"byte order mark elsewhere": {good + "\n\ufeff" + good, []string{"1: ok", `2: line 2: /: invalid JSON at line 2, column 1: got '\ufeff', want a value`}},
		"empty lines are counted":   {"\n\n" + good + "\n\n" + good + "\n\n", []string{"3: ok", "5: ok"}},
		"white space around":        {"  " + good + "\t\r\n", []string{"1: ok"}},
		"a mistake":                 {good + "\n" + `{"kind":"film","minutes":"90"}` + "\n" + good, []string{"1: ok", `2: line 2: /minutes: got string "90", want number (Film)`, "3: ok"}},
		"two mistakes":              {`{"kind":"film","minutes":"90","mood":1}`, []string{"1: line 1: 2 problems\n  /minutes: got string \"90\", want number (Film)\n  /mood: unknown field \"mood\" (Film)"}},
		"broken JSON":               {good + "\n" + `{"kind":"film"` + "\n" + good, []string{"1: ok", "2: line 2: /: invalid JSON at line 2, column 15: the text ends, want ',' or '}'", "3: ok"}},
		"two values on a line":      {good + good, []string{"1: line 1: /: invalid JSON at line 1, column 16: got more text after the value"}},
		"a value on two lines":      {"{\"kind\":\n\"film\"}", []string{"1: line 1: /: invalid JSON at line 1, column 9: the text ends, want a value", "2: line 2: /: invalid JSON at line 2, column 7: got more text after the value"}},
		"not an object":             {"7", []string{"1: line 1: /: got number 7, want object (Film)"}},
		"bad UTF-8":                 {"{\"kind\":\"\xff\"}", []string{"1: line 1: /: invalid JSON at line 1, column 10: got a byte that is not UTF-8"}},
	}
	doc := openShop(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, verdicts(doc, "Film", strings.NewReader(tt.text))); diff != "" {
				t.Errorf("%q (-want +got):\n%s", tt.text, diff)
			}
			if diff := cmp.Diff(tt.want, verdicts(doc, "Film", iotest.OneByteReader(strings.NewReader(tt.text)))); diff != "" {
				t.Errorf("%q byte by byte (-want +got):\n%s", tt.text, diff)
			}
		})
	}
}

func TestValidateLinesTakesOptions(t *testing.T) {
	t.Parallel()
	doc := openShop(t)
	const text = `{"kind":"film","mood":1}` + "\n" + `{"kind":"film","minutes":true}` + "\n{"
	broken := "/: invalid JSON at line 3, column 2: the text ends, want a member name in quotes"
	tests := map[string]struct {
		opts []schema.ValidateOption
		want []string
	}{
		"default":      {nil, []string{`1: line 1: /mood: unknown field "mood" (Film)`, "2: line 2: /minutes: got boolean true, want number (Film)", "3: line 3: " + broken}},
		"subject":      {[]schema.ValidateOption{schema.WithSubject("films.jsonl")}, []string{`1: films.jsonl line 1: /mood: unknown field "mood" (Film)`, "2: films.jsonl line 2: /minutes: got boolean true, want number (Film)", "3: films.jsonl line 3: " + broken}},
		"unknown":      {[]schema.ValidateOption{schema.WithUnknownFields()}, []string{"1: ok", "2: line 2: /minutes: got boolean true, want number (Film)", "3: line 3: " + broken}},
		"strict":       {[]schema.ValidateOption{schema.WithTier(schema.Strict)}, []string{"1: ok", "2: line 2: /minutes: got boolean true, want number (Film)", "3: line 3: " + broken}},
		"lenient":      {[]schema.ValidateOption{schema.WithTier(schema.Lenient)}, []string{"1: ok", "2: ok", "3: ok"}},
		"off":          {[]schema.ValidateOption{schema.WithTier(schema.Off)}, []string{"1: ok", "2: ok", "3: ok"}},
		"off, batches": {[]schema.ValidateOption{schema.WithTier(schema.Off)}, []string{"1: ok", "2: ok", "3: ok"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			component := "Film"
			if strings.Contains(name, "batches") {
				component = schema.BatchRequestInput
			}
			if diff := cmp.Diff(tt.want, verdicts(doc, component, strings.NewReader(text), tt.opts...)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestValidateLinesEndsWithAnError(t *testing.T) {
	t.Parallel()
	doc := openShop(t)
	torn := errors.New("the cable is torn")
	var got []error
	numbers := 0
	for line, err := range doc.ValidateLines("Film", io.MultiReader(strings.NewReader("{\"kind\":\"film\"}\n{\"ki"), iotest.ErrReader(torn))) {
		if err != nil {
			got = append(got, err)
		} else {
			numbers += line.Number
		}
	}
	var lineErr *schema.LineError
	if len(got) != 1 || !errors.Is(got[0], torn) || !errors.As(got[0], &lineErr) || lineErr.Number != 2 {
		t.Errorf("a reader that fails in line 2: got %v, want one *LineError of line 2 that wraps %v", got, torn)
	}
	if numbers != 1 {
		t.Errorf("before the failure lines with the sum %d were validated, want line 1 alone", numbers)
	}
	got = nil
	for _, err := range doc.ValidateLines("Flim", strings.NewReader("{}\n{}")) {
		got = append(got, err)
	}
	var unknown *schema.UnknownComponentError
	if len(got) != 1 || !errors.As(got[0], &unknown) || len(unknown.Nearest) == 0 || unknown.Nearest[0] != "Film" {
		t.Errorf("an unknown component: got %v, want one *UnknownComponentError that names Film", got)
	}
}

func TestValidateLinesStopsWhenLeft(t *testing.T) {
	t.Parallel()
	r := strings.NewReader(strings.Repeat("{\"kind\":\"film\"}\n", 100_000))
	for range openShop(t).ValidateLines("Film", r) {
		break
	}
	if r.Len() < 1_000_000 {
		t.Errorf("%d bytes are left, want most of them: the loop was left at once", r.Len())
	}
}

// endless is a line without end, up to size.
type endless struct{ size int }

func (e *endless) Read(p []byte) (int, error) {
	if e.size <= 0 {
		return 0, io.EOF
	}
	n := min(len(p), e.size)
	for i := range p[:n] {
		p[i] = '7'
	}
	e.size -= n
	return n, nil
}

func TestValidateLinesBoundsALine(t *testing.T) {
	if testing.Short() {
		t.Skip("reads a line of 74 MB: run without -short")
	}
	t.Parallel()
	long := &endless{size: schema.MaxLine + 10_000_000}
	r := io.MultiReader(strings.NewReader("{\"kind\":\"film\"}\n"), long, strings.NewReader("\n{\"kind\":\"film\"}\n"))
	var numbers []int
	for line, err := range openShop(t).ValidateLines("Film", r) {
		if err != nil {
			t.Fatal(err)
		}
		numbers = append(numbers, line.Number)
		var lineErr *schema.LineError
		if tooLong := errors.As(line.Err, &lineErr); tooLong != (line.Number == 2) || tooLong && (lineErr.Number != 2 || line.Text != "") {
			t.Errorf("line %d: got %v", line.Number, line.Err)
		}
	}
	if diff := cmp.Diff([]int{1, 2, 3}, numbers); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestValidateLinesKeepsOneLine holds that memory does not grow with the file.
func TestValidateLinesKeepsOneLine(t *testing.T) {
	doc := openShop(t)
	line := []byte(`{"kind":"book","title":"` + strings.Repeat("x", 64<<10) + `"}` + "\n")
	r := io.LimitReader(&repeated{text: line}, int64(len(line))*500) // 32 MB
	var most uint64
	var stats runtime.MemStats
	for line, err := range doc.ValidateLines("Book", r) {
		if err != nil || line.Err != nil {
			t.Fatal(err, line.Err)
		}
		if line.Number%100 == 0 {
			runtime.GC()
			runtime.ReadMemStats(&stats)
			most = max(most, stats.HeapAlloc)
		}
	}
	if most > 16<<20 {
		t.Errorf("%d MB of heap in use, want a few", most>>20)
	}
}

type repeated struct {
	text []byte
	at   int
}

func (r *repeated) Read(p []byte) (int, error) {
	n := copy(p, r.text[r.at:])
	r.at = (r.at + n) % len(r.text)
	return n, nil
}

func TestFineTuningLinesAreCheckedByFormat(t *testing.T) {
	t.Parallel()
	doc, err := withFormats()
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct{ component, text, want string }{
		"chat":               {"FineTuneChatRequestInput", `{"messages":[{"role":"system","content":"s"},{"role":"user","content":"u"},{"role":"assistant","content":"a","weight":0}]}`, "1: ok"},
		"chat with a tool":   {"FineTuneChatRequestInput", `{"messages":[{"role":"user","content":"u"},{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]}],"tools":[{"type":"function","function":{"name":"f"}}],"parallel_tool_calls":false}`, "1: ok"},
		"wrong role":         {"FineTuneChatRequestInput", `{"messages":[{"role":"usr","content":"u"}]}`, `1: line 1: /messages/0/role: got "usr", want one of "user", "system", "assistant", "tool", "function"; did you mean "user"? (ChatCompletionRequestUserMessage)`},
		"wrong weight":       {"FineTuneChatRequestInput", `{"messages":[{"role":"assistant","content":"a","weight":2}]}`, `1: line 1: /messages/0/weight: got number 2, want one of 0, 1 (FineTuneChatCompletionRequestAssistantMessage)`},
		"no messages":        {"FineTuneChatRequestInput", `{"prompt":"p","completion":"c"}`, "1: line 1: 3 problems\n  /: missing property \"messages\" (FineTuneChatRequestInput)\n  /completion: unknown field \"completion\" (FineTuneChatRequestInput)\n  /prompt: unknown field \"prompt\" (FineTuneChatRequestInput)"},
		"preference":         {"FineTunePreferenceRequestInput", `{"input":{"messages":[{"role":"user","content":"u"}]},"preferred_output":[{"role":"assistant","content":"a"}],"non_preferred_output":[{"role":"assistant","content":"b"}]}`, "1: ok"},
		"preference of text": {"FineTunePreferenceRequestInput", `{"input":{"messages":[{"role":"user","content":"u"}]},"preferred_output":"a","non_preferred_output":[]}`, `1: line 1: /preferred_output: got string "a", want array of ChatCompletionRequestAssistantMessage (FineTunePreferenceRequestInput)`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := strings.Join(verdicts(doc, tt.component, strings.NewReader(tt.text)), "\n"); got != tt.want {
				t.Errorf("%s:\n got %s\nwant %s", tt.text, got, tt.want)
			}
		})
	}
}

// FuzzValidateLines holds the reader to one verdict a line that is not empty,
// numbered as they stand.
func FuzzValidateLines(f *testing.F) {
	const request = `{"custom_id":"a","method":"POST","url":"/v2/orders","body":{"id":"o1","items":[{"kind":"film"}]}}`
	for _, seed := range []string{
		"", "\n", request, request + "\r\n\n" + request, "\ufeff" + request, `{"custom_id":1}` + "\n[]\n{\n\xff",
		`{"kind":"film"}` + "\n" + `{"kind":"film","trailers":[{}]}`, "\r\r\n", `{"url":"/v2/orders/%zz/label","method":"PUT","body":7}`,
	} {
		f.Add(seed)
	}
	doc := openShop(f)
	f.Fuzz(func(t *testing.T, text string) {
		want := 0
		for i, line := range strings.Split(text, "\n") {
			if i == 0 {
				line = strings.TrimPrefix(line, "\ufeff")
			}
			if strings.TrimRight(line, " \t\r\n") != "" {
				want++
			}
		}
		for _, component := range []string{"Film", schema.BatchRequestInput} {
			got, last := 0, 0
			for line, err := range doc.ValidateLines(component, strings.NewReader(text)) {
				if err != nil {
					t.Fatalf("%q: %v", text, err)
				}
				if line.Number <= last {
					t.Errorf("%q: line %d after line %d", text, line.Number, last)
				}
				last = line.Number
				got++
				if line.Err == nil && !json.Valid([]byte(line.Text)) {
					t.Errorf("%q: line %d is good and not JSON: %q", text, line.Number, line.Text)
				}
				var invalid *schema.ValidationError
				if line.Err != nil && !errors.As(line.Err, &invalid) {
					t.Errorf("%q: line %d: %T", text, line.Number, line.Err)
				}
			}
			if got != want {
				t.Errorf("%q: %d verdicts, want %d", text, got, want)
			}
		}
	})
}

func BenchmarkValidateLines(b *testing.B) {
	doc := openBuiltin(b)
	for name, file := range map[string]struct{ component, line string }{
		"component": {"CreateChatCompletionRequest", smallChat},
		"batch":     {schema.BatchRequestInput, `{"custom_id":"%d","method":"POST","url":"/v1/chat/completions","body":` + smallChat + `}`},
	} {
		b.Run(name, func(b *testing.B) {
			var text bytes.Buffer
			for i := range 100 {
				text.WriteString(strings.Replace(file.line, "%d", fmt.Sprint(i), 1) + "\n")
			}
			b.ReportAllocs()
			b.SetBytes(int64(text.Len()))
			for b.Loop() {
				n := 0
				for line, err := range doc.ValidateLines(file.component, bytes.NewReader(text.Bytes())) {
					if err != nil || line.Err != nil {
						b.Fatal(err, line.Err)
					}
					n++
				}
				if n != 100 {
					b.Fatalf("%d lines, want 100", n)
				}
			}
		})
	}
}
