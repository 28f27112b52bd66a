package complete

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/opcall/opcall/cmd/opcall/internal/session"
	"github.com/opcall/opcall/schema"
)

const noSpace = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace

// Arguments offers the operation of a call, then the names of its parameters and fields,
// as deep as one types, and behind = the values that an enum lists.
func Arguments(s *session.Session) Function {
	return func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if len(args) == 0 {
			return Operations(s)(cmd, args, typed)
		}
		doc, err := s.Document()
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		op, err := doc.Operation(args[0])
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		if name, value, ok := strings.Cut(typed, "="); ok {
			if path, ok := strings.CutPrefix(value, "@"); ok {
				return files(name+"=@", path)
			}
			return values(op, name, value), cobra.ShellCompDirectiveNoFileComp
		}
		return names(op, args[1:], typed), noSpace
	}
}

// describePath is where the document has what an argument names.
func describePath(op *schema.Operation, argument string) string {
	var b strings.Builder
	b.WriteString(schema.EscapeName(op.ID))
	for name := range strings.SplitSeq(argument, ".") {
		name, _, _ = strings.Cut(name, "[")
		if name != "" {
			b.WriteString("." + name)
		}
	}
	return b.String()
}

// values are those that an enum or a boolean of the document has.
func values(op *schema.Operation, name, typed string) []string {
	d, err := op.Document().Describe(describePath(op, strings.TrimSuffix(name, ":")))
	if err != nil {
		return nil
	}
	var found []string
	for _, value := range enumOf(d.Expand(2).Schema) {
		// The word is all of the argument: shells replace that.
		if word := name + "=" + value; strings.HasPrefix(value, typed) && !slices.Contains(found, word) {
			found = append(found, word)
		}
	}
	return found
}

func enumOf(s *schema.Shape) []string {
	if s == nil {
		return nil
	}
	var all []string
	for _, value := range s.Enum {
		all = append(all, strings.Trim(string(value), `"`))
	}
	if slices.Contains(s.Types, "boolean") && len(s.Enum) == 0 {
		all = append(all, "true", "false")
	}
	all = append(all, enumOf(s.Items)...)
	for _, v := range s.Variants {
		all = append(all, enumOf(v.Schema)...)
	}
	return all
}

// names are the parameters and fields that may follow what is typed. Those that are given
// already are left out at the first level, where they are not lists.
func names(op *schema.Operation, given []string, typed string) []string {
	dot := strings.LastIndexByte(typed, '.')
	prefix, rest := typed[:dot+1], typed[dot+1:]
	at := describePath(op, "")
	if dot > 0 {
		at = describePath(op, typed[:dot])
	}
	d, err := op.Document().Describe(at)
	if err != nil {
		return nil
	}
	var fields []schema.Field
	if o := d.Operation; o != nil {
		for _, p := range o.Parameters {
			p.Name = strings.TrimSuffix(p.Name, "[]")
			fields = append(fields, p)
		}
		for _, body := range o.Body {
			fields = append(fields, fieldsOf(body.Schema)...)
		}
	}
	if d.Schema != nil {
		fields = append(fields, fieldsOf(d.Expand(below).Schema)...)
	}
	var found []string
	seen := make(map[string]bool)
	for _, f := range fields {
		word := prefix + strings.ReplaceAll(f.Name, ".", `\.`)
		if !strings.HasPrefix(f.Name, rest) || seen[f.Name] {
			continue
		}
		seen[f.Name] = true
		if slices.ContainsFunc(given, func(arg string) bool { return strings.HasPrefix(arg, word+"=") }) {
			continue
		}
		found = append(found, entry(word+suffix(f.Schema), meaning(f)))
	}
	return found
}

// suffix is what follows a name: = for a value, a dot for a field, brackets for an item.
func suffix(s *schema.Shape) string {
	switch {
	case s == nil || len(s.Types) == 0 || slices.ContainsFunc(s.Types, func(t string) bool { return t != "array" && t != "object" && t != "null" }):
		return "="
	case slices.Contains(s.Types, "object"):
		return "."
	case s.Items != nil && (len(s.Items.Fields) > 0 || slices.Equal(s.Items.Types, []string{"object"})):
		return "[]."
	}
	return "[]="
}

// below is how deep a place is expanded for its fields: into the items of a list, and into
// their branches.
const below = 3

// meaning is what a shell shows beside a name.
func meaning(f schema.Field) string {
	var words []string
	if f.Required {
		words = append(words, "required")
	}
	if f.In != "" {
		words = append(words, f.In)
	}
	if f.Schema != nil {
		words = append(words, strings.Join(f.Schema.Types, " or "))
	}
	return strings.Join(words, ", ")
}
