package main_test

import (
	"cmp"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/opcall/opcall/cmd/opcall/internal/root"
	"github.com/opcall/opcall/cmd/opcall/internal/session"
	"github.com/opcall/opcall/cmd/opcall/internal/terminal"
)

// What the README and the help texts show can be typed: the commands and flags exist, the
// arguments are as many as the command takes, and the operations are those of the document.
func TestCommandLinesOfReadmeAndHelpCanBeTyped(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var shown []string
	for _, rest := range strings.Split(string(readme), "\n```sh\n")[1:] {
		block, _, _ := strings.Cut(rest, "\n```")
		shown = append(shown, block)
	}
	var collect func(cmd *cobra.Command)
	collect = func(cmd *cobra.Command) {
		shown = append(shown, cmd.Example)
		for _, c := range cmd.Commands() {
			collect(c)
		}
	}
	collect(root.NewCmdRoot(session.New(terminal.System()), nil))
	lines := 0
	for _, text := range shown {
		for line := range strings.Lines(strings.ReplaceAll(text, "\\\n", "")) {
			for _, words := range commandsOf(line) {
				if len(words) > 0 && words[0] == "opcall" {
					lines++
					typeWords(t, line, words[1:])
				}
			}
		}
	}
	if lines < 50 {
		t.Errorf("got %d command lines, want all of the README and the help texts", lines)
	}
}

func typeWords(t *testing.T, line string, words []string) {
	t.Helper()
	cmd, rest, err := root.NewCmdRoot(session.New(terminal.System()), nil).Find(words)
	if err != nil {
		t.Errorf("%s%v", line, err)
		return
	}
	if err := cmd.ParseFlags(rest); err != nil {
		t.Errorf("%s%v", line, err)
		return
	}
	args := cmd.Flags().Args()
	if err := cmp.Or(cmd.ValidateArgs(args), cmd.ValidateFlagGroups()); err != nil {
		t.Errorf("%s%v", line, err)
	}
	if cmd.Name() == "call" && len(args) > 0 && !cmd.Flags().Changed("profile") && !cmd.Flags().Changed("spec") {
		operation(t, args[0])
	}
}

// shellWord is a word of a shell, with quotes where a shell takes them.
var shellWord = regexp.MustCompile(`(?:'[^']*'|"[^"]*"|[^\s'"])+`)

// commandsOf splits a line as a shell does, as far as examples need it: quotes, comments,
// pipes, lists of commands. The files of redirections are left out.
func commandsOf(line string) [][]string {
	commands := [][]string{nil}
	found := shellWord.FindAllString(line, -1)
	for i := 0; i < len(found); i++ {
		switch word := found[i]; {
		case strings.HasPrefix(word, "#"):
			return commands
		case word == "|" || word == "&&":
			commands = append(commands, nil)
		case word == ">":
			i++
		default:
			last := len(commands) - 1
			commands[last] = append(commands[last], strings.NewReplacer("'", "", `"`, "").Replace(word))
		}
	}
	return commands
}
