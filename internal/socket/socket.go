// Package socket reads what a document says of its WebSockets: x-opcall-socket,
// since OpenAPI has no word for them. Both sides of a socket go by it.
//
//	x-opcall-socket:
//	  realtime:                          the name by which programs know it
//	    path: /realtime                  where it is, relative to the API
//	    like: create-realtime-session    the operation whose server and credentials are its, too
//	    query: [model, call_id]          what it takes in its query
//	    headers: {OpenAI-Beta: …}        what every handshake needs
//	    subprotocols: [realtime]         what is offered (RFC 6455 §1.9)
//	    client: RealtimeClientEvent      the component of which the client's events are
//	    server: RealtimeServerEvent      the component of which the server's events are
//	    text: {TYPE: PATH}               where the server's events have the text, in gjson syntax
package socket

import (
	"errors"
	"fmt"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/near"
	"github.com/opcall/opcall/schema"
)

const extension = "x-opcall-socket"

// Spec is a socket as its document has it. It never changes.
type Spec struct {
	Name         string
	Path         string
	Like         *schema.Operation
	Query        []string
	Headers      map[string]string
	Subprotocols []string
	Client       *schema.Schema
	Server       *schema.Schema
	Text         map[string]string // path by type of event
}

// Names lists the sockets of a document, in its order.
func Names(doc *schema.Document) (names []string) {
	all, _ := doc.Extension(extension)
	for name := range jsonscan.Members(all) {
		names = append(names, name)
	}
	return names
}

// Read returns the socket of that name. The error names the nearest ones, or else
// all, or what the document lacks.
func Read(doc *schema.Document, name string) (*Spec, error) {
	all, _ := doc.Extension(extension)
	text, ok := jsonscan.Member(all, name)
	if !ok {
		names := Names(doc)
		if len(names) == 0 {
			return nil, errors.New("the document tells of no sockets, in " + extension)
		}
		hint := near.Question(near.Names(name, names, 3))
		if hint == "" {
			hint = fmt.Sprintf(", it has %.200s", strings.Join(names, ", "))
		}
		return nil, errors.New("the document has no such socket" + hint)
	}
	s, err := read(doc, text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", extension, err)
	}
	s.Name = name
	return s, nil
}

func read(doc *schema.Document, text string) (_ *Spec, err error) {
	s := &Spec{}
	for key, value := range jsonscan.Members(text) {
		switch key {
		case "path":
			s.Path = jsonscan.String(value)
		case "like":
			s.Like, err = doc.Operation(jsonscan.String(value))
		case "query":
			s.Query = jsonscan.Strings(value)
		case "headers":
			s.Headers = texts(value)
		case "subprotocols":
			s.Subprotocols = jsonscan.Strings(value)
		case "client":
			s.Client, err = doc.Component(jsonscan.String(value))
		case "server":
			s.Server, err = doc.Component(jsonscan.String(value))
		case "text":
			s.Text = texts(value)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
	}
	switch {
	case s.Path == "" || s.Path[0] != '/':
		return nil, fmt.Errorf("got path %.80q, want one that begins with /", s.Path)
	case s.Like == nil:
		return nil, errors.New("got no operation that it is like")
	case s.Client == nil || s.Server == nil:
		return nil, errors.New("got no component for the events of each side")
	}
	return s, nil
}

// texts reads an object whose members are strings.
func texts(object string) map[string]string {
	values := make(map[string]string)
	for name, value := range jsonscan.Members(object) {
		values[name] = jsonscan.String(value)
	}
	return values
}
