package chat

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/opcall/opcall/client/openai"
	"github.com/opcall/opcall/cmd/opcall/internal/render"
	"github.com/opcall/opcall/cmd/opcall/internal/session"
	"github.com/opcall/opcall/cmd/opcall/internal/terminal"
)

// history is the folder of the conversations, a file each, for its owner alone.
type history struct{ dir string }

// record is a conversation as it is kept.
type record struct {
	Name         string          `json:"name"`
	API          string          `json:"api"`
	Model        string          `json:"model"`
	System       string          `json:"system,omitempty"`
	Conversation json.RawMessage `json:"conversation,omitempty"` // nil before the first turn

	path string
}

func openHistory(s *session.Session) (history, error) {
	dir, err := s.StateDir()
	return history{filepath.Join(dir, "chats")}, err
}

// find returns the conversation of that name, a new one where there is none, or the latest
// one.
func (h history) find(name string, latest bool) (*record, error) {
	switch {
	case latest:
		names, err := h.names()
		if err != nil {
			return nil, err
		}
		if len(names) == 0 {
			return nil, errors.New("there is no conversation to go on with")
		}
		name = names[0]
	case name == "":
		name = time.Now().Format("20060102-150405.000")
	case strings.ContainsAny(name, `/\`) || strings.HasPrefix(name, "."):
		return nil, fmt.Errorf("--name: got %.80q, want letters, digits and dashes", name)
	}
	r := &record{Name: name, path: filepath.Join(h.dir, name+".json")}
	text, err := os.ReadFile(r.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return r, nil
	case err != nil:
		return nil, err
	}
	if err := json.Unmarshal(text, r); err != nil {
		return nil, fmt.Errorf("%s: %w", r.path, err)
	}
	r.Name = name
	return r, nil
}

// names lists the conversations, the latest first.
func (h history) names() ([]string, error) {
	entries, err := os.ReadDir(h.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	when := make(map[string]time.Time)
	var names []string
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), ".json")
		info, err := e.Info()
		if !ok || strings.HasPrefix(name, ".") || err != nil {
			continue
		}
		names, when[name] = append(names, name), info.ModTime()
	}
	slices.SortStableFunc(names, func(a, b string) int { return when[b].Compare(when[a]) })
	return names, nil
}

func (h history) list(t *terminal.IO) error {
	names, err := h.names()
	if err != nil {
		return err
	}
	table := render.Table{Painter: t.Paint(t.Out), Styles: []terminal.Style{terminal.Cyan}}
	for _, name := range names {
		r, err := h.find(name, false)
		if err != nil {
			table.Row(name, "damaged", err.Error())
			continue
		}
		table.Row(name, r.API, r.Model)
	}
	return table.Write(t.Out)
}

// save writes the conversation, whole or not at all.
func (r *record) save(c *openai.Conversation) error {
	var err error
	if r.Conversation, err = c.MarshalJSON(); err != nil {
		return err
	}
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(r.path), 0o700); err != nil {
		return err
	}
	return session.WriteFile(r.path, text, 0o600)
}
