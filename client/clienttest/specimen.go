package clienttest

import (
	"encoding/base64"
	"net/http"
	"strings"
)

// specimen returns a file of a media type, about the shortest one that programs can read:
// bytes without a meaning where the type is not known.
func specimen(mediaType string) []byte {
	name, _, _ := strings.Cut(strings.ToLower(mediaType), ";")
	name = strings.TrimSpace(name)
	switch name {
	case "application/sdp":
		return []byte("v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n")
	case "application/zip":
		return zeros("PK\x05\x06", 18) // an archive without files
	case "application/pdf":
		return []byte("%PDF-1.4\n%%EOF\n")
	case "audio/mpeg":
		return zeros("\xff\xfb\x90\x00", 413) // one frame of silence
	case "audio/pcm16":
		return zeros("", 48) // a millisecond of silence
	case "audio/wav":
		return zeros("RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00data", 4)
	case "image/png":
		return decoded(pixel)
	case "image/jpeg":
		return decoded(jpegPixel)
	case "image/webp":
		return decoded("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")
	case "video/mp4":
		return []byte("\x00\x00\x00\x14ftypisom\x00\x00\x00\x00isom")
	}
	if strings.HasPrefix(name, "text/") {
		return []byte("text\n")
	}
	return []byte("\x00\x01\x02\x03\x04\x05\x06\x07")
}

// pixel is a transparent PNG of one pixel.
const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="

// jpegPixel is a grey JPEG of one pixel: all quantizers are 1, and each Huffman table has
// the one code that is used, 0 for a difference of none and for the end of the block.
const jpegPixel = "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQH/wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAAP/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AP//Z"

func zeros(head string, n int) []byte { return append([]byte(head), make([]byte, n)...) }

func decoded(text string) []byte {
	data, _ := base64.StdEncoding.DecodeString(text) // of this file
	return data
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
