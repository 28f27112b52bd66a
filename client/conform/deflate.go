package conform

import (
	"bytes"
	"compress/flate"
	"errors"
	"io"
	"strings"
)

// deflated is one direction of a WebSocket whose messages may be compressed
// (permessage-deflate, RFC 7692). It holds the window of the messages before, which the
// next one may refer to.
type deflated struct {
	takeover bool // a message refers to those before
	window   []byte
	reader   io.ReadCloser
}

const (
	deflateWindow = 32 << 10
	// deflateEnd is what a sender takes off a message (§7.2.1), and an empty last block.
	deflateEnd = "\x00\x00\xff\xff\x01\x00\x00\xff\xff"
)

// extensions are what both sides of a WebSocket have agreed on.
type extensions struct {
	client, server *deflated // nil where messages are not compressed
}

// readExtensions reads the header of a handshake. It reports false where there is an
// extension of which it does not know what it does to frames.
func readExtensions(header string) (e extensions, ok bool) {
	if strings.TrimSpace(header) == "" {
		return e, true
	}
	name, params, _ := strings.Cut(header, ";")
	if strings.Contains(header, ",") || !strings.EqualFold(strings.TrimSpace(name), "permessage-deflate") {
		return e, false
	}
	e.client, e.server = &deflated{takeover: true}, &deflated{takeover: true}
	for param := range strings.SplitSeq(params, ";") {
		key, _, _ := strings.Cut(param, "=")
		switch strings.ToLower(strings.TrimSpace(key)) {
		case "client_no_context_takeover":
			e.client.takeover = false
		case "server_no_context_takeover":
			e.server.takeover = false
		}
	}
	return e, true
}

// text returns the plain text of a message of at most limit bytes. After an error what
// follows cannot be read, where it refers to what came before.
func (d *deflated) text(message []byte, limit int) ([]byte, error) {
	source := io.MultiReader(bytes.NewReader(message), strings.NewReader(deflateEnd))
	if d.reader == nil {
		d.reader = flate.NewReaderDict(source, d.window)
	} else if err := d.reader.(flate.Resetter).Reset(source, d.window); err != nil {
		return nil, err
	}
	plain, err := io.ReadAll(io.LimitReader(d.reader, int64(limit)+1))
	switch {
	case err != nil:
		return nil, errors.New("it is not the deflate that was agreed on")
	case len(plain) > limit:
		return nil, tooLong(limit)
	}
	if d.takeover {
		d.window = append(d.window, plain...)
		d.window = append([]byte(nil), d.window[max(0, len(d.window)-deflateWindow):]...)
	}
	return plain, nil
}
