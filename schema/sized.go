package schema

import "encoding/binary"

// What a cache keeps is texts of any content one behind the other, so that none of them can
// be ended by a mark. Each begins with its length, which also tells a reader how far to go
// without looking at what it passes.

// appendSized writes a text behind its length, a varint: nearly all are short.
func appendSized(b []byte, text string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

// cutSized reads a text that appendSized wrote, and returns what is behind it. What a
// checksum proves to be whole is well-formed; a length that leads out of the text is the work
// of somebody who wrote another checksum on purpose, and ends the reading.
func cutSized(b string) (text, rest string) {
	size, n := binary.Uvarint([]byte(b[:min(len(b), binary.MaxVarintLen64)]))
	if n <= 0 || size > uint64(len(b)-n) {
		return "", ""
	}
	return b[n : n+int(size)], b[n+int(size):]
}
