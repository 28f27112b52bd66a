package argument

import (
	"fmt"
	"strings"
)

// argument is one argument, read but not yet typed.
type argument struct {
	text  string // as it was typed
	path  []step
	value string
	json  bool   // NAME:=JSON
	file  string // NAME=@FILE; "-" is the standard input
	empty bool   // NAME[]: a list without items
}

// parse reads NAME=VALUE, NAME:=JSON, NAME=@FILE, NAME=@- and NAME[]. The names that an
// operation declares are taken as they are, whatever they have in them: filter[created],
// user.name.
func parse(text string, declared func(name string) bool) (argument, error) {
	a := argument{text: text}
	key, value, ok := cutValue(text)
	if !ok {
		if strings.HasSuffix(text, "[]") {
			steps, err := parsePath(strings.TrimSuffix(text, "[]"))
			a.path, a.empty = steps, true
			return a, err
		}
		return a, notAnArgument(text)
	}
	name, isJSON := strings.CutSuffix(key, ":")
	if isJSON && !declared(key) {
		key, a.json = name, true
	}
	if key == "" {
		return a, fmt.Errorf("%.80q has no name in front of the =", text)
	}
	a.path = []step{{name: key}}
	if !declared(key) {
		var err error
		if a.path, err = parsePath(key); err != nil {
			return a, err
		}
	}
	a.value = value
	switch {
	case strings.HasPrefix(value, "@@"):
		a.value = value[1:]
	case strings.HasPrefix(value, "@"):
		a.file = value[1:]
		if a.file == "" {
			return a, fmt.Errorf("%.80q names no file; a text that begins with @ is written %s=@@…", text, key)
		}
	}
	return a, nil
}

// cutValue cuts at the first = that no backslash stands before. Values have as many = as
// they like.
func cutValue(text string) (key, value string, ok bool) {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '=':
			return text[:i], text[i+1:], true
		}
	}
	return "", "", false
}

// notAnArgument says what a word without = may have been meant as.
func notAnArgument(text string) error {
	switch {
	case strings.HasPrefix(text, "{") || strings.HasPrefix(text, "["):
		return fmt.Errorf("got %.40q, want NAME=VALUE; JSON is given by -d", text)
	case strings.HasPrefix(text, "@"):
		return fmt.Errorf("got %.80q, want NAME=VALUE; a file with JSON is given by -d %s, one for a field by NAME=%s", text, text, text)
	}
	return fmt.Errorf("got %.80q, want NAME=VALUE; a value with spaces in it needs quotes", text)
}
