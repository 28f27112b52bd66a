package complete

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/opcall/opcall/cmd/opcall/internal/session"
	"github.com/opcall/opcall/cmd/opcall/internal/usage"
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
		Args:      usage.Exactly("SHELL"),
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
	case "zsh":
		err = root.GenZshCompletion(&b)
	case "fish":
		err = root.GenFishCompletion(&b, true)
	case "powershell":
		err = root.GenPowerShellCompletionWithDesc(&b)
	default:
		return fmt.Errorf("no completion for the shell %.40q; there is one for %s", shell, strings.Join(shells, ", "))
	}
	if err != nil {
		return err
	}
	script := b.String()
	for _, m := range mended(shell) {
		if strings.Count(script, m.line) != 1 {
			return fmt.Errorf("the script for %s has another form than the one that is mended: no single %q", shell, m.line)
		}
		script = strings.Replace(script, m.line, m.by, 1)
	}
	if shell == "bash" {
		script += behindBreak
	}
	_, err = io.WriteString(w, script)
	return err
}

// mendedLine is a line of a script, and what takes its place.
type mendedLine struct{ line, by string }

// mended are lines of the scripts that do not expect words with brackets, such as
// messages[].role.
func mended(shell string) []mendedLine {
	switch shell {
	case "bash":
		return []mendedLine{
			// The words are compared as a shell quotes them, which nobody types.
			{`[[ $comp == "$cur"* ]] || continue`, `[[ $comp == "$cur"* || ${compline%%$tab*} == "$cur"* ]] || continue`},
			{`out=$(eval "${requestComp}" 2>/dev/null)`, `out=$(set -f; eval "${requestComp}" 2>/dev/null)`},
		}
	case "zsh":
		return []mendedLine{
			// Brackets would be a pattern that no file matches, and a quote may still be open.
			{`out=$(eval ${requestComp} 2>/dev/null)`, `out=$(setopt no_glob; eval "${requestComp}${compstate[quote]}" 2>/dev/null)`},
		}
	}
	return nil
}

// behindBreak is for what bash does with role=user and file=@path: it breaks words at = and
// @, and replaces what stands behind the last one.
const behindBreak = `
__opcall_behind_break()
{
    __start_opcall "$@"
    local typed="${COMP_LINE:0:COMP_POINT}" breaks="" head plain quoted i
    typed="${typed//\\ /$'\1'}" # a space of the word
    typed="${typed##* }"
    [[ "$COMP_WORDBREAKS" == *=* ]] && breaks+="="
    [[ "$COMP_WORDBREAKS" == *@* ]] && breaks+="@"
    if [[ -n "$breaks" && "$typed" == *[$breaks]* ]]; then
        head="${typed%"${typed##*[$breaks]}"}"
        plain="${head//\\/}"
        plain="${plain//$'\1'/ }"
        printf -v quoted "%q" "$plain"
        for i in "${!COMPREPLY[@]}"; do
            case "${COMPREPLY[i]}" in
                "$plain"*) COMPREPLY[i]="${COMPREPLY[i]#"$plain"}" ;;
                "$quoted"*) COMPREPLY[i]="${COMPREPLY[i]#"$quoted"}" ;;
                # What stands before = is gone already.
                *) COMPREPLY[i]="${COMPREPLY[i]#"${plain##*=}"}" ;;
            esac
        done
    fi
}
complete -o default -F __opcall_behind_break opcall
`
