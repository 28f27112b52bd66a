package dialect

import "github.com/opcall/opcall/internal/jsonscan"

// PatchKeyword holds an erratum: a JSON Merge Patch of the schema object that it
// is a member of.
// It travels with the document, in the schema that it corrects, so that both readings are of
// one text: by the letter without it, in the Standard tier with it.
const PatchKeyword = "x-opcall-patch"

// mergePatch applies a JSON Merge Patch (RFC 7396 §2) to target. Members keep
// their order; new ones are added at the end.
func mergePatch(target, patch string) string {
	// What is not an object replaces (RFC 7396 §2); null removes, which the loop sees to.
	if patch[0] != '{' {
		return patch
	}
	o := jsonscan.ReadObject(target)
	for name, value := range jsonscan.Members(patch) {
		if value == "null" {
			o.Take(name)
			continue
		}
		// A member that is absent is patched as an empty object would be.
		old, _ := o.Get(name)
		o.Set(name, mergePatch(old, value))
	}
	return o.String()
}
