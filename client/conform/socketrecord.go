package conform

import (
	"bytes"
	"encoding/binary"
	"io"
	"net/http"
	"sync"
)

// Sender says which side of a WebSocket has sent a Message.
type Sender string

// The sides.
const (
	Client Sender = "client"
	Server Sender = "server"
)

// Message is a message of a WebSocket, or its close.
type Message struct {
	From   Sender `json:"from"`
	Body   Body   `json:"body,omitzero"`    // of a close the reason
	Binary bool   `json:"binary,omitempty"` // it is not text
	Close  int    `json:"close,omitempty"`  // code of a close (RFC 6455 §7.4), 1005 where it has none; 0 of a message
}

const noStatus = 1005 // RFC 6455 §7.4.1

// recordedSocket is a WebSocket that is recorded while its bytes go by.
type recordedSocket struct {
	io.ReadWriteCloser // of the server: reads are what it says, writes what the client says
	client, server     frames
	secrets            []string
	once               sync.Once
	use                func(Exchange)

	mu       sync.Mutex
	exchange Exchange
	left     int // bytes that may still be kept
}

// recordSocket returns the connection of a handshake that the server agreed to, which hands
// out the exchange when it is closed.
func recordSocket(conn io.ReadWriteCloser, e Exchange, header http.Header, limit int, secrets []string, use func(Exchange)) *recordedSocket {
	s := &recordedSocket{ReadWriteCloser: conn, secrets: secrets, use: use, exchange: e, left: limit}
	agreed, ok := readExtensions(header.Get("Sec-Websocket-Extensions"))
	s.exchange.MessagesOmitted = !ok
	s.client = frames{limit: limit, deflated: agreed.client, binary: true, off: !ok, found: s.keep(Client), broken: s.omit}
	s.server = frames{limit: limit, deflated: agreed.server, binary: true, off: !ok, found: s.keep(Server), broken: s.omit}
	return s
}

// Read reads what the server says.
func (s *recordedSocket) Read(p []byte) (int, error) {
	n, err := s.ReadWriteCloser.Read(p)
	s.server.add(p[:n])
	return n, err
}

// Write writes what the client says. It is kept before the server has it: a response cannot
// be before what it responds to.
func (s *recordedSocket) Write(p []byte) (int, error) {
	s.client.add(p)
	return s.ReadWriteCloser.Write(p)
}

// Close closes the connection, and ends the recording.
func (s *recordedSocket) Close() error {
	err := s.ReadWriteCloser.Close()
	s.once.Do(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.use(s.exchange)
	})
	return err
}

// omit notes that messages are missing.
func (s *recordedSocket) omit(string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.exchange.MessagesOmitted, s.left = true, 0
}

// keep returns what keeps the messages of one side. After the first that is not kept, none is
// kept.
func (s *recordedSocket) keep(from Sender) func(*message) {
	return func(m *message) {
		s.mu.Lock()
		defer s.mu.Unlock()
		const overhead = 64 // of an empty message
		if s.left -= len(m.data) + overhead; s.left < 0 || m.unread != nil || s.exchange.MessagesOmitted {
			s.exchange.MessagesOmitted, s.left = true, 0
			return
		}
		kept := Message{From: from, Binary: m.opcode == opBinary}
		data := m.data
		if m.opcode == opClose {
			kept.Close = noStatus
			if len(data) >= 2 {
				kept.Close, data = int(binary.BigEndian.Uint16(data)), data[2:]
			}
		}
		kept.Body, _ = safeBody(bytes.Clone(data), "", len(data), s.secrets)
		s.exchange.Messages = append(s.exchange.Messages, kept)
	}
}
