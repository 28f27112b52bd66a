package curl

import "strings"

// Quote writes a word for a POSIX shell: as it is where nothing in it is special, in double
// quotes where it has one of the variables, else in single ones.
func Quote(word string, variables []string) string {
	for _, name := range variables {
		if before, after, ok := strings.Cut(word, "$"+name); ok {
			escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "`", "\\`", `$`, `\$`)
			return `"` + escape.Replace(before) + "$" + name + escape.Replace(after) + `"`
		}
	}
	if word != "" && !strings.ContainsFunc(word, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=@,+", r)
	}) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
