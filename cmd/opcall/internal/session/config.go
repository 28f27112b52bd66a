package session

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/near"
	"github.com/opcall/opcall/internal/yamltext"
)

// Config is the file with the profiles, YAML or JSON.
type Config struct {
	Path     string
	Default  string // the profile without -p; "" for none
	Profiles map[string]Profile
}

// Profile is an API: its document, where it is, and who calls it.
type Profile struct {
	Name           string            `json:"-"` // "" for none
	Spec           string            `json:"spec"`
	Overlays       []string          `json:"overlays"`
	BaseURL        string            `json:"base_url"`
	DocumentServer bool              `json:"document_server"`
	Key            *Secret           `json:"key"`
	AdminKey       *Secret           `json:"admin_key"`
	Credentials    map[string]Secret `json:"credentials"` // by security scheme
	Headers        map[string]string `json:"headers"`
	Variables      map[string]string `json:"variables"` // of the document's server
	Organization   string            `json:"organization"`
	Project        string            `json:"project"`
}

// maxConfig bounds the file, in bytes.
const maxConfig = 1 << 20

// ConfigPath is where the file is: OPCALL_CONFIG, else config.yaml in the folder opcall of
// the user's settings. given says that OPCALL_CONFIG names it.
func (s *Session) ConfigPath() (path string, given bool) {
	if path := s.Getenv("OPCALL_CONFIG"); path != "" {
		return path, true
	}
	if s.configDir == "" {
		return "", false
	}
	return filepath.Join(s.configDir, "config.yaml"), false
}

// Config returns the file. A file that is not there is an empty one, unless OPCALL_CONFIG
// names it.
func (s *Session) Config() (*Config, error) { return s.readConfig() }

func (s *Session) loadConfig() (*Config, error) {
	path, given := s.ConfigPath()
	if path == "" {
		return &Config{}, nil
	}
	text, err := readSmall(path, maxConfig)
	if errors.Is(err, fs.ErrNotExist) && !given {
		return &Config{Path: path}, nil
	}
	if err != nil {
		return nil, err
	}
	read, err := yamltext.JSON(text, maxConfig)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if err := checkNames(read.JSON); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	c, err := parseConfig([]byte(read.JSON))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	c.Path = path
	return c, nil
}

// parseConfig reads the profiles one by one, so that an error names the one that it is in.
func parseConfig(text []byte) (*Config, error) {
	var file struct {
		Default  string                     `json:"default"`
		Profiles map[string]json.RawMessage `json:"profiles"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, plainly(err)
	}
	c := &Config{Default: file.Default, Profiles: make(map[string]Profile, len(file.Profiles))}
	for _, name := range slices.Sorted(maps.Keys(file.Profiles)) {
		p := Profile{Name: name}
		err := checkKeys(string(file.Profiles[name]))
		if err == nil {
			err = plainly(json.Unmarshal(file.Profiles[name], &p))
		}
		if err != nil {
			return nil, fmt.Errorf("profile %.80s: %w", name, err)
		}
		c.Profiles[name] = p
	}
	return c, nil
}

// checkKeys says which key of a profile is wrong, which encoding/json does not.
func checkKeys(profile string) error {
	check := func(place, value string) error {
		var key *Secret
		if err := json.Unmarshal([]byte(value), &key); err != nil {
			return fmt.Errorf("%s: %w", place, err)
		}
		return nil
	}
	for name, value := range jsonscan.Members(profile) {
		switch name {
		case "key", "admin_key":
			if err := check(name, value); err != nil {
				return err
			}
		case "credentials":
			for scheme, value := range jsonscan.Members(value) {
				if err := check("credentials."+scheme, value); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// Names returns the names of the profiles, sorted.
func (c *Config) Names() []string { return slices.Sorted(maps.Keys(c.Profiles)) }

// readSmall reads a file of at most so many bytes.
func readSmall(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: got no regular file", path)
	}
	if info.Size() > limit {
		return nil, fmt.Errorf("%s: got %d bytes, want at most %d", path, info.Size(), limit)
	}
	return os.ReadFile(path)
}

var (
	configNames  = []string{"default", "profiles"}
	profileNames = []string{
		"spec", "overlays", "base_url", "document_server", "key", "admin_key", "credentials",
		"headers", "variables", "organization", "project",
	}
)

// checkNames refuses a name that means nothing: encoding/json would drop it, and with it
// what somebody has set.
func checkNames(text string) error {
	for name := range jsonscan.Members(text) {
		if !slices.Contains(configNames, name) {
			return fmt.Errorf("unknown name %.80q%s", name, near.Question(near.Names(name, configNames, 1)))
		}
	}
	profiles, _ := jsonscan.Member(text, "profiles")
	for profile, body := range jsonscan.Members(profiles) {
		for name := range jsonscan.Members(body) {
			if !slices.Contains(profileNames, name) {
				return fmt.Errorf("profile %.80s: unknown name %.80q%s", profile, name, near.Question(near.Names(name, profileNames, 1)))
			}
		}
	}
	return nil
}

// plainly says what is wrong with a value without the words of Go's decoder.
func plainly(err error) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return fmt.Errorf("%s: got %s where another type is wanted (opcall help profiles)", wrong.Field, wrong.Value)
	}
	return err
}
