package explorer

import (
	"context"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
)

// placeholder stands for every credential while a request is written for curl.
const placeholder = "opcall-explorer-credential"

// curl writes the request that the client would send. Credentials are those of the
// shell's environment: none of the client's is in it.
func (e *Explorer) curl(ctx context.Context, op *schema.Operation, a *asked) string {
	input, err := a.input()
	if err != nil {
		return "# " + firstLine(err)
	}
	opts := []client.CallOption{client.WithRequestValidation(schema.Off)}
	for _, requirement := range op.Security {
		for _, name := range requirement {
			opts = append(opts, standIn(op.Document(), name))
		}
	}
	req, err := e.client.Request(ctx, op.ID, input, opts...)
	if err != nil {
		return "# " + firstLine(err)
	}
	return curlCommand(req, a, a.variable(op))
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// standIn gives a placeholder in place of the client's own credential.
func standIn(d *schema.Document, name string) client.CallOption {
	if s, ok := d.SecurityScheme(name); ok && s.Type == "http" && strings.EqualFold(s.Scheme, "basic") {
		return client.WithBasicAuth(name, placeholder, placeholder)
	}
	return client.WithCredential(name, placeholder)
}

// variable names the environment variable that has the credential of an operation.
func (a *asked) variable(op *schema.Operation) string {
	for _, server := range op.Document().Servers() {
		if server.URL != client.DefaultBaseURL {
			continue
		}
		for _, requirement := range op.Security {
			for _, name := range requirement {
				if s, ok := op.Document().SecurityScheme(name); ok && s.Credential == "admin" {
					return "OPENAI_ADMIN_KEY"
				}
			}
		}
		return "OPENAI_API_KEY"
	}
	return "API_KEY"
}

func curlCommand(req *http.Request, a *asked, variable string) string {
	var b strings.Builder
	b.WriteString("curl")
	if a.Stream {
		b.WriteString(" -N")
	}
	if req.Method != http.MethodGet {
		b.WriteString(" -X " + req.Method)
	}
	b.WriteString(" " + withVariable(req.URL.String(), variable))
	form := strings.HasPrefix(req.Header.Get("Content-Type"), "multipart/")
	for _, name := range slices.Sorted(maps.Keys(req.Header)) {
		for _, value := range req.Header[name] {
			switch {
			case name == "User-Agent" || name == "Content-Type" && form || name == "Accept-Encoding":
			case name == "Authorization" && strings.HasPrefix(value, "Basic "):
				b.WriteString(" \\\n  -u \"$USER_NAME:$PASSWORD\"")
			default:
				b.WriteString(" \\\n  -H " + withVariable(name+": "+value, variable))
			}
		}
	}
	if req.Body == nil {
		return b.String()
	}
	defer req.Body.Close()
	if form {
		curlForm(&b, req)
	} else if body, err := io.ReadAll(io.LimitReader(req.Body, maxCheck)); err == nil && len(body) > 0 {
		b.WriteString(" \\\n  --data-raw " + shellWord(string(body)))
	}
	return b.String()
}

// curlForm writes the parts of a form: files by their name, texts as they are.
func curlForm(b *strings.Builder, req *http.Request) {
	_, params, err := mime.ParseMediaType(req.Header.Get("Content-Type"))
	if err != nil {
		return
	}
	parts := newParts(req.Body, params["boundary"])
	for part, text := range parts {
		if file := part.FileName(); file != "" {
			b.WriteString(" \\\n  -F " + shellWord(part.FormName()+"=@"+file))
		} else {
			b.WriteString(" \\\n  --form-string " + shellWord(part.FormName()+"="+text))
		}
	}
}

// withVariable quotes a word for a shell, the credential in it as a variable.
func withVariable(word, variable string) string {
	escaped := url.QueryEscape(placeholder)
	if !strings.Contains(word, escaped) {
		return shellWord(word)
	}
	word = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", `\$`, "`", "\\`").Replace(word)
	return `"` + strings.ReplaceAll(word, escaped, "$"+variable) + `"`
}
