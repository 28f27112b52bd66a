package jsonscan

import "encoding/binary"

// Steps are the lengths of what a cursor passed, in the order in which it passed it. The
// zero Steps is ready to record.
//
// To find the end of a value its text must be scanned, and that is nearly all that it costs
// to index a document. Who keeps a document keeps its steps beside it, and indexes it the
// next time without that scan, by the same code.
type Steps struct {
	lengths []byte // uvarints
	next    int    // the offset in lengths from which replay goes on
	replay  bool
}

// RecordedSteps are those that Bytes returned earlier. None, an empty slice, record anew.
func RecordedSteps(lengths []byte) *Steps {
	return &Steps{lengths: lengths[:len(lengths):len(lengths)], replay: len(lengths) > 0} // which may be in memory that is not to be written
}

// Bytes returns what was recorded, to be kept.
func (s *Steps) Bytes() []byte { return s.lengths }

// past returns where in text the cursor is, once it has passed what begins at start. The
// function find looks for it: it is what costs, and is not called where the step is known.
//
// A step that leads out of the text is not one of this text. From there on all are looked for.
func (s *Steps) past(text string, start int, find func(string, int) int) int {
	if s == nil {
		return find(text, start)
	}
	if s.replay {
		length, n := binary.Uvarint(s.lengths[s.next:])
		if s.next += max(n, 0); n > 0 && length <= uint64(len(text)-start) {
			return start + int(length)
		}
		s.replay = false
		return find(text, start)
	}
	end := find(text, start)
	s.lengths = binary.AppendUvarint(s.lengths, uint64(end-start))
	return end
}

// leave finds the end of the object that offset i of text is in.
func leave(text string, i int) int { return skipOut(text, i, 1) }
