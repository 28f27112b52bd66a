package main_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zalando/go-keyring"

	"github.com/opcall/opcall/cmd/opcall/internal/session"
	"github.com/opcall/opcall/cmd/opcall/internal/terminal"
)

// openSession returns a session whose environment is the pairs, and what it says on Err.
func openSession(t *testing.T, config string, pairs ...string) (*session.Session, *bytes.Buffer) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"OPCALL_CONFIG": path}
	for i := 0; i < len(pairs); i += 2 {
		env[pairs[i]] = pairs[i+1]
	}
	var messages bytes.Buffer
	return session.New(&terminal.IO{
		In: strings.NewReader(""), Out: &bytes.Buffer{}, Err: &messages,
		Getenv: func(name string) string { return env[name] },
	}), &messages
}

func TestKeyComesFromTheKeyring(t *testing.T) {
	keyring.MockInit()
	s, messages := openSession(t, "default: openai\nprofiles: {openai: {key: {keyring: work}}}")
	if _, err := s.Client(context.Background()); err == nil || !strings.Contains(err.Error(), "opcall key set work") {
		t.Errorf("got %v, want an error that says how to store the key", err)
	}
	if err := session.StoreKey("work", "sk-1234567890"); err != nil {
		t.Fatal(err)
	}
	c, err := s.Client(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	r, err := c.Request(context.Background(), "listModels", nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Header.Get("Authorization"); got != "Bearer sk-1234567890" {
		t.Errorf("got %q, want the key of the keyring", got)
	}
	if err := session.DeleteKey("work"); err != nil {
		t.Fatal(err)
	}
	if err := session.DeleteKey("work"); err == nil {
		t.Error("a key that is not there can be deleted")
	}
	if messages.Len() > 0 {
		t.Errorf("got the message %q, want none", messages)
	}
}

func TestErrorSaysWhatIsWrongInTheConfig(t *testing.T) {
	for name, tc := range map[string]struct{ config, want string }{
		"no YAML":               {"a: [", "config.yaml"},
		"another name":          {"profile: {}", `unknown name "profile"; did you mean profiles?`},
		"a wrong type":          {"profiles: {a: {overlays: x}}", "overlays"},
		"an empty key":          {"profiles: {a: {key: ''}}", "empty key"},
		"two sources":           {"profiles: {a: {key: {env: A, keyring: B}}}", "no source of a key"},
		"a command that is one": {"profiles: {a: {key: {command: pass show}}}", "list of the program and its arguments"},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := openSession(t, tc.config, "OPCALL_PROFILE", "a")
			if _, err := s.Profile(); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want an error with %q", err, tc.want)
			}
		})
	}
}

func TestPlaceholdersHoldNoKey(t *testing.T) {
	s, _ := openSession(t, "profiles: {a: {key: sk-plain-1234567890, headers: {Authorization: Bearer sk-plain-2, X-Api-Key: sk-plain-3}}}", "OPCALL_PROFILE", "a")
	s.Flags.Headers = []string{"Cookie: session=sk-plain-4"}
	c, err := s.Placeholder(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	r, err := c.Request(context.Background(), "listModels", nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range r.Header {
		if strings.Contains(strings.Join(values, " "), "sk-plain") {
			t.Errorf("the header %s has a key", name)
		}
	}
}

// A command that prints without end would fill the memory until its time is up.
func TestCommandThatPrintsNoKeyIsEnded(t *testing.T) {
	program, err := exec.LookPath("cat")
	if err != nil {
		t.Skip("this system has no cat: ", err)
	}
	long := filepath.Join(t.TempDir(), "long")
	for size, want := range map[int]string{
		60 << 10: "",
		1 << 20:  `profile a: key: the command "` + program + `" for a key printed more than 65536 bytes, want the key`,
	} {
		if err := os.WriteFile(long, []byte("key-0123456789\n"+strings.Repeat("x", size)), 0o600); err != nil {
			t.Fatal(err)
		}
		s, _ := openSession(t, "default: a\nprofiles: {a: {key: {command: ["+program+", "+long+"]}}}")
		_, err = s.Client(context.Background())
		if got := fmt.Sprint(err); err != nil && got != want || err == nil && want != "" {
			t.Errorf("%d bytes: got %v, want %q", size, err, want)
		}
	}
}
