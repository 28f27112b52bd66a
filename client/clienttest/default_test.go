package clienttest_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"image"
	_ "image/jpeg"
	_ "image/png"
	"io"
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/schema"
)

const ownText = "This is a text from the test server, in place of a model's."

func picture() client.File {
	return client.File{Name: "a.png", Body: strings.NewReader(pixelPNG)}
}

func recording() client.File {
	return client.File{Name: "a.mp3", Body: strings.NewReader("\xff\xfb\x90\x00")}
}

// TestDefaultResponsesHaveWhatProgramsReadFirst has what programs look for first in an answer, and
// validates the whole.
func TestDefaultResponsesHaveWhatProgramsReadFirst(t *testing.T) {
	tests := map[string]struct {
		operation string
		params    client.Params
		want      map[string]string // by path
	}{
		"chat":            {"createChatCompletion", hello, map[string]string{"choices.#": "1", "choices.0.message.content": ownText, "choices.0.finish_reason": "stop", "model": "m"}},
		"chat choices":    {"createChatCompletion", client.Params{"model": "m", "n": 3, "messages": hello["messages"]}, map[string]string{"choices.#": "3", "choices.2.message.content": ownText, "choices.2.index": "2"}},
		"chat with audio": {"createChatCompletion", client.Params{"model": "m", "modalities": []string{"text", "audio"}, "audio": map[string]any{"voice": "alloy", "format": "wav"}, "messages": hello["messages"]}, map[string]string{"choices.0.message.content": "", "choices.0.message.audio.transcript": ownText}},
		"echo":            {"createResponse", client.Params{"model": "m", "input": "Hi", "instructions": "Be brief.", "temperature": 0.5, "tool_choice": "none", "metadata": map[string]any{"a": "b"}, "tools": []any{map[string]any{"type": "function", "name": "f", "parameters": map[string]any{}, "strict": false}}}, map[string]string{"instructions": "Be brief.", "temperature": "0.5", "tool_choice": "none", "metadata.a": "b", "tools.0.name": "f"}},
		"completion":      {"createCompletion", client.Params{"model": "m", "prompt": []string{"a", "b"}}, map[string]string{"choices.#": "2", "choices.1.text": ownText}},
		"stored chats":    {"listChatCompletions", nil, map[string]string{"data.0.choices.0.message.content": ownText, "data.0.choices.0.message.refusal": "", "has_more": "false"}},
		"stored chat":     {"getChatCompletion", client.Params{"completion_id": "chatcmpl-1"}, map[string]string{"id": "chatcmpl-1", "choices.0.index": "0", "choices.0.message.content": ownText}},
		"response":        {"createResponse", client.Params{"model": "m", "input": "Hi"}, map[string]string{"status": "completed", "error": "", "incomplete_details": "", "output.0.type": "message", "output.0.content.0.text": ownText, "tools.#": "0"}},
		"response by ID":  {"getResponse", client.Params{"response_id": "resp_1"}, map[string]string{"id": "resp_1", "status": "completed", "output.0.content.0.text": ownText}},
		"response again":  {"cancelResponse", client.Params{"response_id": "resp_1"}, map[string]string{"error": "", "output.0.content.0.text": ownText}},
		"run":             {"createRun", client.Params{"thread_id": "thread_1", "assistant_id": "asst_1"}, map[string]string{"status": "completed", "last_error": "", "assistant_id": "asst_1"}},
		"run by ID":       {"getRun", client.Params{"thread_id": "thread_1", "run_id": "run_1"}, map[string]string{"id": "run_1", "status": "completed", "last_error": "", "failed_at": ""}},
		"messages":        {"listMessages", client.Params{"thread_id": "thread_1"}, map[string]string{"data.#": "1", "data.0.content.0.text.value": ownText}},
		"models":          {"listModels", nil, map[string]string{"data.#": "1", "data.0.id": "gpt-5-mini"}},
		"model":           {"retrieveModel", client.Params{"model": "gpt-5"}, map[string]string{"id": "gpt-5", "object": "model"}},
		"files":           {"listFiles", nil, map[string]string{"data.#": "1", "data.0.status": "processed"}},
		"file":            {"retrieveFile", client.Params{"file_id": "file-1"}, map[string]string{"id": "file-1"}},
		"deletion":        {"deleteFile", client.Params{"file_id": "file-1"}, map[string]string{"id": "file-1", "deleted": "true"}},
		"batch":           {"retrieveBatch", client.Params{"batch_id": "batch_1"}, map[string]string{"id": "batch_1", "status": "completed"}},
		"vector store":    {"createVectorStore", nil, map[string]string{"status": "completed"}},
		"fine-tuning job": {"retrieveFineTuningJob", client.Params{"fine_tuning_job_id": "job_1"}, map[string]string{"status": "succeeded", "error": ""}},
		"embedding":       {"createEmbedding", client.Params{"model": "text-embedding-3-small", "input": "a"}, map[string]string{"data.#": "1", "data.0.index": "0", "data.0.embedding.#": "1536", "model": "text-embedding-3-small"}},
		"large embedding": {"createEmbedding", client.Params{"model": "text-embedding-3-large", "input": []string{"a", "b", "a"}}, map[string]string{"data.#": "3", "data.2.index": "2", "data.2.embedding.#": "3072"}},
		"dimensions":      {"createEmbedding", client.Params{"model": "other", "input": []string{"a"}, "dimensions": 7}, map[string]string{"data.#": "1", "data.0.embedding.#": "7"}},
		"tokens":          {"createEmbedding", client.Params{"model": "other", "input": []int{1, 2, 3}}, map[string]string{"data.#": "1", "data.0.embedding.#": "1536"}},
		"lists of tokens": {"createEmbedding", client.Params{"model": "other", "input": [][]int{{1, 2, 3}, {4}}}, map[string]string{"data.#": "2"}},
		"moderation":      {"createModeration", client.Params{"input": []string{"a", "b"}}, map[string]string{"results.#": "2", "results.1.flagged": "false"}},
		"image":           {"createImage", client.Params{"prompt": "a", "n": 2}, map[string]string{"data.#": "2", "data.1.url": "", "data.1.b64_json": base64.StdEncoding.EncodeToString([]byte(pixelPNG))}},
		"image edit":      {"createImageEdit", client.Params{"prompt": "a", "image": picture()}, map[string]string{"data.#": "1", "data.0.b64_json": base64.StdEncoding.EncodeToString([]byte(pixelPNG))}},
		"image variation": {"createImageVariation", client.Params{"image": picture(), "n": 3, "response_format": "b64_json"}, map[string]string{"data.#": "3", "data.2.b64_json": base64.StdEncoding.EncodeToString([]byte(pixelPNG))}},
		"transcription":   {"createTranscription", client.Params{"file": recording(), "model": "m"}, map[string]string{"text": ownText}},
		"verbose":         {"createTranscription", client.Params{"file": recording(), "model": "m", "response_format": "verbose_json"}, map[string]string{"text": ownText, "segments.0.text": ownText, "language": "english"}},
	}
	server := clienttest.NewServer(t)
	c := server.Client(client.WithResponseValidation(schema.Standard))
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r, err := c.Call(t.Context(), tt.operation, tt.params)
			if err != nil {
				t.Fatal(err)
			}
			for path, want := range tt.want {
				if got := r.Get(path).String(); got != want {
					t.Errorf("%s: got %.200q, want %.200q in %.600s", path, got, want, r.Raw())
				}
			}
		})
	}
}

