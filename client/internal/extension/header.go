package extension

import (
	"net/http"
	"strings"

	"github.com/opcall/opcall/client/internal/mask"
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

// reserved reports whether a header carries a credential, says who is asking, from
// where or to whom, or how the message is to be read. The caller and the connection
// decide about such headers, never a document.
func reserved(name string) bool {
	name = http.CanonicalHeaderKey(name)
	switch name {
	case "Origin", "Referer", "Host", "Forwarded", "Openai-Organization", "Openai-Project", "Connection", "Keep-Alive", "Upgrade",
		"Content-Length", "Content-Encoding", "Transfer-Encoding", "Te", "Trailer", "Expect":
		return true
	}
	return mask.Sensitive(name) || strings.HasPrefix(name, "Sec-") || strings.HasPrefix(name, "Proxy-") || strings.HasPrefix(name, "X-Forwarded-")
}

// headers reads an object of headers, without the reserved ones.
func headers(object string) (list []Header) {
	for name, value := range jsonscan.Members(object) {
		if !reserved(name) {
			list = append(list, Header{name, jsonscan.String(value)})
		}
	}
	return list
}
