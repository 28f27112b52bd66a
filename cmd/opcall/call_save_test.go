package main_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/opcall/opcall/cmd/opcall/internal/call"
	"github.com/opcall/opcall/cmd/opcall/internal/session"
	"github.com/opcall/opcall/cmd/opcall/internal/terminal"
)

// The name that a server gives a file is a stranger's text: it leads nowhere, hides
// nothing, and does not lose what was paid for.
func TestFileIsSavedUnderANameThatItCanHave(t *testing.T) {
	for name, tt := range map[string]struct{ given, want string }{
		"as given":          {"speech.mp3", "speech.mp3"},
		"out of the folder": {`..\../../etc/passwd`, "passwd"},
		"hidden":            {"..bashrc", "bashrc"},
		"too long":          {strings.Repeat("é", 300) + ".mp3", strings.Repeat("é", 98) + ".mp3"},
		"only an extension": {"a." + strings.Repeat("x", 300), "a." + strings.Repeat("x", 198)},
		"none":              {"/", "createSpeech.mp3"},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "audio/mpeg")
				w.Header().Set("Content-Disposition", `attachment; filename="`+strings.ReplaceAll(tt.given, `\`, `\\`)+`"`)
				io.WriteString(w, "sound")
			}))
			defer server.Close()
			t.Chdir(t.TempDir())
			t.Setenv("OPENAI_API_KEY", "k")
			t.Setenv("OPENAI_BASE_URL", server.URL)
			var out, errs bytes.Buffer
			s := session.New(&terminal.IO{
				In: strings.NewReader(""), Out: &out, Err: &errs, OutTerminal: true,
				Getenv: os.Getenv,
			})
			cmd := call.NewCmdCall(s, nil)
			cmd.SetArgs([]string{"createSpeech", "model=tts-1", "input=a", "voice=alloy"})
			if err := cmd.ExecuteContext(t.Context()); err != nil {
				t.Fatal(err)
			}
			entries, err := os.ReadDir(".")
			if err != nil || len(entries) != 1 || entries[0].Name() != tt.want {
				t.Errorf("got %v, %v, want the file %s\n%s", entries, err, tt.want, errs.String())
			}
		})
	}
}
