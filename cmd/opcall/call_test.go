package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/cmd/opcall/internal/call"
	"github.com/opcall/opcall/cmd/opcall/internal/session"
	"github.com/opcall/opcall/cmd/opcall/internal/terminal"
	"github.com/opcall/opcall/internal/curl"
	"github.com/opcall/opcall/schema"
)

func TestFlagsReachTheOptions(t *testing.T) {
	var got *call.Options
	s := session.New(&terminal.IO{Getenv: func(string) string { return "" }})
	cmd := call.NewCmdCall(s, func(_ context.Context, opts *call.Options) error { got = opts; return nil })
	cmd.SetArgs([]string{"createFile", "-d", "{}", "a=b", "--stream", "-i", "--yes", "--to", "x", "--validate", "strict", "--unknown-fields", "-o", "yaml", "--select", "id"})
	cmd.SetOut(io.Discard)
	if err := cmd.Execute(); err != nil {
		t.Fatal(err)
	}
	if got.Operation != "createFile" || !cmp.Equal(got.Arguments, []string{"a=b"}) || got.Data != "{}" ||
		!got.Stream || !got.Include || !got.Yes || got.To != "x" || got.Tier.Tier != schema.Strict || !got.UnknownFields ||
		got.Output.Format != "yaml" || got.Output.Select != "id" {
		t.Errorf("got %+v", got)
	}
}

func TestEverySkeletonIsValid(t *testing.T) {
	c, err := client.New(client.WithoutEnvironment())
	if err != nil {
		t.Fatal(err)
	}
	var out, notes bytes.Buffer
	s := session.New(&terminal.IO{Out: &out, Err: &notes, Getenv: func(string) string { return "" }})
	checked := 0
	for op := range c.Document().Operations() {
		out.Reset()
		notes.Reset()
		cmd := call.NewCmdCall(s, nil)
		cmd.SetArgs([]string{op.ID, "--skeleton"})
		if err := cmd.ExecuteContext(t.Context()); err != nil {
			t.Errorf("%s: %v", op.ID, err)
			continue
		}
		checked++
		text, files := out.String(), noted.FindAllString(notes.String(), -1)
		var params any = json.RawMessage(text)
		if len(files) > 0 {
			if params, err = withFiles(text, files); err != nil {
				t.Errorf("%s: %v\n%s", op.ID, err, text)
				continue
			}
		}
		if err := c.Validate(op.ID, params); err != nil {
			t.Errorf("%s: %v\n%s\n%s", op.ID, err, text, files)
		}
	}
	if checked < 280 {
		t.Errorf("checked %d operations, want all", checked)
	}
}

// noted finds the arguments for files that notes beside a skeleton ask for.
var noted = regexp.MustCompile(`\S+=@FILE`)

// withFiles adds to a skeleton the files that its notes ask for, "file=@FILE" or
// "files[]=@FILE".
func withFiles(text string, files []string) (client.Params, error) {
	var params client.Params
	if err := json.Unmarshal([]byte(text), &params); err != nil {
		return nil, err
	}
	for _, argument := range files {
		name, _, _ := strings.Cut(argument, "=")
		if _, there := params[name]; there {
			return nil, fmt.Errorf("%s is missing, and is there", name)
		}
		file := client.File{Name: "a.png", Body: strings.NewReader("a")}
		if list, ok := strings.CutSuffix(name, "[]"); ok {
			params[list] = []client.File{file}
		} else {
			params[name] = file
		}
	}
	return params, nil
}

func TestShellReadsQuotedWordsAsTheyWere(t *testing.T) {
	for _, word := range []string{
		"plain", "", "it's", `a "b" c`, "$HOME `id` \\ !", "two\nlines", "--x=y", "*?[]{}", "日本語", "Bearer $KEY", `$KEY"'`, "a$KEY$HOME`id`",
	} {
		out, err := exec.Command("sh", "-c", "KEY=secret; printf '%s' "+curl.Quote(word, []string{"KEY"})).Output()
		if err != nil {
			t.Fatalf("%q: %v", word, err)
		}
		if want := strings.Replace(word, "$KEY", "secret", 1); string(out) != want {
			t.Errorf("%q is quoted as %s, which a shell reads as %q", word, curl.Quote(word, []string{"KEY"}), out)
		}
	}
}