// TestListsOfTheDocumentHaveItems reads every list that the built-in document
// describes, and looks for errors in what every operation answers.
func TestListsOfTheDocumentHaveItems(t *testing.T) {
	server := clienttest.NewServer(t)
	lists := 0
	for op := range server.Document().Operations() {
		if op.Method != http.MethodGet || op.RequestBody != nil {
			continue
		}
		path := op.Path
		for _, p := range op.Parameters {
			if p.In == "path" {
				path = strings.ReplaceAll(path, "{"+p.Name+"}", "1")
			}
		}
		query := ""
		for _, p := range op.Parameters {
			if p.In == "query" && p.Required {
				query = "?" + p.Name + "=1"
			}
		}
		header := ""
		if beta, ok := op.Extension("x-opcall-headers"); ok {
			for name, value := range gjson.Parse(beta).All() {
				header += name.String() + ": " + value.String() + "\n"
			}
		}
		status, _, body := send(t, server, request{method: "GET", path: path + query, header: header})
		if status != 200 {
			t.Errorf("%s: got %d %.200s", op.ID, status, body)
			continue
		}
		if data := gjson.Get(body, "data"); data.IsArray() {
			if lists++; data.Get("#").Int() != 1 {
				t.Errorf("%s: got %.200s, want an item", op.ID, body)
			}
		}
		for _, name := range []string{"error", "last_error"} {
			if wrong := gjson.Get(body, name); wrong.Exists() && wrong.Type != gjson.Null {
				t.Errorf("%s: got %s %s, want none", op.ID, name, wrong)
			}
		}
	}
	if lists < 50 {
		t.Errorf("looked at %d lists, want at least 50", lists)
	}
}

