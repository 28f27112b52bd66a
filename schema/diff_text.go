package schema

import (
	"fmt"
	"slices"
	"strings"
)

// String returns the change in one line:
//
//	breaking 3f2a9c10 CreateResponse.service_tier: value removed: "flex" → createResponse (request)
//
// The severity stands first so that lines can be sorted and searched by it, the ID second
// so that it is found in a diff of two reports. How many operations are listed is bounded;
// Reaches has all of them.
func (c Change) String() string {
	return fmt.Sprintf("%s %s %s%s", c.Severity, c.ID, c.line(), c.reaches())
}

// line is the change without its severity, ID and reach. It begins with the place, which
// is what a reader looks for, where there is one place or one path in several subjects;
// with what happened where the places have nothing in common.
//
// The three forms are:
//
//	CreateResponse.service_tier: value removed: "flex"
//	service_tier: value removed: "flex", in 2 components: CreateResponse, Response
//	value removed: "flex", at 3 places: CreateResponse.service_tier, Response.tier, …
func (c *Change) line() string {
	kind := ""
	if c.Of == "security scheme" || c.Of == "webhook" {
		kind = c.Of + " "
	}
	switch len(c.Places) {
	case 0:
		return c.Text
	case 1:
		if c.Places[0] == "" {
			return c.Text
		}
		return kind + shown(c.Places[0], maxPath) + ": " + c.Text
	}
	// Behind the first name of the path, which is the subject.
	_, place, _ := cutPath(c.Places[0])
	same := !slices.ContainsFunc(c.Places, func(other string) bool {
		_, rest, _ := cutPath(other)
		return rest != place
	})
	names := c.Places
	line := fmt.Sprintf("%s, at %d places: ", c.Text, len(c.Places))
	if same {
		names = c.Subjects
		line = fmt.Sprintf("%s, in %d %s%s: ", c.Text, len(names), c.Of, when(len(names) > 1, "s"))
		if place != "" {
			line = shown(place, maxPath) + ": " + line
		}
	}
	return line + few(names)
}

// few lists the first of many names, and says how many there are: the whole list is in
// the data.
func few(names []string) string { return first(names, maxReaches, maxPath) }

// first writes at most so many of a list, each of at most so many bytes, and how many
// more there are. One is never replaced by "1 more", which takes as much room.
func first(all []string, most, size int) string {
	var list []string
	for i, text := range all {
		if i == most && len(all) > most+1 {
			list = append(list, fmt.Sprintf("%d more", len(all)-i))
			break
		}
		list = append(list, shown(text, size))
	}
	return strings.Join(list, ", ")
}

// reaches lists a few of the operations that the change concerns, where its subjects do
// not say so already. That a component is used by no operation is worth a word: nobody
// who only calls operations is concerned.
func (c *Change) reaches() string {
	if c.Of != "component" {
		return ""
	}
	if len(c.Reaches) == 0 {
		return " → no operation"
	}
	names := make([]string, len(c.Reaches))
	for i, r := range c.Reaches {
		names[i] = r.String()
	}
	return " → " + few(names)
}

// String returns the changes, a line for each, and the Summary. It is what a terminal
// and a log show; names of the document are escaped and cut so that a line stays a line.
func (c *Changes) String() string {
	var b strings.Builder
	for _, change := range c.list {
		b.WriteString(change.String())
		b.WriteByte('\n')
	}
	b.WriteString(c.Summary())
	b.WriteByte('\n')
	return b.String()
}

// Markdown returns the changes as a list under a heading for each severity; new
// operations and new components are one item each.
//
// It is for release notes and pull requests. Texts for people are counted in the summary
// and not listed, see Prose; the ID at the end of an item is what a review can refer to.
func (c *Changes) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s.\n", markdown(c.title()), c.Summary())
	for _, s := range []struct {
		severity Severity
		heading  string
	}{{SeverityBreaking, "Breaking"}, {SeverityUnknown, "Unknown"}, {SeveritySafe, "Safe"}} {
		if n := c.Count(s.severity); n > 0 {
			fmt.Fprintf(&b, "\n## %s (%d)\n\n", s.heading, n)
		}
		for i := range c.list {
			if change := &c.list[i]; change.Severity == s.severity && !isAddition(change.Kind) {
				fmt.Fprintf(&b, "- %s%s `%s`\n", markdown(change.line()), markdown(change.reaches()), change.ID)
			}
		}
	}
	c.markdownAdditions(&b, ChangeOperationAdded, "operation")
	c.markdownAdditions(&b, ChangeComponentAdded, "component")
	return b.String()
}

// isAddition reports whether a change is listed by name alone: there is nothing else to
// say of what is new.
func isAddition(kind ChangeKind) bool {
	return kind == ChangeOperationAdded || kind == ChangeComponentAdded
}

// markdownAdditions lists what is new by name.
func (c *Changes) markdownAdditions(b *strings.Builder, kind ChangeKind, what string) {
	var names []string
	for i := range c.list {
		if c.list[i].Kind == kind {
			names = append(names, markdown(shown(c.list[i].Subjects[0], maxName)))
		}
	}
	if len(names) > 0 {
		fmt.Fprintf(b, "- %d new %s%s: %s\n", len(names), what, when(len(names) > 1, "s"), strings.Join(names, ", "))
	}
}

// title names the two documents.
// The title of the new document is used for both: an API that is called otherwise now is
// the same API to whoever compares the two.
func (c *Changes) title() string {
	name := shown(c.new.Title(), maxName)
	if name == "" {
		name = "the API"
	}
	was, is := shown(c.old.Version(), maxName), shown(c.new.Version(), maxName)
	if was == is {
		return fmt.Sprintf("Changes of %s %s", name, is)
	}
	return fmt.Sprintf("Changes of %s from %s to %s", name, was, is)
}

// markdown escapes what Markdown or HTML would read as markup (CommonMark §2.4, §6.6):
// names in a description may be any text, and the list is shown in browsers.
//
// An ampersand is left as it is. An entity stands for a character and never for markup, so
// that the worst a name can do with it is to look like another name.
func markdown(text string) string {
	return strings.NewReplacer(
		`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", "&lt;", ">", "&gt;", "|", `\|`, "#", `\#`,
	).Replace(text)
}
