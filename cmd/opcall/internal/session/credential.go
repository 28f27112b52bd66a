package session

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/zalando/go-keyring"
)

// keyringService is the name under which the system's keyring has the keys.
const keyringService = "opcall"

// Secret says where a key is. Exactly one member is set.
type Secret struct {
	Env     string   // a variable of the environment
	Command []string // a program and its arguments, which prints it
	Keyring string   // a name in the system's keyring, see StoreKey
	text    string   // in the config file itself
}

// UnmarshalJSON reads {env: NAME}, {command: [PROGRAM, ARGUMENT]}, {keyring: NAME}, or the
// key itself.
func (s *Secret) UnmarshalJSON(data []byte) error {
	if json.Unmarshal(data, &s.text) == nil {
		if s.text == "" {
			return errors.New("got an empty key; leave it out, or say where it is")
		}
		return nil
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(data, &members) != nil || len(members) != 1 {
		return errors.New("got no source of a key, want one of {env: NAME}, {command: [PROGRAM, ARGUMENT]} and {keyring: NAME}")
	}
	for name, value := range members {
		switch name {
		case "env":
			return readName(name, value, &s.Env)
		case "keyring":
			return readName(name, value, &s.Keyring)
		case "command":
			if err := json.Unmarshal(value, &s.Command); err != nil || len(s.Command) == 0 {
				return errors.New("command: want a list of the program and its arguments, [pass, show, openai]")
			}
		default:
			return fmt.Errorf("unknown source of a key %.80q, want one of env, command and keyring", name)
		}
	}
	return nil
}

func readName(source string, value []byte, to *string) error {
	if json.Unmarshal(value, to) != nil || *to == "" {
		return fmt.Errorf("%s: want a name", source)
	}
	return nil
}

// Source says in a few words where the key is, and nothing of it.
func (s *Secret) Source() string {
	switch {
	case s.Env != "":
		return "variable " + s.Env
	case s.Command != nil:
		return "command " + s.Command[0]
	case s.Keyring != "":
		return "keyring, " + s.Keyring
	}
	return "config file, in the clear"
}

// Variable is the variable that holds the key in a command that is shown to a person.
func (s *Secret) Variable() string {
	if s != nil && s.Env != "" {
		return s.Env
	}
	return "API_KEY"
}

// commandTimeout bounds a command that prints a key: some of them ask a person.
const commandTimeout = 2 * time.Minute

// read gets the key. Errors name the source and never what it said.
func (s *Session) read(ctx context.Context, secret *Secret) (string, error) {
	switch {
	case secret.Env != "":
		value := strings.TrimSpace(s.Getenv(secret.Env))
		if value == "" {
			return "", fmt.Errorf("the variable %s is not set", secret.Env)
		}
		return value, nil
	case secret.Command != nil:
		return s.runCommand(ctx, secret.Command)
	case secret.Keyring != "":
		return StoredKey(secret.Keyring)
	}
	return secret.text, nil
}

func (s *Session) runCommand(ctx context.Context, command []string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	c := exec.CommandContext(ctx, command[0], command[1:]...)
	c.WaitDelay = time.Second
	var out keyOutput
	c.Stdin, c.Stdout, c.Stderr = s.In, &out, s.Err
	if err := c.Run(); out.over {
		return "", fmt.Errorf("the command %.80q for a key printed more than %d bytes, want the key", command[0], maxKeyOutput)
	} else if err != nil {
		return "", fmt.Errorf("the command %.80q for a key: %w", command[0], err)
	}
	first, _, _ := strings.Cut(strings.TrimSpace(out.text.String()), "\n")
	if first == "" {
		return "", fmt.Errorf("the command %.80q for a key printed nothing", command[0])
	}
	return strings.TrimSpace(first), nil
}

// maxKeyOutput bounds what a command for a key prints, in bytes: keys with a few lines of
// other things behind them are shorter.
const maxKeyOutput = 64 << 10

// keyOutput is what such a command prints. A Write beyond the bound fails, and the command
// with it, which finds its output closed.
type keyOutput struct {
	text bytes.Buffer
	over bool
}

func (o *keyOutput) Write(p []byte) (int, error) {
	if o.over = o.over || o.text.Len()+len(p) > maxKeyOutput; o.over {
		return 0, errors.New("too long for a key")
	}
	return o.text.Write(p)
}

// StoredKey returns a key of the system's keyring.
func StoredKey(name string) (string, error) {
	key, err := keyring.Get(keyringService, name)
	if errors.Is(err, keyring.ErrNotFound) {
		return "", fmt.Errorf("the keyring has no key called %.80q; store it by \"opcall key set %s\"", name, name)
	}
	return key, keyringError(err)
}

// StoreKey puts a key into the system's keyring, in place of the one before.
func StoreKey(name, key string) error { return keyringError(keyring.Set(keyringService, name, key)) }

// DeleteKey takes a key out of the system's keyring.
func DeleteKey(name string) error {
	err := keyring.Delete(keyringService, name)
	if errors.Is(err, keyring.ErrNotFound) {
		return fmt.Errorf("the keyring has no key called %.80q", name)
	}
	return keyringError(err)
}

func keyringError(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("the system's keyring cannot be used; a key can come from a variable or a command as well (opcall help profiles): %w", err)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
