package stream

const (
	// minBuffer is the least that an event's buffer starts with.
	minBuffer = 512
	// maxKept is the capacity up to which a buffer is used again.
	maxKept = 64 << 10
)

// room returns how many more bytes the value of f may have. A value that
// replaces another is not counted together with it.
func (d *Decoder) room(f field) int {
	held := len(d.data) + len(d.value)
	if f != fieldEvent {
		held += len(d.typ)
	}
	if f != fieldID {
		held += len(d.id)
	}
	return d.limit - held
}

// extend appends text to b, whose capacity doubles as far as the limit lets it.
func (d *Decoder) extend(b, text []byte) []byte {
	if need := len(b) + len(text); need > cap(b) {
		size := max(2*cap(b), minBuffer)
		grown := make([]byte, len(b), max(need, min(size, d.limit)))
		copy(grown, b)
		b = grown
	}
	return append(b, text...)
}

// detach returns the data of the event for the caller to keep: a copy of its
// exact size or, where the data is large, the buffer itself.
func (d *Decoder) detach() []byte {
	if cap(d.data) > maxKept {
		data := d.data[:len(d.data):len(d.data)]
		d.data = nil
		return data
	}
	data := make([]byte, len(d.data))
	copy(data, d.data)
	d.data = d.data[:0]
	return data
}

// reuse empties b, or lets it go when it has become large.
func reuse(b []byte) []byte {
	if cap(b) > maxKept {
		return nil
	}
	return b[:0]
}
