package root

import (
	"testing"

	"github.com/opcall/opcall/cmd/opcall/internal/session"
	"github.com/opcall/opcall/cmd/opcall/internal/terminal"
)

func TestCommandsAreMadeByTheNamesTheyHave(t *testing.T) {
	t.Parallel()
	s := session.New(terminal.System())
	for _, c := range commands {
		made := c.make(s)
		if made.Name() != c.name || len(made.Aliases) > 0 {
			t.Errorf("%q: made %q with the aliases %q, which a process with this name does not find", c.name, made.Name(), made.Aliases)
		}
	}
}

func TestOtherCommandsAreLeftOutWhereTheFirstWordNamesOne(t *testing.T) {
	t.Parallel()
	all := len(commands)
	tests := map[string]struct {
		args  []string
		count int
		name  string // of the only one
	}{
		"a command":                    {[]string{"ops", "file"}, 1, "ops"},
		"a command alone":              {[]string{"serve"}, 1, "serve"},
		"flag before it":               {[]string{"-p", "call", "ops"}, all, ""},
		"nothing":                      {nil, all, ""},
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
			got := needed(tt.args)
			if len(got) != tt.count || tt.count == 1 && got[0].name != tt.name {
				t.Errorf("%q needs %d commands, want %d (%s)", tt.args, len(got), tt.count, tt.name)
			}
		})
	}
}
