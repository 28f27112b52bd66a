package explorer

import (
	"context"
	"io"
	"strings"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/internal/curl"
	"github.com/opcall/opcall/schema"
)

// curl writes the request that the client would send. Credentials are those of the
// shell's environment: none of the client's is in it.
func (e *Explorer) curl(ctx context.Context, op *schema.Operation, a *asked) string {
	input, err := a.input()
	if err != nil {
		return "# " + firstLine(err)
	}
	variable := a.variable(op)
	opts := []client.CallOption{client.WithRequestValidation(schema.Off)}
	for _, requirement := range op.Security {
		for _, name := range requirement {
			opts = append(opts, inShell(op.Document(), name, "$"+variable))
		}
	}
	req, err := e.client.Request(ctx, op.ID, input, opts...)
	if err != nil {
		return "# " + firstLine(err)
	}
	var body []byte
	if req.Body != nil {
		defer req.Body.Close()
		if body, err = io.ReadAll(io.LimitReader(req.Body, maxCheck)); err != nil {
			return "# " + firstLine(err)
		}
	}
	for _, name := range []string{"User-Agent", "Accept-Encoding"} { // curl has its own
		req.Header.Del(name)
	}
	var paths map[string]string
	if a.isLong() {
		body, paths = nil, map[string]string{bodyFile: bodyFile}
	}
	if file, ok := input.Body.(client.File); ok && !strings.HasPrefix(req.Header.Get("Content-Type"), "multipart/") {
		body, paths = nil, map[string]string{file.Name: file.Name}
	}
	command := curl.Command(req, body, paths, []string{variable})
	if a.Stream {
		command = strings.Replace(command, "curl ", "curl -N ", 1)
	}
	return command
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// inShell gives the variable that a shell has a credential in, in place of the client's own.
func inShell(d *schema.Document, name, variable string) client.CallOption {
	if s, ok := d.SecurityScheme(name); ok && s.Type == "http" && strings.EqualFold(s.Scheme, "basic") {
		return client.WithBasicAuth(name, variable, "")
	}
	return client.WithCredential(name, variable)
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
