package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/opcall/opcall/cmd/opcall/internal/manual"
	"github.com/opcall/opcall/cmd/opcall/internal/root"
	"github.com/opcall/opcall/cmd/opcall/internal/session"
	"github.com/opcall/opcall/cmd/opcall/internal/terminal"
)

func TestEveryCommandHasAPage(t *testing.T) {
	dir := t.TempDir()
	if err := manual.Write(dir, "1700000000"); err != nil {
		t.Fatal(err)
	}
	var check func(cmd *cobra.Command)
	check = func(cmd *cobra.Command) {
		if cmd.Runnable() {
			name := strings.ReplaceAll(cmd.CommandPath(), " ", "-") + ".1"
			page, err := os.ReadFile(filepath.Join(dir, "man1", name))
			if err != nil {
				t.Errorf("%s: %v", cmd.CommandPath(), err)
			}
			if !strings.Contains(string(page), "Nov 2023") {
				t.Errorf("%s has not the date of SOURCE_DATE_EPOCH", name)
			}
		}
		for _, c := range cmd.Commands() {
			check(c)
		}
	}
	check(root.NewCmdRoot(session.New(terminal.System()), nil))
	for _, name := range []string{"opcall.bash", "_opcall", "opcall.fish", "opcall.ps1"} {
		if script, err := os.ReadFile(filepath.Join(dir, "completions", name)); err != nil || !strings.Contains(string(script), "opcall") {
			t.Errorf("completions/%s: %v", name, err)
		}
	}
}

func TestWrongDateOfTheManualNamesItsVariable(t *testing.T) {
	if err := manual.Write(t.TempDir(), "yesterday"); err == nil || !strings.Contains(err.Error(), "SOURCE_DATE_EPOCH") {
		t.Errorf("got %v, want an error that names SOURCE_DATE_EPOCH", err)
	}
}
