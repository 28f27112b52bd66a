package client_test

import (
	"io"
	"mime"
	"mime/multipart"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
)

// piece is one part of a form as a server reads it.
type piece struct{ Name, File, Type, Text string }

// pieces reads a form the way net/http does.
func pieces(tb testing.TB, got arrival) []piece {
	tb.Helper()
	mediaType, params, err := mime.ParseMediaType(got.Header.Get("Content-Type"))
	if err != nil || !strings.HasPrefix(mediaType, "multipart/") {
		tb.Fatalf("got Content-Type %q, want multipart (%v)", got.Header.Get("Content-Type"), err)
	}
	var list []piece
	for r := multipart.NewReader(strings.NewReader(got.Body), params["boundary"]); ; {
		part, err := r.NextRawPart()
		if err == io.EOF {
			return list
		}
		if err != nil {
			tb.Fatalf("reading the form: %v\n%s", err, got.Body)
		}
		text, err := io.ReadAll(part)
		if err != nil {
			tb.Fatal(err)
		}
		for name := range part.Header {
			if name != "Content-Disposition" && name != "Content-Type" {
				tb.Errorf("got a part with the header %s", name)
			}
		}
		list = append(list, piece{part.FormName(), part.FileName(), part.Header.Get("Content-Type"), string(text)})
	}
}

// onDisk writes a file and opens it.
func onDisk(tb testing.TB, name, text string) *os.File {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		tb.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { f.Close() })
	return f
}

// forms is a document without brackets, where fields have encodings.
var forms = document(`{"/f":{"post":{"operationId":"forms","requestBody":{"required":true,"content":{"multipart/form-data":{
	"schema":{"type":"object","properties":{"a":{},"file":{},"files":{"type":"array"},"data":{},"csv":{},"picture":{},"text":{}}},
	"encoding":{"data":{"contentType":"application/json"},"csv":{"contentType":"text/csv; header=absent"},
		"picture":{"contentType":"image/png, image/jpeg"},"text":{"contentType":"text/*"}}}}},
	"responses":{"200":{"description":"ok"}}}},
	"/mixed":{"post":{"operationId":"mixed","requestBody":{"content":{"multipart/mixed; a=b":{}}},"responses":{"200":{"description":"ok"}}}},
	"/range":{"post":{"operationId":"range","requestBody":{"content":{"multipart/*":{}}},"responses":{"200":{"description":"ok"}}}}}`)

