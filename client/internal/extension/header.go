package extension

import (
	"net/http"
	"slices"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// Header is a header that a document asks for.
type Header struct{ Name, Value string } // the name as the document spells it

// Headers returns the headers that every request of the operation needs:
// x-opcall-headers, in the order of the document.
func Headers(op *schema.Operation) []Header {
	text, _ := op.Extension("x-opcall-headers")
	return headers(text)
}

// reserved are the headers that say who is asking, from where, or how the message
// is to be read. The caller and the connection decide about them, never a document.
var reserved = []string{
	"Authorization", "Proxy-Authorization", "Cookie", "Origin", "Referer", "Host", "Openai-Organization", "Openai-Project",
	"Connection", "Upgrade", "Content-Length", "Transfer-Encoding", "Te", "Trailer",
	"Sec-Websocket-Protocol", "Sec-Websocket-Key", "Sec-Websocket-Version", "Sec-Websocket-Extensions", "Sec-Websocket-Accept",
}

// headers reads an object of headers, without the reserved ones.
func headers(object string) (list []Header) {
	for name, value := range jsonscan.Members(object) {
		if !slices.Contains(reserved, http.CanonicalHeaderKey(name)) {
			list = append(list, Header{name, jsonscan.String(value)})
		}
	}
	return list
}
