// Package key is the command "opcall key": keys in the system's keyring.
package key

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/opcall/opcall/cmd/opcall/internal/session"
	"github.com/opcall/opcall/cmd/opcall/internal/usage"
)

// Options are those of one run.
type Options struct {
	*session.Session
	Name string
}

// NewCmdKey returns the command with its commands.
func NewCmdKey(s *session.Session) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "key",
		Short: "Store keys in the system's keyring",
		Long: `Store keys where the system keeps passwords: Keychain, Credential Manager, Secret Service.
A profile names one by {keyring: NAME}.`,
	}
	usage.Group(cmd)
	cmd.AddCommand(NewCmdSet(s, nil), NewCmdDelete(s, nil))
	return cmd
}

// NewCmdSet returns the command; runF, where it is not nil, takes the place of what it
// does.
func NewCmdSet(s *session.Session, runF func(*Options) error) *cobra.Command {
	opts := &Options{Session: s}
	return &cobra.Command{
		Use:     "set NAME",
		Short:   "Store a key, read from the terminal or from standard input",
		Example: "  opcall key set openai\n  pass show openai | opcall key set openai",
		Args:    usage.Exactly("NAME"),
		RunE: func(_ *cobra.Command, args []string) error {
			opts.Name = args[0]
			if runF != nil {
				return runF(opts)
			}
			key, err := opts.ReadSecret(fmt.Sprintf("key of %s (not shown): ", opts.Name))
			if err != nil && !errors.Is(err, io.EOF) {
				return err
			}
			if key = strings.TrimSpace(key); key == "" {
				return errors.New("got no key; type it, or give it on standard input")
			}
			if err := session.StoreKey(opts.Name, key); err != nil {
				return err
			}
			fmt.Fprintf(opts.Err, "stored; a profile uses it by key: {keyring: %s}\n", opts.Name)
			return nil
		},
	}
}

// NewCmdDelete returns the command; runF, where it is not nil, takes the place of what it
// does.
func NewCmdDelete(s *session.Session, runF func(*Options) error) *cobra.Command {
	opts := &Options{Session: s}
	return &cobra.Command{
		Use:   "delete NAME",
		Short: "Take a key out of the keyring",
		Args:  usage.Exactly("NAME"),
		RunE: func(_ *cobra.Command, args []string) error {
			opts.Name = args[0]
			if runF != nil {
				return runF(opts)
			}
			return session.DeleteKey(opts.Name)
		},
	}
}