func TestMultipartPartsArriveAsGiven(t *testing.T) {
	const text = "text/plain; charset=utf-8"
	tests := map[string]struct {
		operation string
		params    any
		want      []piece
	}{
		"file": {
			"createFile",
			client.Params{"purpose": "batch", "file": client.File{Name: "a.pdf", Body: strings.NewReader("x")}},
			[]piece{{"file", "a.pdf", "application/pdf", "x"}, {"purpose", "", "", "batch"}},
		},
		"pointer to a file": {
			"createFile",
			client.Params{"purpose": "batch", "file": &client.File{Name: "a.pdf", MediaType: "a/b", Body: strings.NewReader("x")}},
			[]piece{{"file", "a.pdf", "a/b", "x"}, {"purpose", "", "", "batch"}},
		},
		"file on the disk": {
			"createFile",
			client.Params{"purpose": "batch", "file": onDisk(t, "a b.html", "x")},
			[]piece{{"file", "a b.html", "text/html; charset=utf-8", "x"}, {"purpose", "", "", "batch"}},
		},
		"file on the disk, renamed": {
			"createFile",
			client.Params{"purpose": "batch", "file": client.File{Name: "b.html", Body: onDisk(t, "a.pdf", "x")}},
			[]piece{{"file", "b.html", "text/html; charset=utf-8", "x"}, {"purpose", "", "", "batch"}},
		},
		"reader": {
			"createFile",
			client.Params{"purpose": "batch", "file": io.MultiReader(strings.NewReader(png))},
			[]piece{{"file", "file", "image/png", png}, {"purpose", "", "", "batch"}},
		},
		"sniffed text": {
			"createFile",
			client.Params{"purpose": "batch", "file": client.File{Name: "a.jsonl-of-mine", Body: strings.NewReader("{}\n")}},
			[]piece{{"file", "a.jsonl-of-mine", text, "{}\n"}, {"purpose", "", "", "batch"}},
		},
		"empty file": {
			"createFile",
			client.Params{"purpose": "batch", "file": client.File{Name: "a.pdf", Body: strings.NewReader("")}},
			[]piece{{"file", "a.pdf", "application/pdf", ""}, {"purpose", "", "", "batch"}},
		},
		"one byte at a time": {
			"createFile",
			client.Params{"purpose": "batch", "file": iotest.OneByteReader(strings.NewReader(strings.Repeat("é", 1000)))},
			[]piece{{"file", "file", text, strings.Repeat("é", 1000)}, {"purpose", "", "", "batch"}},
		},
		"names that would break a header": {
			"createFile",
			client.Params{"purpose": "batch", "file": client.File{Name: "a\"\r\nX-Evil: 1\r\n\r\nb.pdf", Body: strings.NewReader("x")}},
			[]piece{{"file", "a%22%0D%0AX-Evil: 1%0D%0A%0D%0Ab.pdf", "application/pdf", "x"}, {"purpose", "", "", "batch"}},
		},
		"control characters": {
			"createFile",
			client.Params{"purpose": "batch", "file": client.File{Name: "a\x00\x08\x7f.pdf", Body: strings.NewReader("x")}},
			[]piece{{"file", "a%00%08%7F.pdf", "application/pdf", "x"}, {"purpose", "", "", "batch"}},
		},
		"name that is not ASCII": {
			"createFile",
			client.Params{"purpose": "batch", "file": client.File{Name: "é😀.pdf", Body: strings.NewReader("x")}},
			[]piece{{"file", "é😀.pdf", "application/pdf", "x"}, {"purpose", "", "", "batch"}},
		},
		"list of files": {
			"createImageEdit",
			client.Params{"prompt": "p", "image": []client.File{{Name: "a.png", Body: strings.NewReader("1")}, {Name: "b.png", Body: strings.NewReader("2")}}},
			[]piece{{"image[]", "a.png", "image/png", "1"}, {"image[]", "b.png", "image/png", "2"}, {"prompt", "", "", "p"}},
		},
		"list of one": {
			"createImageEdit",
			client.Params{"prompt": "p", "image": []*client.File{{Name: "a.png", Body: strings.NewReader("1")}}},
			[]piece{{"image[]", "a.png", "image/png", "1"}, {"prompt", "", "", "p"}},
		},
		"list of anything that is a file": {
			"createImageEdit",
			client.Params{"prompt": "p", "image": []any{client.File{Name: "a.png", Body: strings.NewReader("1")}, onDisk(t, "b.png", "2")}},
			[]piece{{"image[]", "a.png", "image/png", "1"}, {"image[]", "b.png", "image/png", "2"}, {"prompt", "", "", "p"}},
		},
		"list of files on the disk": {
			"createImageEdit",
			client.Params{"prompt": "p", "image": []*os.File{onDisk(t, "a.png", "1")}},
			[]piece{{"image[]", "a.png", "image/png", "1"}, {"prompt", "", "", "p"}},
		},
		"list of readers": {
			"createImageEdit",
			client.Params{"prompt": "p", "image": []io.Reader{strings.NewReader(png)}},
			[]piece{{"image[]", "image", "image/png", png}, {"prompt", "", "", "p"}},
		},
		"single file of many": {
			"createImageEdit",
			client.Params{"prompt": "p", "image": client.File{Name: "a.png", Body: strings.NewReader("1")}},
			[]piece{{"image", "a.png", "image/png", "1"}, {"prompt", "", "", "p"}},
		},
		"values": {
			"createImageEdit",
			client.Params{"prompt": "<é>\r\n\"", "n": 2, "stream": false, "background": nil, "mask": client.File{Name: "m.png", Body: strings.NewReader("1")}, "image": client.File{Name: "a.png", Body: strings.NewReader("1")}},
			[]piece{{"image", "a.png", "image/png", "1"}, {"mask", "m.png", "image/png", "1"}, {"n", "", "", "2"}, {"prompt", "", "", "<é>\r\n\""}, {"stream", "", "", "false"}},
		},
		"list in brackets": {
			"createTranscription",
			client.Params{"model": "m", "timestamp_granularities": []string{"word", "segment"}, "file": client.File{Name: "a.pdf", Body: strings.NewReader("1")}},
			[]piece{{"file", "a.pdf", "application/pdf", "1"}, {"model", "", "", "m"}, {"timestamp_granularities[]", "", "", "word"}, {"timestamp_granularities[]", "", "", "segment"}},
		},
		"object in brackets": {
			"createTranscription",
			client.Params{"model": "m", "chunking_strategy": client.Params{"type": "server_vad", "threshold": 0.5}, "file": client.File{Name: "a.pdf", Body: strings.NewReader("1")}},
			[]piece{{"chunking_strategy[threshold]", "", "", "0.5"}, {"chunking_strategy[type]", "", "", "server_vad"}, {"file", "a.pdf", "application/pdf", "1"}, {"model", "", "", "m"}},
		},
		"media type of a field": {
			"create-realtime-call",
			client.Params{"sdp": "v=0", "session": client.Params{"type": "realtime"}},
			[]piece{{"sdp", "", "application/sdp", "v=0"}, {"session", "", "application/json", `{"type":"realtime"}`}},
		},
		"raw JSON": {
			"createVideo",
			client.Input{MediaType: "multipart/form-data", Body: `{"prompt":"a\u0062","model":"sora-2"}`},
			[]piece{{"prompt", "", "", "ab"}, {"model", "", "", "sora-2"}},
		},
		"MediaType chooses it": {
			"createVideo",
			client.Input{MediaType: "multipart/form-data", Body: client.Params{"prompt": "p", "model": "sora-2"}},
			[]piece{{"model", "", "", "sora-2"}, {"prompt", "", "", "p"}},
		},

		"by the letter: list": {
			"forms",
			client.Params{"a": []any{1, "b", nil, []int{2}}},
			[]piece{{"a", "", "", "1"}, {"a", "", "", "b"}, {"a", "", "", "null"}, {"a", "", "application/json", "[2]"}},
		},
		"by the letter: object": {"forms", client.Params{"a": client.Params{"b": 1}}, []piece{{"a", "", "application/json", `{"b":1}`}}},
		"by the letter: files": {
			"forms",
			client.Params{"files": []any{client.File{Name: "a.png", Body: strings.NewReader("1")}, client.File{Name: "b.png", Body: strings.NewReader("2")}}},
			[]piece{{"files", "a.png", "image/png", "1"}, {"files", "b.png", "image/png", "2"}},
		},
		"encoding: JSON":                 {"forms", client.Params{"data": "a"}, []piece{{"data", "", "application/json", `"a"`}}},
		"encoding: text":                 {"forms", client.Params{"csv": "a,b"}, []piece{{"csv", "", "text/csv; header=absent", "a,b"}}},
		"encoding: of a file":            {"forms", client.Params{"csv": client.File{Name: "a.txt", Body: strings.NewReader("a,b")}}, []piece{{"csv", "a.txt", "text/csv; header=absent", "a,b"}}},
		"encoding: the file knows":       {"forms", client.Params{"csv": client.File{Name: "a.txt", MediaType: "text/x", Body: strings.NewReader("a,b")}}, []piece{{"csv", "a.txt", "text/x", "a,b"}}},
		"encoding: several, a file":      {"forms", client.Params{"picture": strings.NewReader(png)}, []piece{{"picture", "picture", "image/png", png}}},
		"encoding: several, text":        {"forms", client.Params{"picture": "x"}, []piece{{"picture", "", "", "x"}}},
		"encoding: a range":              {"forms", client.Params{"text": "x"}, []piece{{"text", "", "", "x"}}},
		"nothing":                        {"forms", nil, nil},
		"other multipart":                {"mixed", client.Params{"a": 1}, []piece{{"a", "", "", "1"}}},
		"range of multipart":             {"range", client.Params{"a": strings.NewReader("x")}, []piece{{"a", "a", text, "x"}}},
		"file that was begun":            {"forms", client.Params{"file": begun(t, onDisk(t, "a.pdf", "0123456789"))}, []piece{{"file", "a.pdf", "application/pdf", "56789"}}},
		"device":                         {"forms", client.Params{"file": client.File{Name: "null.pdf", Body: device(t)}}, []piece{{"file", "null.pdf", "application/pdf", ""}}},
		"length that is smaller than it": {"forms", client.Params{"file": client.File{Name: "a.pdf", Body: liar{strings.NewReader(strings.Repeat("x", 1000))}}}, []piece{{"file", "a.pdf", "application/pdf", strings.Repeat("x", 1000)}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var opts []client.Option
			switch test.operation {
			case "forms", "mixed", "range":
				opts = append(opts, forms)
			}
			got := reach(t, test.operation, test.params, opts...)
			if diff := cmp.Diff(test.want, pieces(t, got)); diff != "" {
				t.Errorf("%s\n(-want +got):\n%s", got.Body, diff)
			}
			wantType := "multipart/form-data; boundary="
			if test.operation == "mixed" {
				wantType = "multipart/mixed; boundary="
			}
			if !strings.HasPrefix(got.Header.Get("Content-Type"), wantType) {
				t.Errorf("got Content-Type %s, want %s…", got.Header.Get("Content-Type"), wantType)
			}
		})
	}
}

// Deep values end somewhere: each level repeats the names of those above.
func TestMultipartFieldsTooDeepAreRefused(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100)
	c := newClient(t)
	_, err := c.Request(t.Context(), "createImageEdit",
		client.Input{MediaType: "multipart/form-data", Body: `{"prompt":` + deep + `}`}, client.WithRequestValidation(schema.Off))
	if want := `createImageEdit: /prompt: cannot be written: got a value nested more than 64 levels deep`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
