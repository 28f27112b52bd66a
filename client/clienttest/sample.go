package clienttest

import (
	"mime"
	"net/http"
	"strings"
	"sync"

	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/sample"
	"github.com/opcall/opcall/schema"
)

// success is the status of an operation's first success: the first 2xx that the
// document lists, else 200.
func success(op *schema.Operation) int {
	if op == nil {
		return http.StatusOK
	}
	for _, r := range op.Responses {
		if len(r.Status) == 3 && r.Status[0] == '2' && isDigit(r.Status[1]) && isDigit(r.Status[2]) {
			return 200 + int(r.Status[1]-'0')*10 + int(r.Status[2]-'0')
		}
	}
	return http.StatusOK
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// sample makes the response that the document describes: empty where it describes
// none. The request may be nil.
func (s *Server) sample(op *schema.Operation, req *Request, status int, accept string) (content, error) {
	if op == nil {
		return content{}, nil
	}
	response, ok := op.Response(status)
	if !ok {
		return content{}, nil
	}
	media := choose(response.Content, accept)
	if media == nil {
		return content{}, nil
	}
	made, err := s.instance(media)
	if err != nil || req == nil {
		return made, err
	}
	return follow(op, req, media, made)
}

// instance makes a response of one media type, once.
func (s *Server) instance(media *schema.MediaType) (content, error) {
	made, _ := s.made.LoadOrStore(media, sync.OnceValues(func() (content, error) { return instance(media) }))
	return made.(func() (content, error))()
}

// choose picks the first media type that the caller accepts, else the first. Frameworks list
// text/plain or XML before JSON with the same schema, for an object as well as for a text: an
// object comes as JSON.
// Event streams get a response where the request asks for them, see asksForStream.
func choose(types []*schema.MediaType, accept string) *schema.MediaType {
	first := firstAccepted(types, accept)
	if first == nil || schema.IsJSON(first.Name) || first.Schema == nil || isText(first.Schema) {
		return first
	}
	for _, m := range types {
		if schema.IsJSON(m.Name) && m.Schema != nil && m.Schema.JSON() == first.Schema.JSON() && accepts(accept, m.Name) {
			return m
		}
	}
	return first
}

// isText reports whether a schema says that it is one of a text.
func isText(s *schema.Schema) bool {
	kind, _ := jsonscan.Member(s.JSON(), "type")
	return kind == `"string"`
}

func firstAccepted(types []*schema.MediaType, accept string) *schema.MediaType {
	var first *schema.MediaType
	for _, m := range types {
		if extension.IsEventStream(m.Name) {
			continue
		}
		if first == nil {
			first = m
		}
		if accepts(accept, m.Name) {
			return m
		}
	}
	return first
}

// accepts reports whether an Accept header lets a media type in (RFC 9110
// §12.5.1); weights count only where they are 0.
func accepts(accept, mediaType string) bool {
	if accept == "" {
		return true
	}
	for item := range strings.SplitSeq(accept, ",") {
		name, params, err := mime.ParseMediaType(item)
		if err != nil || strings.Trim(params["q"], "0.") == "" && params["q"] != "" {
			continue
		}
		family, isRange := strings.CutSuffix(name, "*")
		if name == "*/*" || name == strings.ToLower(mediaType) || isRange && strings.HasPrefix(strings.ToLower(mediaType), family) {
			return true
		}
	}
	return false
}

// mediaTypeOf returns the media type of a response: of a range one that it has. A
// schema behind */* or application/* describes JSON, unless it is that of bytes.
func mediaTypeOf(media *schema.MediaType) string {
	family, isRange := strings.CutSuffix(media.Name, "/*")
	switch {
	case !isRange:
		return media.Name
	case family == "text":
		return "text/plain"
	case family == "image":
		return "image/png"
	case family == "audio":
		return "audio/mpeg"
	case family == "video":
		return "video/mp4"
	case media.Schema == nil || isBinary(media.Schema):
		return "application/octet-stream"
	}
	return "application/json"
}

// isBinary reports whether a schema is that of bytes.
func isBinary(s *schema.Schema) bool {
	format, _ := jsonscan.Member(s.JSON(), "format")
	return format == `"binary"`
}

// instance makes a response of one media type.
func instance(media *schema.MediaType) (content, error) {
	name := mediaTypeOf(media)
	if !schema.IsJSON(name) {
		return content{mediaType: name, data: specimen(name)}, nil
	}
	if media.Schema == nil {
		return content{mediaType: name, data: []byte("{}")}, nil
	}
	text, err := sample.Typical(media.Schema)
	return content{mediaType: name, data: text}, err
}
