package complete

import (
	"bytes"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/opcall/opcall/cmd/opcall/internal/session"
)

// shells have a script each.
var shells = []string{"bash", "zsh", "fish", "powershell"}

// NewCmdCompletion returns the command that prints the script of a shell.
func NewCmdCompletion(s *session.Session) *cobra.Command {
	return &cobra.Command{
		Use:   "completion bash|zsh|fish|powershell",
		Short: "Print the script by which a shell completes operations, fields and values",
		Long: `Print a script for a shell. What it offers comes from the document in use: operations,
fields as deep as one types, values of enums.

  bash        source <(opcall completion bash)
  zsh         opcall completion zsh > "${fpath[1]}/_opcall"
  fish        opcall completion fish > ~/.config/fish/completions/opcall.fish
  powershell  opcall completion powershell | Out-String | Invoke-Expression`,
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		ValidArgs: shells,
		RunE:      func(cmd *cobra.Command, args []string) error { return Script(cmd.Root(), args[0], s.Out) },
	}
}

// Script writes the script of a shell.
func Script(root *cobra.Command, shell string, w io.Writer) error {
	var b bytes.Buffer
	var err error
	switch shell {
	case "bash":
		err = root.GenBashCompletionV2(&b, true)
		b.WriteString(behindEquals)
	case "zsh":
		err = root.GenZshCompletion(&b)
	case "fish":
		err = root.GenFishCompletion(&b, true)
	case "powershell":
		err = root.GenPowerShellCompletionWithDesc(&b)
	default:
		return fmt.Errorf("no completion for the shell %.40q", shell)
	}
	if err != nil {
		return err
	}
	_, err = w.Write(b.Bytes())
	return err
}

// behindEquals is for what bash does with role=user: it breaks words at =, and replaces what
// stands behind it.
const behindEquals = `
__opcall_behind_equals()
{
    __start_opcall "$@"
    local typed="${COMP_LINE:0:COMP_POINT}" i
    typed="${typed##* }"
    if [[ "$COMP_WORDBREAKS" == *=* && "$typed" == *=* ]]; then
        for i in "${!COMPREPLY[@]}"; do
            COMPREPLY[i]="${COMPREPLY[i]#*=}"
        done
    fi
}
complete -o default -F __opcall_behind_equals opcall
`
