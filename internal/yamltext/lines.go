package yamltext

import "encoding/binary"

// Lines says on which lines of a YAML text the values of its JSON stood. The
// zero Lines knows none.
type Lines struct {
	steps        []byte // pairs of varints: bytes of JSON, and lines, since the pair before
	offset, line int    // of the last pair
}

// mark notes that what is written from offset on stands on line.
func (l *Lines) mark(offset, line int) {
	if line == l.line || line == 0 {
		return
	}
	l.steps = binary.AppendUvarint(l.steps, uint64(offset-l.offset))
	l.steps = binary.AppendVarint(l.steps, int64(line-l.line))
	l.offset, l.line = offset, line
}

// At returns the line, from 1, of the value that begins at an offset of the
// JSON text, or 0.
func (l Lines) At(offset int) int {
	at, line := 0, 0
	for steps := l.steps; len(steps) > 0; {
		forward, n := binary.Uvarint(steps)
		down, m := binary.Varint(steps[n:])
		if at += int(forward); at > offset {
			break
		}
		line += int(down)
		steps = steps[n+m:]
	}
	return line
}

// Known reports whether there are lines at all.
func (l Lines) Known() bool { return len(l.steps) > 0 }
