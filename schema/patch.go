package schema

import (
	"slices"

	"github.com/opcall/opcall/internal/jsonscan"
)

// patchKeyword holds an erratum: a JSON Merge Patch of the schema object that
// it stands in.
const patchKeyword = "x-opcall-patch"

// mergePatch applies a JSON Merge Patch (RFC 7396 §2) to target. Members keep
// their order; new ones come last.
func mergePatch(target, patch string) string {
	if patch[0] != '{' {
		return patch
	}
	var members []member
	if target != "" && target[0] == '{' {
		members = membersOf(target)
	}
	for key, value := range jsonscan.Members(patch) {
		i := slices.IndexFunc(members, func(m member) bool { return m.key == key })
		switch {
		case value == "null" && i >= 0:
			members = slices.Delete(members, i, i+1)
		case value == "null":
		case i >= 0:
			members[i].value = mergePatch(members[i].value, value)
		default:
			members = append(members, member{key, mergePatch("", value)})
		}
	}
	return objectOf(members)
}
