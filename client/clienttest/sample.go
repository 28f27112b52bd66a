package clienttest

import (
	"mime"
	"net/http"
	"strings"
	"sync"

	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/internal/sample"
	"github.com/opcall/opcall/schema"
)

// samples keeps the instances that were made, by media type object.
type samples struct {
	made sync.Map // *schema.MediaType → func() (content, error)
}

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

// sample makes the answer that the document describes: empty where it describes
// none.
func (s *Server) sample(op *schema.Operation, status int, accept string) (content, error) {
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
	return s.instance(media)
}

// instance makes an answer of one media type, once.
func (s *Server) instance(media *schema.MediaType) (content, error) {
	made, _ := s.samples.made.LoadOrStore(media, sync.OnceValues(func() (content, error) { return instance(media) }))
	return made.(func() (content, error))()
}

// choose picks the first media type that the caller accepts, else the first.
// Event streams are answered where the request asks for them, see asksForStream.
func choose(types []*schema.MediaType, accept string) *schema.MediaType {
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

// instance makes an answer of one media type.
func instance(media *schema.MediaType) (content, error) {
	name := media.Name
	if strings.Contains(name, "*") {
		name = "application/octet-stream"
	}
	if !schema.IsJSON(name) {
		return content{mediaType: name, data: specimen(name)}, nil
	}
	if media.Schema == nil {
		return content{mediaType: name, data: []byte("{}")}, nil
	}
	text, err := sample.Minimal(media.Schema)
	return content{mediaType: name, data: text}, err
}

// specimens are the shortest texts that pass at a glance for what they are.
var specimens = map[string]string{
	"application/sdp": "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n",
	"application/zip": "PK\x05\x06" + zeros(18), // an archive without files
	"application/pdf": "%PDF-1.4\n%%EOF\n",
	"audio/mpeg":      "\xff\xfb\x90\x00" + zeros(413), // one frame of silence
	"audio/wav":       "RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00data" + zeros(4),
	"image/png":       "\x89PNG\r\n\x1a\n",
	"image/jpeg":      "\xff\xd8\xff\xd9",
	"image/webp":      "RIFF\x04\x00\x00\x00WEBP",
	"video/mp4":       "\x00\x00\x00\x14ftypisom\x00\x00\x00\x00isom",
}

func zeros(n int) string { return strings.Repeat("\x00", n) }

func specimen(mediaType string) []byte {
	name, _, _ := strings.Cut(strings.ToLower(mediaType), ";")
	name = strings.TrimSpace(name)
	if text, ok := specimens[name]; ok {
		return []byte(text)
	}
	if strings.HasPrefix(name, "text/") {
		return []byte("text\n")
	}
	return []byte("\x00\x01\x02\x03\x04\x05\x06\x07")
}
