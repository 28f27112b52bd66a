// Package session is what the commands of one process share: the streams, and, each
// made when it is first asked for, the profile, the document and the client.
//
//	session.go     Session, and the flags that every command has
//	config.go      the file with the profiles
//	profile.go     the one in use
//	credential.go  where keys come from: the environment, a command, the keyring
//	document.go    the document, from a file, a URL or the program itself
//	client.go      the client
package session

import (
	"math"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/spf13/pflag"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/cmd/opcall/internal/terminal"
	"github.com/opcall/opcall/schema"
)

// Flags are those that every command has. They override the profile.
type Flags struct {
	Spec           string        // file or URL
	Profile        string        // its name
	Overlays       []string      // files
	BaseURL        string        // where requests go
	DocumentServer bool          // requests may go to the server that the document names
	Headers        []string      // "Name: value"
	Timeout        time.Duration // of one attempt, 0 for no limit; libraryTimeout for the library's own
	MaxRetries     int           // libraryRetries for the library's own
}

// Session is for one process and is not safe for concurrent use, but for Document.
type Session struct {
	*terminal.IO
	Flags Flags

	configDir, cacheDir string // "" where the system has none

	readConfig  func() (*Config, error)
	openProfile func() (*Profile, error)
	document    func() (*schema.Document, error)
	warned      map[string]bool
}

// New returns a session that has read nothing yet.
func New(t *terminal.IO) *Session {
	s := &Session{IO: t, warned: make(map[string]bool)}
	if dir, err := os.UserConfigDir(); err == nil {
		s.configDir = filepath.Join(dir, "opcall")
	}
	if dir, err := os.UserCacheDir(); err == nil {
		s.cacheDir = filepath.Join(dir, "opcall")
	}
	s.readConfig = sync.OnceValues(s.loadConfig)
	s.openProfile = sync.OnceValues(s.findProfile)
	s.document = sync.OnceValues(s.loadDocument)
	return s
}

// What Flags have where none was given: other values below 0 are refused.
const (
	libraryTimeout = math.MinInt64 * time.Nanosecond
	libraryRetries = math.MinInt
)

// AddFlags declares the flags.
func (s *Session) AddFlags(flags *pflag.FlagSet) {
	f := &s.Flags
	flags.StringVar(&f.Spec, "spec", "", "OpenAPI document: a `file` or URL (default: OPCALL_SPEC, else the OpenAI API)")
	flags.StringVarP(&f.Profile, "profile", "p", "", "profile `name` of the config file (default: OPCALL_PROFILE)")
	flags.StringArrayVar(&f.Overlays, "overlay", nil, "OpenAPI overlay `file` to apply to the document, may be repeated")
	flags.StringVar(&f.BaseURL, "base-url", "", "where requests go, in place of the profile and OPENAI_BASE_URL")
	flags.BoolVar(&f.DocumentServer, "document-server", false, "let requests, and keys, go to the server that the document names")
	flags.StringArrayVarP(&f.Headers, "header", "H", nil, "`header` of every request, \"Name: value\", may be repeated")
	flags.DurationVar(&f.Timeout, "timeout", libraryTimeout, "how long one attempt may take, 0 for no limit")
	flags.Lookup("timeout").DefValue = "10m"
	flags.IntVar(&f.MaxRetries, "max-retries", libraryRetries, "how often a request is sent again")
	flags.Lookup("max-retries").DefValue = strconv.Itoa(client.DefaultMaxRetries)
}

// StateDir returns the folder for what a command keeps between its runs, such as
// conversations: OPCALL_STATE, else opcall in the user's folder for settings. It need not
// exist.
func (s *Session) StateDir() (string, error) {
	if dir := s.Getenv("OPCALL_STATE"); dir != "" {
		return dir, nil
	}
	if s.configDir == "" {
		_, err := os.UserConfigDir()
		return "", err
	}
	return s.configDir, nil
}
