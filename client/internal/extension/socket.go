package extension

import (
	"errors"
	"fmt"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/near"
	"github.com/opcall/opcall/schema"
)

// Socket is a WebSocket as the document describes it. It never changes.
//
//	x-opcall-socket:
//	  realtime:                          the name by which programs know it
//	    path: /realtime                  where it is, relative to the API
//	    like: create-realtime-session    the operation to copy servers and security from
//	    query: [model, call_id]          what it takes in its query
//	    headers: {OpenAI-Beta: …}        what every handshake needs
//	    subprotocols: [realtime]         what is offered (RFC 6455 §1.9)
//	    client: RealtimeClientEvent      the component of the client's events
//	    server: RealtimeServerEvent      the component of the server's events
//	    text: {TYPE: PATH}               where the server's events have the text, in gjson syntax
type Socket struct {
	Name         string
	Path         string
	Like         *schema.Operation
	Query        []string
	Headers      []Header
	Subprotocols []string
	Client       *schema.Schema
	Server       *schema.Schema
	Text         map[string]string // path by type of event
}

// SocketNames lists the sockets of a document, in its order.
func SocketNames(doc *schema.Document) (names []string) {
	all, _ := doc.Extension("x-opcall-socket")
	for name := range jsonscan.Members(all) {
		names = append(names, name)
	}
	return names
}

// ReadSocket returns the socket of that name. The error names the nearest ones, or else
// all, or what the document lacks.
func ReadSocket(doc *schema.Document, name string) (*Socket, error) {
	all, _ := doc.Extension("x-opcall-socket")
	text, ok := jsonscan.Member(all, name)
	if !ok {
		names := SocketNames(doc)
		if len(names) == 0 {
			return nil, errors.New("the document declares no sockets (x-opcall-socket)")
		}
		hint := near.Question(near.Names(name, names, 3))
		if hint == "" {
			hint = fmt.Sprintf(", it has %.200s", strings.Join(names, ", "))
		}
		return nil, errors.New("the document has no such socket" + hint)
	}
	s, err := readSocket(doc, text)
	if err != nil {
		return nil, fmt.Errorf("x-opcall-socket: %w", err)
	}
	s.Name = name
	return s, nil
}

func readSocket(doc *schema.Document, text string) (_ *Socket, err error) {
	s := &Socket{}
	for key, value := range jsonscan.Members(text) {
		switch key {
		case "path":
			s.Path = jsonscan.String(value)
		case "like":
			s.Like, err = doc.Operation(jsonscan.String(value))
		case "query":
			s.Query = jsonscan.Strings(value)
		case "headers":
			s.Headers = headers(value)
		case "subprotocols":
			s.Subprotocols = jsonscan.Strings(value)
		case "client":
			s.Client, err = doc.Component(jsonscan.String(value))
		case "server":
			s.Server, err = doc.Component(jsonscan.String(value))
		case "text":
			s.Text, err = pathsByName(value)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
	}
	switch {
	case s.Path == "" || s.Path[0] != '/':
		return nil, fmt.Errorf("got path %.80q, want one that begins with /", s.Path)
	case s.Like == nil:
		return nil, errors.New("missing \"like\": the operation to copy servers and security from")
	case s.Client == nil || s.Server == nil:
		return nil, errors.New("missing \"client\" or \"server\": the components of the events of each side")
	}
	return s, nil
}