func TestStreamedAndUnstreamedSayTheSame(t *testing.T) {
	tests := map[string]struct {
		operation string
		params    client.Params
		text      string // path in the object
	}{
		"chat":          {"createChatCompletion", hello, "choices.0.message.content"},
		"completion":    {"createCompletion", client.Params{"model": "m", "prompt": "a"}, "choices.0.text"},
		"response":      {"createResponse", client.Params{"model": "m", "input": "a"}, "output.0.content.0.text"},
		"transcription": {"createTranscription", client.Params{"model": "m", "file": nil}, "text"},
	}
	server := clienttest.NewServer(t)
	c := server.Client(client.WithResponseValidation(schema.Standard))
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			params := func() client.Params {
				p := client.Params{}
				for k, v := range tt.params {
					if p[k] = v; v == nil {
						p[k] = recording()
					}
				}
				return p
			}
			r, err := c.Call(t.Context(), tt.operation, params())
			if err != nil {
				t.Fatal(err)
			}
			s, err := c.Stream(t.Context(), tt.operation, params())
			if err != nil {
				t.Fatal(err)
			}
			streamed, err := io.ReadAll(s.TextReader())
			if err != nil {
				t.Fatal(err)
			}
			if got := r.Get(tt.text).String(); got != string(streamed) || got != ownText {
				t.Errorf("got %q, streamed %q, want %q", got, streamed, ownText)
			}
		})
	}
}

func TestTranscriptionsInOtherFormats(t *testing.T) {
	server := clienttest.NewServer(t)
	for format, want := range map[string]string{
		"text": ownText + "\n",
		"srt":  "1\n00:00:00,000 --> 00:00:01,000\n" + ownText + "\n\n",
		"vtt":  "WEBVTT\n\n1\n00:00:00.000 --> 00:00:01.000\n" + ownText + "\n\n",
	} {
		body := strings.TrimSuffix(filePart("file", "a.mp3", "x"), "--b--\r\n") + parts("model", "m", "response_format", format)
		status, header, got := send(t, server, request{method: "POST", path: "/audio/transcriptions", header: multipart, body: body})
		if status != 200 || !strings.HasPrefix(header.Get("Content-Type"), "text/plain") || got != want {
			t.Errorf("%s: got %d %s %q, want %q", format, status, header.Get("Content-Type"), got, want)
		}
	}
}

