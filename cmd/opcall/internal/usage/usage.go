// Package usage says what is wrong with the words of a command line: the nearest command
// or flag for one that does not exist, what an argument should be, and which flags exclude
// or need each other.
//
//	usage.go   commands, arguments, flags
//	groups.go  flags that exclude or need each other
package usage

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/opcall/opcall/internal/near"
)

// Exactly returns the check of a command that takes one argument for each of the names.
func Exactly(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > len(names) {
			return fmt.Errorf("%s: %.80q is an argument too many; usage: %s", cmd.CommandPath(), args[len(names)], cmd.UseLine())
		}
		return AtLeast(names...)(cmd, args)
	}
}

// AtLeast returns the check of a command that takes an argument for each of the names,
// and more.
func AtLeast(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < len(names) {
			return fmt.Errorf("%s: got no %s; usage: %s", cmd.CommandPath(), names[len(args)], cmd.UseLine())
		}
		return nil
	}
}

// None is the check of a command that takes no arguments.
func None(cmd *cobra.Command, args []string) error { return Exactly()(cmd, args) }

// Group makes a command one that has commands of its own and does nothing by itself.
func Group(cmd *cobra.Command) {
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		var known []string
		for _, c := range cmd.Commands() {
			if !c.Hidden {
				known = append(append(known, c.Name()), c.Aliases...)
			}
		}
		hint := near.Question(near.Names(args[0], known, 3))
		if hint == "" {
			hint = fmt.Sprintf("; %s --help lists them", cmd.CommandPath())
		}
		return fmt.Errorf("%s has no command %.80q%s", cmd.CommandPath(), args[0], hint)
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
}

// FlagError explains an error of a flag.
func FlagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return fmt.Errorf("%s: %w", cmd.CommandPath(), err)
	}
	name := unknown.GetSpecifiedName()
	if unknown.GetSpecifiedShortnames() != "" {
		return fmt.Errorf("%s has no flag -%s; %s --help lists them", cmd.CommandPath(), name, cmd.CommandPath())
	}
	var known []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			known = append(known, "--"+f.Name)
		}
	})
	hint := near.Question(near.Names("--"+name, known, 3))
	if hint == "" {
		hint = fmt.Sprintf("; %s --help lists them", cmd.CommandPath())
	}
	return fmt.Errorf("%s has no flag --%.80s%s", cmd.CommandPath(), name, hint)
}
