// Package manual writes the man pages of the command and its completion scripts as files.
// The command itself does not carry what makes them.
package manual

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/opcall/opcall/cmd/opcall/internal/complete"
	"github.com/opcall/opcall/cmd/opcall/internal/root"
	"github.com/opcall/opcall/cmd/opcall/internal/session"
	"github.com/opcall/opcall/cmd/opcall/internal/terminal"
)

// Write writes the folders man1 and completions into dir. The date in the pages is epoch, in
// seconds since 1970, or today where that is empty.
func Write(dir, epoch string) error {
	date := time.Now()
	if epoch != "" {
		seconds, err := strconv.ParseInt(epoch, 10, 64)
		if err != nil {
			return fmt.Errorf("SOURCE_DATE_EPOCH: %w", err)
		}
		date = time.Unix(seconds, 0).UTC()
	}
	cmd := root.NewCmdRoot(session.New(terminal.System()), nil)
	cmd.DisableAutoGenTag = true
	man, completions := filepath.Join(dir, "man1"), filepath.Join(dir, "completions")
	if err := errors.Join(os.MkdirAll(man, 0o755), os.MkdirAll(completions, 0o755)); err != nil {
		return err
	}
	header := &doc.GenManHeader{Title: "OPCALL", Section: "1", Date: &date, Source: "opcall", Manual: "opcall"}
	if err := doc.GenManTree(cmd, header, man); err != nil {
		return err
	}
	return scripts(cmd, completions)
}

// scripts writes the completion scripts under the names that the shells look for.
func scripts(cmd *cobra.Command, dir string) error {
	for shell, name := range map[string]string{
		"bash": "opcall.bash", "zsh": "_opcall", "fish": "opcall.fish", "powershell": "opcall.ps1",
	} {
		var b bytes.Buffer
		if err := complete.Script(cmd, shell, &b); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o644); err != nil {
			return err
		}
	}
	return nil
}
