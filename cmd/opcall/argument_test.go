package main_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/cmd/opcall/internal/argument"
	"github.com/opcall/opcall/embed"
	"github.com/opcall/opcall/schema"
)

func operation(tb testing.TB, id string) *schema.Operation {
	tb.Helper()
	doc, err := schema.Load(embed.OpenAI(), schema.WithoutChecks())
	if err != nil {
		tb.Fatal(err)
	}
	op, err := doc.Operation(id)
	if err != nil {
		tb.Fatal(err)
	}
	return op
}

func TestArgumentsGetTheTypesOfTheirSchemas(t *testing.T) {
	for name, tc := range map[string]struct {
		operation string
		args      []string
		data      string
		want      string
	}{
		"numbers, booleans, texts":  {"createChatCompletion", []string{"n=2", "store=true", "user=7", "temperature=1e-1"}, "", `{"n":2,"store":true,"temperature":1e-1,"user":"7"}`},
		"null where nothing else":   {"createChatCompletion", []string{"temperature=null"}, "", `{"temperature":null}`},
		"a wrong type stays text":   {"createChatCompletion", []string{"n=two"}, "", `{"n":"two"}`},
		"JSON where it is meant":    {"createChatCompletion", []string{`tool_choice={"type":"function"}`, "tool_choice2=[1]"}, "", `{"tool_choice":{"type":"function"},"tool_choice2":[1]}`},
		"a word of an enum":         {"createChatCompletion", []string{"tool_choice=auto"}, "", `{"tool_choice":"auto"}`},
		"maps":                      {"createChatCompletion", []string{`metadata.a\.b=1`, "metadata[c]=true", "logit_bias.50256=-100"}, "", `{"logit_bias":{"50256":-100},"metadata":{"a.b":"1","c":"true"}}`},
		"schemas in schemas":        {"createChatCompletion", []string{"tools[].type=function", "tools[].function.parameters.properties.n.maximum=5"}, "", `{"tools":[{"function":{"parameters":{"properties":{"n":{"maximum":5}}}},"type":"function"}]}`},
		"lists of lists":            {"createEmbedding", []string{"input[][]=1", "input[][]=2"}, "", `{"input":[[1,2]]}`},
		"items by index":            {"createEmbedding", []string{"input[0]=a", "input[1]=b"}, "", `{"input":["a","b"]}`},
		"an empty list":             {"createChatCompletion", []string{"messages[]"}, "", `{"messages":[]}`},
		"a parameter with brackets": {"getResponse", []string{"response_id=r", "include[]=usage"}, "", `{"include":["usage"],"response_id":"r"}`},
		"over data":                 {"createChatCompletion", []string{"n=2", "metadata.a=1"}, `{"n":1,"metadata":{"a":"0","b":"0"}}`, `{"metadata":{"a":"1","b":"0"},"n":2}`},
		"names that lead nowhere":   {"createChatCompletion", []string{"nothing.at.all=5", "nothing.here=x"}, "", `{"nothing":{"at":{"all":5},"here":"x"}}`},
	} {
		t.Run(name, func(t *testing.T) {
			r := argument.Reader{Stdin: strings.NewReader("")}
			if err := r.Read(operation(t, tc.operation), tc.data, tc.args); err != nil {
				t.Fatal(err)
			}
			got, err := json.Marshal(r.Params)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, string(got)); diff != "" {
				t.Errorf("%q (-want +got):\n%s", tc.args, diff)
			}
		})
	}
}

func TestCloseClosesTheFilesOfArguments(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.jsonl")
	if err := os.WriteFile(path, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := argument.Reader{Stdin: strings.NewReader("")}
	if err := r.Read(operation(t, "createFile"), "", []string{"purpose=batch", "file=@" + path}); err != nil {
		t.Fatal(err)
	}
	file, ok := r.Params.(client.Params)["file"].(client.File)
	if !ok {
		t.Fatalf("got %T, want a file", r.Params.(client.Params)["file"])
	}
	r.Close()
	if _, err := file.Body.Read(make([]byte, 1)); err == nil {
		t.Error("the file is open after Close")
	}
}

func TestErrorsDoNotQuoteValues(t *testing.T) {
	const secret = "sk-secret-1234567890"
	for _, arg := range []string{"messages=" + secret, "input..x=" + secret, "a[=" + secret, "user:=" + secret, "user=@/nowhere/" + secret} {
		r := argument.Reader{Stdin: strings.NewReader("")}
		err := r.Read(operation(t, "createChatCompletion"), "", []string{arg})
		if err == nil {
			t.Errorf("%q is not an error", arg)
			continue
		}
		if strings.Contains(err.Error(), secret) && !strings.Contains(arg, "@") && !strings.HasPrefix(arg, "messages=") {
			t.Errorf("%q: %v", arg, err)
		}
	}
}

func FuzzArguments(f *testing.F) {
	for _, seed := range []string{"a=1", "messages[].role=user", "messages[0][1].x:=[]", "a[b][]=@@x", `a\.b\`, "=", "[]", "a[].b[].c=", "metadata.x=null"} {
		f.Add(seed, seed)
	}
	op := operation(f, "createChatCompletion")
	f.Fuzz(func(t *testing.T, one, two string) {
		if strings.Contains(one+two, "=@") {
			t.Skip() // files of the machine
		}
		r := argument.Reader{Stdin: strings.NewReader("{}"), DryRun: true}
		if err := r.Read(op, "", []string{one, two}); err != nil {
			if err.Error() == "" || len(err.Error()) > 1000 {
				t.Errorf("%q, %q: error of %d bytes", one, two, len(err.Error()))
			}
			return
		}
		if _, err := json.Marshal(r.Params); err != nil {
			t.Errorf("%q, %q: %v", one, two, err)
		}
	})
}
