package session

import (
	"cmp"
	"fmt"
	"iter"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/opcall/opcall/cmd/opcall/internal/terminal"
	"github.com/opcall/opcall/internal/curl"
	"github.com/opcall/opcall/internal/near"
)

// Profile returns the profile in use: that of -p, else of OPCALL_PROFILE, else, where
// neither --spec nor OPCALL_SPEC names another API, the default of the config file. Without
// any it is the empty profile.
func (s *Session) Profile() (*Profile, error) { return s.openProfile() }

func (s *Session) findProfile() (*Profile, error) {
	name := cmp.Or(s.Flags.Profile, s.Getenv("OPCALL_PROFILE"))
	asked := name != ""
	// The keys of one API are nothing to send to another.
	if !asked && cmp.Or(s.Flags.Spec, s.Getenv("OPCALL_SPEC")) != "" {
		return &Profile{}, nil
	}
	config, err := s.Config()
	if err != nil {
		return nil, err
	}
	name = cmp.Or(name, config.Default)
	if name == "" {
		return &Profile{}, nil
	}
	p, ok := config.Profiles[name]
	if !ok {
		known := config.Names()
		hint := near.Question(near.Names(name, known, 3))
		switch {
		case hint == "" && len(known) == 0:
			hint = "; the file has no profiles, opcall help profiles shows how to write one"
		case hint == "":
			hint = "; there are " + strings.Join(known, ", ")
		}
		return nil, fmt.Errorf("%s: no profile is called %.80q%s", cmp.Or(config.Path, "config file"), name, hint)
	}
	s.warnOfKeys(config.Path, &p)
	s.warnOfWriters(config.Path, &p)
	return &p, nil
}

// Keys yields the keys of the profile by their place in it: "key", "credentials.basicAuth".
func (p *Profile) Keys() iter.Seq2[string, *Secret] {
	return func(yield func(string, *Secret) bool) {
		if p.Key != nil && !yield("key", p.Key) || p.AdminKey != nil && !yield("admin_key", p.AdminKey) {
			return
		}
		for _, scheme := range sortedKeys(p.Credentials) {
			secret := p.Credentials[scheme]
			if !yield("credentials."+scheme, &secret) {
				return
			}
		}
	}
}

// secretHeaders are those that carry a key.
var secretHeaders = []string{"Authorization", "Api-Key", "X-Api-Key", "Cookie", "Proxy-Authorization"}

// warnOfKeys warns of what should not stand in a file.
func (s *Session) warnOfKeys(path string, p *Profile) {
	for place, secret := range p.Keys() {
		if secret.text == "" {
			continue
		}
		name := place[strings.LastIndexByte(place, '.')+1:]
		keyring := p.Name
		if name != "key" {
			keyring += "-" + name
		}
		s.Warn("%s: profiles.%s.%s has a key in the clear; store it by \"opcall key set %s\" and write %s: {keyring: %s} in its place",
			path, p.Name, place, keyring, name, keyring)
	}
	for _, name := range sortedKeys(p.Headers) {
		if slices.Contains(secretHeaders, http.CanonicalHeaderKey(name)) {
			s.Warn("%s: profiles.%s.headers.%s has a key in the clear; give it as key or credentials, from the environment, a command or the keyring (opcall help profiles)",
				path, p.Name, name)
		}
	}
}

// warnOfWriters warns of a file whose commands are run and that anybody may write. Windows
// has no such permission; there the mode never says so.
func (s *Session) warnOfWriters(path string, p *Profile) {
	const everyone = 0o002
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm()&everyone == 0 {
		return
	}
	for place, secret := range p.Keys() {
		if len(secret.Command) > 0 {
			s.Warn("%s: every user of this machine may write it, and profiles.%s.%s is a command that is run: chmod o-w %s",
				path, p.Name, place, curl.Quote(path, nil))
			return
		}
	}
}

// Warn writes a warning to Err, each text once.
func (s *Session) Warn(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if s.warned[text] {
		return
	}
	s.warned[text] = true
	fmt.Fprintf(s.Err, "%s %s\n", s.Paint(s.Err).Text(terminal.Yellow, "opcall: warning:"), text)
}
