package jsonscan

// Cursor walks nested objects in one pass: unlike Members, which finds the end
// of a value before it yields it, a cursor lets the caller descend first.
//
//	c := jsonscan.NewCursor(text)
//	if c.Enter() {
//		for c.Next() {
//			if c.Key() == "paths" && c.Enter() {
//				for c.Next() { … }
//			} else {
//				value := c.Value()
//			}
//		}
//	}
//
// Each value that Next stops at must be consumed: by Value, or by Enter and a
// loop that runs until Next reports false, or to Leave. On malformed text the loops end
// early; no call panics.
type Cursor struct {
	s     string
	i     int
	key   string
	steps *Steps // nil where nobody keeps them
}

// NewCursor returns a cursor at the start of text.
func NewCursor(text string) *Cursor {
	return &Cursor{s: text, i: Space(text, 0)}
}

// NewSteppingCursor is NewCursor for a text that is walked more than once: with empty
// steps it records how far each value reaches that is passed unread, and with recorded ones
// it goes on from there without a look at the text.
//
// Recorded steps are those of one text and one way through it. With others the values are
// wrong, but no call panics.
func NewSteppingCursor(text string, steps *Steps) *Cursor {
	c := NewCursor(text)
	c.steps = steps
	return c
}

// Enter steps into the object under the cursor. For any other value it reports
// false and stays where it is.
func (c *Cursor) Enter() bool {
	if c.i >= len(c.s) || c.s[c.i] != '{' {
		return false
	}
	c.i++
	return true
}

// EnterArray is Enter for an array, whose items NextItem walks.
func (c *Cursor) EnterArray() bool {
	if c.i >= len(c.s) || c.s[c.i] != '[' {
		return false
	}
	c.i++
	return true
}

// NextItem moves to the next item, or past the array's end.
func (c *Cursor) NextItem() bool {
	i := Space(c.s, c.i)
	if i < len(c.s) && c.s[i] == ',' {
		i = Space(c.s, i+1)
	}
	if i >= len(c.s) || c.s[i] == '}' || c.s[i] == ':' {
		c.i = len(c.s)
		return false
	}
	if c.s[i] == ']' {
		c.i = i + 1
		return false
	}
	c.i = i
	return true
}

// Next moves to the next member's value, or past the object's end.
func (c *Cursor) Next() bool {
	i := Space(c.s, c.i)
	if i < len(c.s) && c.s[i] == ',' {
		i = Space(c.s, i+1)
	}
	if i < len(c.s) && c.s[i] == '}' {
		c.i = i + 1
		return false
	}
	if i >= len(c.s) || c.s[i] != '"' {
		c.i = i
		return false
	}
	end := skipString(c.s, i)
	c.key = c.s[i:end]
	i = Space(c.s, end)
	if i >= len(c.s) || c.s[i] != ':' {
		c.i = len(c.s)
		return false
	}
	c.i = Space(c.s, i+1)
	return true
}

// Leave moves past the end of the object that the cursor is in. It stands at a
// member's value, or after it.
func (c *Cursor) Leave() { c.i = c.steps.past(c.s, c.i, leave) }

// Key is the name of the member under the cursor.
func (c *Cursor) Key() string { return String(c.key) }

// Value consumes the value under the cursor and returns its text.
func (c *Cursor) Value() string {
	start := c.i
	c.i = c.steps.past(c.s, start, Skip)
	return c.s[start:c.i]
}

// Offset is where the cursor stands in the text.
func (c *Cursor) Offset() int { return c.i }
