package client

import (
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"

	masking "github.com/opcall/opcall/client/internal/mask"
	"github.com/opcall/opcall/schema"
)

// This file keeps credentials out of what validation says. It quotes values and names: of
// a server, which may repeat what it was sent, and of a program that gives its key where
// it does not belong.

// ownSecrets returns every credential of the settings, wherever it was given.
func (s *settings) ownSecrets() []string {
	address := url.URL{RawQuery: s.query.Encode()}
	if s.baseURL != nil {
		address.User = s.baseURL.User
	}
	return append(masking.Secrets(&http.Request{Header: s.header, URL: &address}), s.secrets()...)
}

// Masked returns text with "***" in place of the credentials of the client, also in the
// form that a Basic header has them in, and with the escapes of a JSON string. It is for a
// program that shows what a server sent to somebody who must not see the keys: a server may
// repeat what it was sent. Credentials of less than 8 bytes stay.
func (c *Client) Masked(text string) string {
	return masking.Given(text, c.settings.writtenSecrets())
}

// writtenSecrets returns the credentials of the settings, also in the form that a Basic header
// has them in.
func (s *settings) writtenSecrets() (forms []string) {
	for _, secret := range s.ownSecrets() {
		forms = append(forms, secret)
		if strings.Contains(secret, ":") {
			forms = append(forms, base64.StdEncoding.EncodeToString([]byte(secret)))
		}
	}
	return forms
}

// masked masks the credentials of the settings in an error of a call that was not sent.
func (s *settings) masked(err error) error {
	var unknown *schema.UnknownOperationError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &unknown):
		unknown.ID = redact(unknown.ID, s.ownSecrets())
		return err
	}
	return maskInvalid(err, s.ownSecrets())
}

// maskInvalid masks secrets in the *schema.ValidationError that err is or wraps.
func maskInvalid(err error, secrets []string) error {
	var invalid *schema.ValidationError
	if errors.As(err, &invalid) {
		invalid.Subject = redact(invalid.Subject, secrets)
		escaped := inPointers(secrets)
		for i := range invalid.Problems {
			maskProblem(&invalid.Problems[i], secrets, escaped)
		}
	}
	return err
}

// maskFindings masks in place what secrets returns, which is asked where there are
// findings.
func maskFindings(findings []schema.Finding, secrets func() []string) []schema.Finding {
	if len(findings) == 0 {
		return findings
	}
	plain := secrets()
	escaped := inPointers(plain)
	for i := range findings {
		maskProblem(&findings[i].Problem, plain, escaped)
	}
	return findings
}

func maskProblem(p *schema.Problem, secrets, escaped []string) {
	p.Pointer = schema.Pointer(redact(string(p.Pointer), escaped))
	p.Got = redact(p.Got, secrets)
	p.Message = redact(p.Message, secrets)
}

// inPointers writes secrets as JSON Pointers have them (RFC 6901 §3).
func inPointers(secrets []string) []string {
	escaped := make([]string, len(secrets))
	for i, secret := range secrets {
		escaped[i] = strings.ReplaceAll(strings.ReplaceAll(secret, "~", "~0"), "/", "~1")
	}
	return escaped
}

// maskHeader returns the header of a response for an error, which a program may log: a
// copy where a value repeats a credential.
func maskHeader(header http.Header, secrets []string) http.Header {
	var copied http.Header
	for name, values := range header {
		for i, value := range values {
			text := redact(value, secrets)
			if text == value {
				continue
			}
			if copied == nil {
				copied = header.Clone()
			}
			copied[name][i] = text
		}
	}
	if copied == nil {
		return header
	}
	return copied
}
