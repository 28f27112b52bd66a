package client

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/opcall/opcall/schema"
)

// environment is what OPENAI_* variables say. It is used for documents of the OpenAI
// API only: the key of one provider is nothing to send to another. Explicit settings
// override it.
type environment struct {
	apiKey, adminKey      *secret
	organization, project string
	baseURL               *url.URL
}

// WithoutEnvironment lets New read no environment variables: neither OPENAI_* nor
// OPCALL_SPEC.
func WithoutEnvironment() Option {
	return clientOption(func(c *config) error { c.noEnvironment = true; return nil })
}

// readEnvironment reads OPENAI_*. Variables that are empty, or white space, count as
// unset. The error is that of all that cannot be used; the others are returned.
func readEnvironment() (*environment, error) {
	var s settings
	var wrong []error
	for _, variable := range [...]struct {
		name   string
		option func(string) Setting
	}{
		{"OPENAI_API_KEY", WithAPIKey},
		{"OPENAI_ADMIN_KEY", WithAdminKey},
		{"OPENAI_ORG_ID", WithOrganization},
		{"OPENAI_PROJECT_ID", WithProject},
		{"OPENAI_BASE_URL", WithBaseURL},
	} {
		value := strings.TrimSpace(os.Getenv(variable.name))
		if value == "" {
			continue
		}
		if err := variable.option(value).applyCall(&s); err != nil {
			wrong = append(wrong, fmt.Errorf("environment variable %s: %w", variable.name, err))
		}
	}
	e := &environment{apiKey: s.apiKey, adminKey: s.adminKey, baseURL: s.baseURL}
	if s.organization != nil {
		e.organization = *s.organization
	}
	if s.project != nil {
		e.project = *s.project
	}
	return e, errors.Join(wrong...)
}

// isOpenAI is the one definition of what describes the OpenAI API: its first server
// is DefaultBaseURL, with or without a slash at the end. Errata, the environment and
// the default address go by it.
func isOpenAI(servers []schema.Server) bool {
	if len(servers) == 0 {
		return false
	}
	u, err := url.Parse(servers[0].URL)
	return err == nil && u.User == nil && u.RawQuery == "" && u.Fragment == "" && sameOrigin(u, defaultBase) &&
		strings.TrimSuffix(u.Path, "/") == defaultBase.Path
}

// environment returns what the environment has for a call, nothing for a call of
// another API.
func (b *Bound) environment() environment {
	if env := b.settings.environment; env != nil && b.plan.openAI {
		return *env
	}
	return environment{}
}

// key returns the API key or the admin key that applies, nil where there is none.
func (b *Bound) key(admin bool) *secret {
	env := b.environment()
	given, fallback := b.settings.apiKey, env.apiKey
	if admin {
		given, fallback = b.settings.adminKey, env.adminKey
	}
	if given == nil {
		given = fallback
	}
	return given.orNil()
}
