package client_test

import (
	"encoding/json"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// sentField returns the body of a request whose field "x" has a value.
func sentField(t *testing.T, value any) (string, error) {
	t.Helper()
	c, err := client.New(client.WithAPIKey("test"), client.WithRequestValidation(schema.Off), client.WithUnknownFields())
	if err != nil {
		t.Fatal(err)
	}
	req, err := c.Request(t.Context(), "createChatCompletion", client.Params{"x": value})
	if err != nil {
		return "", err
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body), nil
}

// listed appends itself where its text is JSON.
type listed string

func (l *listed) AppendJSON(dst []byte) ([]byte, bool) { return append(dst, *l...), *l != "" }
func (l *listed) MarshalJSON() ([]byte, error)         { return []byte(` "by MarshalJSON" `), nil }

// What is written without encoding/json has the same bytes.
func TestParamsAreWrittenAsByEncodingJSON(t *testing.T) {
	type named map[string]any
	type row struct {
		B string `json:"b,omitempty"`
		A any
	}
	tests := map[string]any{
		"texts":            []any{"", "a\"b\\\n\x00\u2028<&>é", "\xff", "\xed\xa0\x80"},
		"numbers":          []any{0, -1, math.MinInt64, int64(math.MaxInt64), 0.1, 1e21, 1e-7, float32(0.1), uint8(3), json.Number("1e400")},
		"words":            []any{nil, true, false, (*int)(nil)},
		"sorted members":   client.Params{"b": 1, "a": 2, "A": 3, "é": 4, "\xff": 5, "": 6, "aa": 7, "a\"": 8, "b1": 9, "b0": 10},
		"nothing":          []any{client.Params{}, client.Params(nil), map[string]any(nil), []any{}, []any(nil), []string(nil), []listed(nil), named(nil)},
		"nested":           map[string]any{"a": []any{map[string]any{"b": client.Params{"c": []any{[]any{}, 1}}}}},
		"other types":      []any{row{"x", client.Params{"z": 1, "y": "<"}}, &row{}, []string{"a"}, []int{1}, []byte("bytes"), named{"b": 1, "a": 2}, map[int]bool{2: true, 1: false}, [2]int{1, 2}},
		"text with spaces": []any{json.RawMessage(` { "a" : [ 1 , 2 ] } `)},
	}
	for name, value := range tests {
		t.Run(name, func(t *testing.T) {
			want, err := jsonscan.Marshal(map[string]any{"x": value})
			if err != nil {
				t.Fatal(err)
			}
			got, err := sentField(t, value)
			if err != nil || got != string(want) {
				t.Errorf("got %s, %v\nwant %s", got, err, want)
			}
		})
	}
}

func TestListThatAppendsWhatIsNotJSON(t *testing.T) {
	got, err := sentField(t, []listed{`{"a":1}`, "", `{"a"`, "2"})
	if want := `{"x":[{"a":1},"by MarshalJSON","by MarshalJSON",2]}`; err != nil || got != want {
		t.Errorf("got %s, %v\nwant %s", got, err, want)
	}
}

// A value that encoding/json refuses is refused however deep it is, and leaves nothing of
// itself in the request.
func TestParamsThatCannotBeWritten(t *testing.T) {
	circle := client.Params{"a": 1}
	circle["b"] = []any{"text", circle}
	tests := map[string]struct {
		value any
		want  string
	}{
		"circle":   {circle, "encountered a cycle"},
		"function": {[]any{1, client.Params{"a": func() {}}}, "unsupported type: func()"},
		"NaN":      {map[string]any{"a": math.NaN()}, "unsupported value: NaN"},
		"file":     {client.Params{"a": []any{1, client.File{Name: "f.txt", Body: strings.NewReader("")}}}, `got file "f.txt" inside of it`},
		"bad JSON": {[]any{json.RawMessage(`{"a"`)}, "unexpected end of JSON input"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := sentField(t, test.value)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %s, %v\nwant an error with %q", got, err, test.want)
			}
		})
	}
}
