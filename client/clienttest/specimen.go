package clienttest

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/jpeg"
	"net/http"
	"strings"
	"sync"
)

// specimens are about the shortest files of their types that programs can read.
var specimens = map[string]string{
	"application/sdp": "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n",
	"application/zip": "PK\x05\x06" + zeros(18), // an archive without files
	"application/pdf": "%PDF-1.4\n%%EOF\n",
	"audio/mpeg":      "\xff\xfb\x90\x00" + zeros(413), // one frame of silence
	"audio/pcm16":     zeros(48),                       // a millisecond of silence
	"audio/wav":       "RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00data" + zeros(4),
	"image/png":       decoded(pixel),
	"image/webp":      decoded("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA=="),
	"video/mp4":       "\x00\x00\x00\x14ftypisom\x00\x00\x00\x00isom",
}

// pixel is a transparent PNG of one pixel.
const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="

func zeros(n int) string { return strings.Repeat("\x00", n) }

func decoded(text string) string {
	data, _ := base64.StdEncoding.DecodeString(text) // of this file
	return string(data)
}

// jpegPixel is a black JPEG of one pixel.
var jpegPixel = sync.OnceValue(func() []byte {
	var b bytes.Buffer
	_ = jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1)), nil) // a Buffer takes everything
	return b.Bytes()
})

// specimen returns a file of a media type: bytes without a meaning where the type
// is not known.
func specimen(mediaType string) []byte {
	name, _, _ := strings.Cut(strings.ToLower(mediaType), ";")
	name = strings.TrimSpace(name)
	if name == "image/jpeg" {
		return jpegPixel()
	}
	if text, ok := specimens[name]; ok {
		return []byte(text)
	}
	if strings.HasPrefix(name, "text/") {
		return []byte("text\n")
	}
	return []byte("\x00\x01\x02\x03\x04\x05\x06\x07")
}

// imagePath begins the path of the images that responses have the URL of. The
// rest is the format: png, jpeg or webp.
const imagePath = "/clienttest/image."

// serveImage responds to a request for an image that a response has the URL of. It
// reports false for every other request.
func serveImage(w http.ResponseWriter, hr *http.Request) bool {
	format, ok := strings.CutPrefix(hr.URL.Path, imagePath)
	if !ok || hr.Method != http.MethodGet && hr.Method != http.MethodHead {
		return false
	}
	w.Header().Set("Content-Type", "image/"+format)
	w.Write(specimen("image/" + format)) // whoever does not read it has had it
	return true
}