func TestEmbeddingsAreVectorsOfTheirTexts(t *testing.T) {
	embeddings := func(params client.Params) gjson.Result {
		t.Helper()
		r, err := clienttest.NewServer(t).Client().Call(t.Context(), "createEmbedding", params)
		if err != nil {
			t.Fatal(err)
		}
		return r.Get("data.#.embedding")
	}
	three := embeddings(client.Params{"model": "m", "input": []string{"a", "b", "a"}, "dimensions": 64})
	if three.Get("0").Raw != three.Get("2").Raw || three.Get("0").Raw == three.Get("1").Raw {
		t.Error("want the same vector for the same text alone")
	}
	if again := embeddings(client.Params{"model": "m", "input": "a", "dimensions": 64}); again.Get("0").Raw != three.Get("0").Raw {
		t.Errorf("another server gives another vector: %.80s, %.80s", again.Get("0").Raw, three.Get("0").Raw)
	}
	sum := 0.0
	for _, x := range three.Get("1").Array() {
		sum += x.Float() * x.Float()
	}
	if math.Abs(sum-1) > 1e-5 {
		t.Errorf("got a vector whose square is %g, want 1", sum)
	}
	packed := embeddings(client.Params{"model": "m", "input": "b", "dimensions": 64, "encoding_format": "base64"}).Get("0")
	data, err := base64.StdEncoding.DecodeString(packed.String())
	if err != nil || len(data) != 4*64 {
		t.Fatalf("got %d bytes, %v; want 256", len(data), err)
	}
	for i, want := range three.Get("1").Array() {
		if got := math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:])); got != float32(want.Float()) {
			t.Errorf("number %d: got %g packed, %s written", i, got, want.Raw)
		}
	}
}

func TestEmbeddingsOfMoreTextThanIsRecorded(t *testing.T) {
	texts := make([]string, 700)
	for i := range texts {
		texts[i] = fmt.Sprint(i, strings.Repeat(" text", 500))
	}
	server := clienttest.NewServer(t)
	r, err := server.Client().Call(t.Context(), "createEmbedding", client.Params{"model": "m", "input": texts, "dimensions": 2})
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Get("data.#").Int(); got != 700 {
		t.Errorf("got %d vectors, want 700", got)
	}
	if kept := len(server.LastRequest("createEmbedding").Body); kept != 1<<20 {
		t.Errorf("%d bytes of the body are recorded, want the first MiB", kept)
	}
}

func TestEmbeddingsLongerThanTheModelHasAreRefused(t *testing.T) {
	server := clienttest.NewServer(t)
	for name, body := range map[string]string{
		"of the model": `{"model":"text-embedding-3-small","input":"a","dimensions":1537}`,
		"of any":       `{"model":"m","input":["a","b"],"dimensions":1000000000}`,
	} {
		status, _, got := post(t, server, "/embeddings", body)
		if status != 400 || gjson.Get(got, "error.param").String() != "dimensions" || gjson.Get(got, "error.type").String() != "invalid_request_error" {
			t.Errorf("%s: got %d %s, want 400 for dimensions", name, status, got)
		}
	}
}

func TestImagesCanBeFetchedAndDecoded(t *testing.T) {
	server := clienttest.NewServer(t)
	for _, format := range []string{"png", "jpeg", "webp"} {
		r, err := server.Client().Call(t.Context(), "createImage", client.Params{"prompt": "a", "output_format": format, "response_format": "url"})
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.Get(r.Get("data.0.url").String())
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.Header.Get("Content-Type") != "image/"+format {
			t.Errorf("got %s, %v", resp.Header.Get("Content-Type"), err)
		}
		if format == "webp" { // the standard library cannot read it
			if !bytes.HasPrefix(data, []byte("RIFF")) {
				t.Errorf("got %q", data)
			}
			continue
		}
		if _, name, err := image.Decode(bytes.NewReader(data)); err != nil || name != format {
			t.Errorf("got %s, %v; want %s", name, err, format)
		}
	}
	http.DefaultClient.CloseIdleConnections()
}

