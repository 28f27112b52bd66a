package schema

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"strings"
	"unicode/utf16"
)

// utf8Text returns data in UTF-8 without a byte order mark. UTF-16 is known by its mark
// or, as YAML 1.2 §5.2 says, by the zero byte beside its first character, which is one
// of ASCII. Files in UTF-16 come from editors and shells of Windows. UTF-32, which YAML
// allows too, is not read; an unpaired surrogate becomes U+FFFD.
func utf8Text(data []byte) ([]byte, error) {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		return data[3:], nil
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		order, data = binary.LittleEndian, data[2:]
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		order, data = binary.BigEndian, data[2:]
	case len(data) >= 2 && data[0] != 0 && data[1] == 0:
		order = binary.LittleEndian
	case len(data) >= 2 && data[0] == 0 && data[1] != 0:
		order = binary.BigEndian
	default:
		return data, nil
	}
	if len(data)%2 != 0 {
		return nil, &DocumentError{Reason: "the document is UTF-16 and ends within a character"}
	}
	// A copy of at most one and a half times the size: the text is needed in UTF-8, and
	// documents in UTF-16 are rare and small.
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = order.Uint16(data[2*i:])
	}
	return []byte(string(utf16.Decode(units))), nil
}

// shown is a stranger's text as messages show it: at most limit bytes, and escaped
// where it is not printable, so that it makes no lines of its own. A log line or a
// terminal would otherwise be written by whoever wrote the document.
func shown(text string, limit int) string {
	text = bounded(text, limit)
	// U+FFFD counts as unprintable, as it most often stands for bytes that are not
	// UTF-8: the escape shows that there was something.
	plain := func(r rune) bool { return !strconv.IsPrint(r) || r == '\ufffd' }
	if strings.IndexFunc(text, plain) < 0 {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if plain(r) {
			quoted := strconv.QuoteRuneToASCII(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// bounded cuts text that is only shown.
// The cut may fall within a character; what is left of it is taken off.
func bounded(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "") + "…"
}
