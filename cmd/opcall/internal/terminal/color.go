package terminal

import "io"

// Style is how a piece of text is shown.
type Style string

// The styles, as SGR parameters (ECMA-48 §8.3.117).
const (
	Bold   Style = "1"
	Faint  Style = "2"
	Red    Style = "31"
	Green  Style = "32"
	Yellow Style = "33"
	Blue   Style = "34"
	Cyan   Style = "36"
)

// Painter writes text in styles, or without them where the other end shows none.
// The zero Painter has none.
type Painter struct{ on bool }

// Paint returns the painter for a stream: Out or Err. A stream that is a terminal gets
// styles unless TERM is dumb. NO_COLOR switches them off, FORCE_COLOR on, also in a
// pipe; with both there are none. FORCE_COLOR=0 is as if it were unset.
func (t *IO) Paint(w io.Writer) Painter {
	terminal := w == t.Out && t.OutTerminal || w == t.Err && t.ErrTerminal
	force := t.Getenv("FORCE_COLOR")
	switch {
	case t.Getenv("NO_COLOR") != "":
		return Painter{}
	case force != "" && force != "0":
		return Painter{on: true}
	}
	return Painter{on: terminal && t.Getenv("TERM") != "dumb"}
}

// On reports whether there are styles.
func (p Painter) On() bool { return p.on }

// Text returns a text in a style.
func (p Painter) Text(style Style, text string) string {
	if !p.on || text == "" {
		return text
	}
	return "\x1b[" + string(style) + "m" + text + "\x1b[0m"
}