func TestTextForAFileIsRefused(t *testing.T) {
	server := clienttest.NewServer(t)
	tests := map[string]struct{ path, body, param string }{
		"file":           {"/files", parts("file", "content", "purpose", "batch"), "file"},
		"one of a list":  {"/images/edits", parts("image[]", "content", "prompt", "p"), "image"},
		"one or several": {"/images/edits", parts("image", "content", "prompt", "p"), "image"},
	}
	for name, tt := range tests {
		status, _, got := send(t, server, request{method: "POST", path: tt.path, header: multipart, body: tt.body})
		failure := gjson.Get(got, "error")
		if status != 400 || failure.Get("param").String() != tt.param || failure.Get("type").String() != "invalid_request_error" ||
			!strings.Contains(failure.Get("message").String(), "want a file: a part with a file name") {
			t.Errorf("%s: got %d %s", name, status, got)
		}
	}
	for name, body := range map[string]string{ // a video is a file, or the ID of one in an object
		"an object in place of a file": parts("video[id]", "video_1", "prompt", "p", "seconds", "4"),
		"a file that may be an object": strings.TrimSuffix(filePart("video", "a.mp4", "content"), "--b--\r\n") + parts("prompt", "p", "seconds", "4"),
	} {
		if status, _, got := send(t, server, request{method: "POST", path: "/videos/extensions", header: multipart, body: body}); status != 200 {
			t.Errorf("%s: got %d %s", name, status, got)
		}
	}
	body := strings.TrimSuffix(filePart("file", "a", "content"), "--b--\r\n") + parts("purpose", "batch")
	if status, _, got := send(t, server, request{method: "POST", path: "/files", header: multipart, body: body}); status != 200 {
		t.Errorf("a file: got %d %s", status, got)
	}
}

// TestDescriptionsOfOtherVendorsAreRead has what they write and the OpenAI API does not.
func TestDescriptionsOfOtherVendorsAreRead(t *testing.T) {
	const object = `{"type":"object","properties":{"id":{"type":"integer"},"name":{"type":"string"}}}`
	tests := map[string]struct{ content, mediaType, body string }{
		"any type":                  {`"*/*":{"schema":` + object + `}`, "application/json", `{"id":7,"name":"text"}`},
		"any type of application":   {`"application/*":{"schema":` + object + `}`, "application/json", `{"id":7,"name":"text"}`},
		"any type, by reference":    {`"*/*":{"schema":{"$ref":"#/components/schemas/Pet"}}`, "application/json", `{"id":7,"name":"text"}`},
		"any type, bytes":           {`"*/*":{"schema":{"type":"string","format":"binary"}}`, "application/octet-stream", "\x00\x01\x02\x03\x04\x05\x06\x07"},
		"any type, no schema":       {`"*/*":{}`, "application/octet-stream", "\x00\x01\x02\x03\x04\x05\x06\x07"},
		"any image":                 {`"image/*":{"schema":{"type":"string"}}`, "image/png", pixelPNG},
		"any text":                  {`"text/*":{"schema":{"type":"string"}}`, "text/plain", "text\n"},
		"an object as text or JSON": {`"text/plain":{"schema":{"$ref":"#/components/schemas/Pet"}},"application/json":{"schema":{"$ref":"#/components/schemas/Pet"}}`, "application/json", `{"id":7,"name":"text"}`},
		"an object as XML or JSON":  {`"application/xml":{"schema":` + object + `},"text/json":{"schema":` + object + `}`, "text/json", `{"id":7,"name":"text"}`},
		"a text as text or JSON":    {`"text/plain":{"schema":{"type":"string"}},"application/json":{"schema":{"type":"string"}}`, "text/plain", "text\n"},
		"required, not declared": {
			`"application/json":{"schema":{"type":"object","additionalProperties":false,"required":["id","name"],"properties":{"id":{"type":"integer"}}}}`,
			"application/json", `{"id":7,"name":"text"}`,
		},
		"an ID of another type": {`"application/json":{"schema":{"type":"object","required":["id"],"properties":{"id":{"type":"string","minLength":3}}}}`, "application/json", `{"id":"text"}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			doc, err := schema.Load([]byte(`{"openapi":"3.0.3","info":{"title":"t","version":"1"},"servers":[{"url":"https://api.example.com"}],
				"paths":{"/pets/{id}":{"get":{"operationId":"getPet","parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"integer"}}],
				"responses":{"200":{"description":"d","content":{` + tt.content + `}}}}}},"components":{"schemas":{"Pet":` + object + `}}}`))
			if err != nil {
				t.Fatal(err)
			}
			server := clienttest.NewServer(t, clienttest.WithDocument(doc))
			status, header, body := send(t, server, request{method: "GET", path: "/pets/7"})
			if status != 200 || header.Get("Content-Type") != tt.mediaType || body != tt.body {
				t.Errorf("got %d %q %q, want %q %q", status, header.Get("Content-Type"), body, tt.mediaType, tt.body)
			}
		})
	}
}
