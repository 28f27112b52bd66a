package dialect

import "github.com/opcall/opcall/internal/jsonscan"

// Read returns a schema object as the Standard tier reads it: translated, its
// erratum applied, without contradictions. The JSON Pointer at is that of the object or of anything
// around it; only the component that it leads into counts.
func Read(text, at string) string {
	if isPlain(text) {
		return text
	}
	// The patch is written against the keywords of 2020-12, whatever the document was
	// written for, and may itself use older ones.
	text = ByTheLetter(text, at)
	if patch, ok := jsonscan.Member(text, PatchKeyword); ok {
		text = ByTheLetter(mergePatch(text, patch), at)
	}
	// Last, as an erratum may have mended the contradiction.
	text, _ = Meant(text, at)
	return text
}

// Contradictions returns what Read changes in a schema object that ByTheLetter leaves
// as it is, errata apart.
func Contradictions(text, at string) []Repair {
	text = ByTheLetter(text, at)
	if patch, ok := jsonscan.Member(text, PatchKeyword); ok {
		text = ByTheLetter(mergePatch(text, patch), at)
	}
	_, repairs := Meant(text, at)
	return repairs
}

// isPlain reports whether Read leaves a schema object as it is, after one walk through
// its members.
func isPlain(text string) bool {
	var buf [16]jsonscan.Field
	return IsRead(jsonscan.AppendFields(buf[:0], text))
}

// IsRead reports whether the members are those of a schema object that Read leaves as
// it is. A reader that has the members anyway saves the walk to find them.
func IsRead(members jsonscan.Object) bool {
	var v values
	for _, m := range members {
		if m.Name == PatchKeyword || isForeignKeyword(m.Name, m.Text) {
			return false
		}
		v.keyword(m.Name, m.Text)
	}
	return !v.contradictory()
}

// IsByTheLetter is IsRead for ByTheLetter.
func IsByTheLetter(members jsonscan.Object) bool {
	for _, m := range members {
		if isForeignKeyword(m.Name, m.Text) {
			return false
		}
	}
	return true
}

// ByTheLetter is Read for the Strict tier, which does not apply errata.
// Translating changes no meaning: it is what the keywords of an older version say.
func ByTheLetter(text, at string) string {
	text, _ = Translate(text, at)
	return text
}
