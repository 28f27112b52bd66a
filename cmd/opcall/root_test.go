package main_test

import (
	"testing"

	"github.com/opcall/opcall/cmd/opcall/internal/root"
	"github.com/opcall/opcall/cmd/opcall/internal/session"
	"github.com/opcall/opcall/cmd/opcall/internal/terminal"
)

// commandNames returns the commands that a process with these arguments makes, but for help
// and completion, which every one has.
func commandNames(args ...string) (names []string) {
	for _, c := range root.NewCmdRoot(session.New(terminal.System()), args).Commands() {
		if c.GroupID != "" {
			names = append(names, c.Name())
		}
	}
	return names
}

func TestCommandIsMadeByEachNameItHas(t *testing.T) {
	t.Parallel()
	checked := 0
	for _, c := range root.NewCmdRoot(session.New(terminal.System()), nil).Commands() {
		if c.GroupID == "" {
			continue
		}
		checked++
		if got := commandNames(c.Name()); len(got) != 1 || got[0] != c.Name() || len(c.Aliases) > 0 {
			t.Errorf("%q: made %q, and has the aliases %q, which make no command", c.Name(), got, c.Aliases)
		}
	}
	if checked < 15 {
		t.Errorf("checked %d commands, want all", checked)
	}
}

func TestOtherCommandsAreLeftOutWhereTheFirstWordNamesOne(t *testing.T) {
	t.Parallel()
	all := len(commandNames())
	tests := map[string]struct {
		args  []string
		count int
		name  string // of the only one
	}{
		"a command":                    {[]string{"ops", "file"}, 1, "ops"},
		"a command alone":              {[]string{"serve"}, 1, "serve"},
		"flag before it":               {[]string{"-p", "call", "ops"}, all, ""},
		"help":                         {[]string{"help", "call"}, all, ""},
		"flag for help":                {[]string{"--help"}, all, ""},
		"unknown":                      {[]string{"op"}, all, ""},
		"version":                      {[]string{"--version"}, 0, ""},
		"version and more":             {[]string{"--version", "x"}, all, ""},
		"completion behind a command":  {[]string{"__complete", "call", ""}, 1, "call"},
		"completion of a command":      {[]string{"__complete", "call"}, all, ""},
		"completion of what begins so": {[]string{"__complete", ""}, all, ""},
		"completion behind a flag":     {[]string{"__complete", "-p", "call", ""}, all, ""},
		"completion without words":     {[]string{"__completeNoDesc", "key", "s"}, 1, "key"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := commandNames(tt.args...)
			if len(got) != tt.count || tt.count == 1 && got[0] != tt.name {
				t.Errorf("%q: made %q, want %d (%s)", tt.args, got, tt.count, tt.name)
			}
		})
	}
}
