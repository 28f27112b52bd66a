// Package curl writes requests as commands for a POSIX shell.
//
//	curl.go   Command: a request as a command of curl
//	quote.go  Quote: a word of a shell
//	form.go   Parts: the parts of a multipart form
package curl

import (
	"encoding/base64"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Command writes a request, whose body is given beside it, as a command of curl. Keys are
// variables of the shell: variables has the names of those that stand in the request as
// $NAME, and nothing else is expanded. paths says where files of a form are, by their
// names.
func Command(r *http.Request, body []byte, paths map[string]string, variables []string) string {
	target := *r.URL
	target.User = nil
	lines := []string{"curl " + Quote(unescapeNames(target.String(), variables), variables)}
	if r.Method != "GET" && !(r.Method == "POST" && len(body) > 0) {
		lines[0] += " -X " + r.Method
	}
	media, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	form := strings.HasPrefix(media, "multipart/") && hasParts(body, params["boundary"]) // one without parts is a body like others
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		for _, value := range r.Header[name] {
			switch user, basic := basicAuth(name, value); {
			case name == "Content-Type" && form: // curl makes a boundary of its own
			case basic:
				lines = append(lines, "-u "+Quote(user, variables))
			default:
				lines = append(lines, "-H "+Quote(name+": "+value, variables))
			}
		}
	}
	switch {
	case form:
		for p := range Parts(body, params["boundary"]) {
			lines = append(lines, formField(p, paths))
		}
	case len(body) > 0 || len(paths) > 0:
		lines = append(lines, data(body, paths))
	}
	return strings.Join(lines, " \\\n  ")
}

func hasParts(body []byte, boundary string) bool {
	for range Parts(body, boundary) {
		return true
	}
	return false
}

// data is the body; one that is a file has that as its only content.
func data(body []byte, paths map[string]string) string {
	if len(body) == 0 {
		for _, path := range paths {
			return "--data-binary " + Quote("@"+path, nil)
		}
	}
	return "--data-raw " + Quote(string(body), nil)
}

// formField is a field of a form. In a value curl gives a meaning to @ and < at the start,
// and to ;type= behind it, but not in one of --form-string.
func formField(p Part, paths map[string]string) string {
	if p.File == "" {
		return "--form-string " + Quote(p.Name+"="+p.Value, nil)
	}
	path := p.File
	if known, ok := paths[p.File]; ok {
		path = known
	}
	field := p.Name + `=@"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(path) + `"`
	if p.MediaType != "" {
		field += ";type=" + p.MediaType
	}
	return "-F " + Quote(field, nil)
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
func unescapeNames(text string, variables []string) string {
	for _, name := range variables {
		text = strings.ReplaceAll(text, url.QueryEscape("$"+name), "$"+name)
	}
	return text
}
