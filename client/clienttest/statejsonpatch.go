package clienttest

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/internal/jsonscan"
)

// maxPatched is how many bytes the operations of a JSON Patch may write for an object and a patch
// of so many bytes together. Each operation writes the whole object, and a copy can double it.
func maxPatched(size int) int { return 1<<20 + 64*size }

// patched applies a JSON Patch (RFC 6902) to an object, whose ID stays. The error is a
// *Refusal: 409 where a test of it fails, 400 for every other.
func (f form) patched(text, patch string) (string, error) {
	id, has := jsonscan.Member(text, "id")
	operations := jsonscan.List(patch)
	if !strings.HasPrefix(strings.TrimSpace(patch), "[") {
		return "", badPatch(http.StatusBadRequest, 0, "got "+jsonscan.TypeName(patch)+", want a list of operations")
	}
	left := maxPatched(len(text) + len(patch))
	for i, operation := range operations {
		next, status, problem := patchOnce(text, gjson.Parse(operation))
		if left -= len(next); problem == "" && left < 0 {
			status, problem = http.StatusBadRequest, "the operations write the object too often, or make it too long"
		}
		if problem != "" {
			return "", badPatch(status, i, problem)
		}
		text = next
	}
	if has && strings.HasPrefix(text, "{") {
		text = jsonscan.SetMember(text, "id", id)
	}
	if !f.valid(text) {
		return "", badPatch(http.StatusBadRequest, max(0, len(operations)-1), "what comes of the patch breaks the document")
	}
	return text, nil
}

func badPatch(status, i int, problem string) error {
	return &Refusal{Status: status, Code: "invalid_patch", Param: strconv.Itoa(i), Message: "the JSON Patch cannot be applied: operation " + strconv.Itoa(i) + ": " + problem}
}

// patchOnce applies one operation. The problem is "" where that was possible.
func patchOnce(text string, operation gjson.Result) (next string, status int, problem string) {
	kind, value := operation.Get("op").String(), operation.Get("value")
	at, ok := tokens(operation.Get("path"))
	if !ok {
		return "", http.StatusBadRequest, "path: want a JSON Pointer"
	}
	switch kind {
	case "add", "replace", "test":
		if !value.Exists() {
			return "", http.StatusBadRequest, "value: got none"
		}
	case "copy", "move":
		from, ok := tokens(operation.Get("from"))
		if !ok {
			return "", http.StatusBadRequest, "from: want a JSON Pointer"
		}
		source, has := valueAt(text, from)
		if !has {
			return "", http.StatusBadRequest, "from: nothing is there"
		}
		value = gjson.Parse(source)
		if kind == "move" {
			if text, problem = edited(text, from, "remove", ""); problem != "" {
				return "", http.StatusBadRequest, problem
			}
		}
		kind = "add"
	case "remove":
	default:
		return "", http.StatusBadRequest, "op: want add, remove, replace, move, copy or test"
	}
	if kind == "test" {
		if have, has := valueAt(text, at); !has || !equal(gjson.Parse(have), value) {
			return "", http.StatusConflict, "the test fails"
		}
		return text, 0, ""
	}
	next, problem = edited(text, at, kind, value.Raw)
	return next, http.StatusBadRequest, problem
}

// tokens returns those of a JSON Pointer (RFC 6901).
func tokens(pointer gjson.Result) ([]string, bool) {
	if pointer.Type != gjson.String || pointer.Str != "" && pointer.Str[0] != '/' {
		return nil, false
	}
	list := strings.Split(pointer.Str, "/")[1:]
	if pointer.Str == "" {
		list = nil
	}
	for i := range list {
		list[i] = jsonscan.UnescapeToken(list[i])
	}
	return list, len(list) <= maxMerged
}

// valueAt returns the value at a place.
func valueAt(text string, at []string) (string, bool) {
	for _, token := range at {
		if strings.HasPrefix(text, "[") {
			list := jsonscan.List(text)
			i, ok := indexOf(token, len(list))
			if !ok {
				return "", false
			}
			text = list[i]
			continue
		}
		has := false
		if text, has = jsonscan.Member(text, token); !has {
			return "", false
		}
	}
	return text, true
}

// indexOf returns the index that a token is of a list of n items.
func indexOf(token string, n int) (int, bool) {
	i, err := strconv.Atoi(token)
	return i, err == nil && i >= 0 && i < n && strconv.Itoa(i) == token
}

// edited returns a text in which the value at a place was added, removed or replaced.
func edited(text string, at []string, kind, value string) (next, problem string) {
	if len(at) == 0 {
		if kind == "remove" {
			return "", "path: the whole cannot be removed"
		}
		return value, ""
	}
	if strings.HasPrefix(text, "[") {
		return editedList(text, at, kind, value)
	}
	if !strings.HasPrefix(text, "{") {
		return "", "path: " + fmt.Sprintf("%.60q", at[0]) + " is below a value that has nothing in it"
	}
	o := jsonscan.ReadObject(text)
	before, has := o.Get(at[0])
	switch {
	case !has && (len(at) > 1 || kind != "add"):
		return "", "path: there is no " + fmt.Sprintf("%.60q", at[0])
	case len(at) > 1:
		if value, problem = edited(before, at[1:], kind, value); problem != "" {
			return "", problem
		}
		o.Set(at[0], value)
	case kind == "remove":
		o.Take(at[0])
	default:
		o.Set(at[0], value)
	}
	return o.String(), ""
}

// editedList is edited in a list, where "-" is the place behind the last item.
func editedList(text string, at []string, kind, value string) (next, problem string) {
	list := jsonscan.List(text)
	if kind == "add" && len(at) == 1 {
		i, ok := indexOf(at[0], len(list)+1)
		if at[0] == "-" {
			i, ok = len(list), true
		}
		if !ok {
			return "", "path: the list has no place " + fmt.Sprintf("%.60q", at[0])
		}
		return "[" + strings.Join(slices.Insert(list, i, value), ",") + "]", ""
	}
	i, ok := indexOf(at[0], len(list))
	switch {
	case !ok:
		return "", "path: the list has no item " + fmt.Sprintf("%.60q", at[0])
	case len(at) > 1:
		if list[i], problem = edited(list[i], at[1:], kind, value); problem != "" {
			return "", problem
		}
	case kind == "remove":
		list = slices.Delete(list, i, i+1)
	default:
		list[i] = value
	}
	return "[" + strings.Join(list, ",") + "]", ""
}
