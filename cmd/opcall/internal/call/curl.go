package call

import (
	"encoding/base64"
	"maps"
	"mime"
	"net/url"
	"slices"
	"strings"
)

// curl writes a request as a command for a POSIX shell. Keys are variables that the shell
// fills in: names has those that stand for one, and nothing else is expanded.
func curl(wire *captured, paths map[string]string, names []string) string {
	r := wire.request
	target := *r.URL
	target.User = nil
	lines := []string{"curl " + quote(unescapeNames(target.String(), names), names)}
	if r.Method != "GET" && !(r.Method == "POST" && len(wire.body) > 0) {
		lines[0] += " -X " + r.Method
	}
	media, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	form := strings.HasPrefix(media, "multipart/")
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		for _, value := range r.Header[name] {
			switch user, basic := basicAuth(name, value); {
			case name == "Content-Type" && form: // curl makes a boundary of its own
			case basic:
				lines = append(lines, "-u "+quote(user, names))
			default:
				lines = append(lines, "-H "+quote(name+": "+value, names))
			}
		}
	}
	switch {
	case form:
		for p := range parts(wire.body, params["boundary"]) {
			lines = append(lines, formField(p, paths))
		}
	case len(wire.body) > 0 || len(paths) > 0:
		lines = append(lines, data(wire.body, paths))
	}
	return strings.Join(lines, " \\\n  ") + "\n"
}

// data is the body; one that is a file has that as its only content.
func data(body []byte, paths map[string]string) string {
	if len(body) == 0 {
		for _, path := range paths {
			return "--data-binary " + quote("@"+path, nil)
		}
	}
	return "--data-raw " + quote(string(body), nil)
}

// formField is a field of a form. In a value curl gives a meaning to @ and < at the start,
// and to ;type= behind it, but not in one of --form-string.
func formField(p part, paths map[string]string) string {
	if p.file == "" {
		return "--form-string " + quote(p.name+"="+p.value, nil)
	}
	path := p.file
	if known, ok := paths[p.file]; ok {
		path = known
	}
	field := p.name + `=@"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(path) + `"`
	if p.media != "" {
		field += ";type=" + p.media
	}
	return "-F " + quote(field, nil)
}

// basicAuth returns user and password of an Authorization header, which curl writes
// itself.
func basicAuth(name, value string) (string, bool) {
	encoded, ok := strings.CutPrefix(value, "Basic ")
	if name != "Authorization" || !ok {
		return "", false
	}
	user, err := base64.StdEncoding.DecodeString(encoded)
	// The variable has user and password; what stands behind it is the colon of a user alone.
	if strings.HasPrefix(string(user), "$") {
		return strings.TrimSuffix(string(user), ":"), err == nil
	}
	return string(user), err == nil
}

// unescapeNames brings variables in a query back into the form that a shell expands.
func unescapeNames(text string, names []string) string {
	for _, name := range names {
		text = strings.ReplaceAll(text, url.QueryEscape("$"+name), "$"+name)
	}
	return text
}

// quote writes a word for a POSIX shell: as it is where nothing in it is special, in double
// quotes where it has one of the variables, else in single ones.
func quote(word string, names []string) string {
	for _, name := range names {
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
