package complete

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
)

// FileBehindAt offers files for a flag whose value may be @FILE, and nothing for other
// values.
func FileBehindAt(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	path, ok := strings.CutPrefix(typed, "@")
	if !ok {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return files("@", path)
}

// files lists the files whose path begins with what is typed. The shells complete files
// themselves only where the path is the whole word, so the words here have the prefix that
// stands before it. Hidden files are listed where their dot is typed.
func files(prefix, typed string) ([]string, cobra.ShellCompDirective) {
	dir, name := filepath.Split(typed)
	from := dir
	if from == "" {
		from = "."
	}
	entries, err := os.ReadDir(from)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var found []string
	directive := cobra.ShellCompDirectiveNoFileComp
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), name) || name == "" && strings.HasPrefix(entry.Name(), ".") || strings.ContainsAny(entry.Name(), "\t\n\r") {
			continue // cobra ends words at tabs and lines
		}
		word := prefix + dir + entry.Name()
		// A link to a folder is one too.
		if info, err := os.Stat(filepath.Join(from, entry.Name())); err == nil && info.IsDir() {
			word += string(filepath.Separator)
			directive |= cobra.ShellCompDirectiveNoSpace
		}
		found = append(found, word)
	}
	return found, directive
}
