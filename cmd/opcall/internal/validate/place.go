package validate

import (
	"strconv"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// position returns line and column, from 1 and in bytes, of the value that a pointer leads
// to, or of the innermost one on its way that is there.
func position(text string, pointer schema.Pointer) (line, column int) {
	at := jsonscan.Space(text, 0)
	for _, token := range pointer.Tokens() {
		inner, ok := part(text, at, token)
		if !ok {
			break
		}
		at = inner
	}
	before := text[:min(at, len(text))]
	return strings.Count(before, "\n") + 1, len(before) - strings.LastIndexByte(before, '\n')
}

// part returns where the member or item of the value at an offset begins.
func part(text string, at int, token string) (int, bool) {
	if at >= len(text) || text[at] != '{' && text[at] != '[' {
		return 0, false
	}
	object := text[at] == '{'
	index := 0
	for i := jsonscan.Space(text, at+1); i < len(text) && text[i] != '}' && text[i] != ']'; index++ {
		name := strconv.Itoa(index)
		if object {
			end := jsonscan.Skip(text, i)
			name = jsonscan.String(text[i:end])
			if i = jsonscan.Space(text, end); i >= len(text) || text[i] != ':' {
				return 0, false
			}
			i = jsonscan.Space(text, i+1)
		}
		if name == token {
			return i, true
		}
		end := jsonscan.Skip(text, i)
		i = jsonscan.Space(text, end)
		if i >= len(text) || text[i] != ',' {
			return 0, false
		}
		i = jsonscan.Space(text, i+1)
	}
	return 0, false
}
