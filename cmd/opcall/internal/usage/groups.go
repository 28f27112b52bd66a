package usage

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// Exclusive has the command refuse more than one of the flags.
func Exclusive(cmd *cobra.Command, flags ...string) {
	cmd.MarkFlagsMutuallyExclusive(flags...) // for completion, which offers no second one
	before(cmd, func() error {
		given := changed(cmd, flags)
		if len(given) < 2 {
			return nil
		}
		return fmt.Errorf("%s: got %s, which exclude each other; leave out all but one", cmd.CommandPath(), strings.Join(given, " and "))
	})
}

// Together has the command refuse some of the flags without the others.
func Together(cmd *cobra.Command, flags ...string) {
	cmd.MarkFlagsRequiredTogether(flags...) // for completion, which offers the others
	before(cmd, func() error {
		given := changed(cmd, flags)
		if len(given) == 0 || len(given) == len(flags) {
			return nil
		}
		return fmt.Errorf("%s: got %s alone, want %s together", cmd.CommandPath(), strings.Join(given, " and "), "--"+strings.Join(flags, " and --"))
	})
}

// before adds a check to those of a command. They run before cobra's own of the same groups.
func before(cmd *cobra.Command, check func() error) {
	others := cmd.PreRunE
	cmd.PreRunE = func(cmd *cobra.Command, args []string) error {
		if others != nil {
			if err := others(cmd, args); err != nil {
				return err
			}
		}
		return check()
	}
}

// changed returns those of the flags that were given.
func changed(cmd *cobra.Command, flags []string) (given []string) {
	for _, name := range flags {
		if cmd.Flags().Changed(name) {
			given = append(given, "--"+name)
		}
	}
	return given
}
