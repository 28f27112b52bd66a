package explorer_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/explorer"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const secret = "sk-explorer-secret-0123456789"

// browser is what a browser is to the page: it keeps cookies and names its origin.
type browser struct {
	tb     testing.TB
	client *http.Client
	origin string
}

// open starts an explorer beside a test server and admits a browser to it.
func open(tb testing.TB, opts ...explorer.Option) (*browser, *clienttest.Server) {
	tb.Helper()
	server := clienttest.NewServer(tb)
	api, err := client.New(client.WithoutEnvironment(), client.WithAPIKey(secret))
	if err != nil {
		tb.Fatal(err)
	}
	return openClient(tb, api, append([]explorer.Option{explorer.WithTestServer(server.Client())}, opts...)...), server
}

func openClient(tb testing.TB, api *client.Client, opts ...explorer.Option) *browser {
	tb.Helper()
	e, err := explorer.New(api, opts...)
	if err != nil {
		tb.Fatal(err)
	}
	host := httptest.NewServer(e)
	tb.Cleanup(host.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		tb.Fatal(err)
	}
	b := &browser{tb: tb, client: &http.Client{Jar: jar, Transport: &http.Transport{}}, origin: host.URL}
	tb.Cleanup(b.client.CloseIdleConnections)
	if status, text := b.get(e.Start()); status != http.StatusOK {
		tb.Fatalf("the address of the start: status %d, %s", status, text)
	}
	return b
}

func (b *browser) do(req *http.Request) (int, string) {
	b.tb.Helper()
	res, err := b.client.Do(req)
	if err != nil {
		b.tb.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		b.tb.Fatal(err)
	}
	return res.StatusCode, string(text)
}

func (b *browser) get(path string) (int, string) {
	b.tb.Helper()
	req, err := http.NewRequest(http.MethodGet, b.origin+path, nil)
	if err != nil {
		b.tb.Fatal(err)
	}
	return b.do(req)
}

func (b *browser) post(path, body string) (int, string) {
	b.tb.Helper()
	req, err := http.NewRequest(http.MethodPost, b.origin+path, strings.NewReader(body))
	if err != nil {
		b.tb.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Origin", b.origin)
	return b.do(req)
}

// ask writes what the page sends.
func ask(operation, body string, more string) string {
	text, _ := json.Marshal(body)
	if body == "" {
		text = []byte("null")
	}
	return fmt.Sprintf(`{"operation":%q,"body":%s,"target":"test"%s}`, operation, text, more)
}

func TestEveryOperationAndComponentHasAPage(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("renders 1,700 pages")
	}
	b, server := open(t)
	count := 0
	visit := func(path, name string) {
		count++
		status, text := b.get(path)
		if status != http.StatusOK || !strings.Contains(text, "<h1>"+name+"</h1>") {
			t.Errorf("%s: status %d, no heading %s in %d bytes", path, status, name, len(text))
		}
	}
	for op := range server.Document().Operations() {
		visit("/operation/"+url.PathEscape(op.ID), op.ID)
	}
	for name := range server.Document().Components() {
		visit("/component/"+url.PathEscape(name), name)
	}
	if count < 1700 {
		t.Errorf("visited %d pages, want one for each of 288 operations and 1,420 components", count)
	}
}

func TestPagesNameWhatIsClose(t *testing.T) {
	t.Parallel()
	b, _ := open(t)
	for path, want := range map[string]string{
		"/operation/createChatCompletions":      "/operation/createChatCompletion",
		"/component/CreateChatCompletionReqest": "/component/CreateChatCompletionRequest",
		"/nowhere":                              "There is no page at /nowhere.",
	} {
		status, text := b.get(path)
		if status != http.StatusNotFound || !strings.Contains(text, want) {
			t.Errorf("%s: status %d, want 404 with %q:\n%s", path, status, want, text)
		}
	}
}

func TestFormGetsWhatFieldsAreFor(t *testing.T) {
	t.Parallel()
	b, _ := open(t)
	for path, want := range map[string]string{
		"createChatCompletion":                         `"text":"The conversation so far, oldest first"`,
		"CreateResponse":                               `"text":"What the model is told first`,
		"ChatCompletionRequestMessageContentPartImage": `"text":"low is cheap, high sees small print, auto decides by size"`,
	} {
		if status, text := b.get("/shape.json?path=" + path); status != http.StatusOK || !strings.Contains(text, want) {
			t.Errorf("%s: status %d, no %s", path, status, want)
		}
	}
	if status, text := b.get("/shape.json?path=CreateResponse.inptu"); status != http.StatusNotFound || !strings.Contains(text, "input") {
		t.Errorf("an unknown path: status %d, %s", status, text)
	}
}

func TestPagesStaySmall(t *testing.T) {
	t.Parallel()
	weight := 0
	err := fs.WalkDir(os.DirFS("assets"), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		weight += int(info.Size())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	b, _ := open(t)
	_, page := b.get("/operation/createResponse")
	t.Logf("assets %d bytes, the page of createResponse %d bytes", weight, len(page))
	if weight+len(page) >= 70_000 { // as README.md says
		t.Errorf("the page weighs %d bytes, want less than 70,000", weight+len(page))
	}
}

func TestVerdictNamesEveryMistake(t *testing.T) {
	t.Parallel()
	b, _ := open(t)
	tests := map[string]struct {
		ask  string
		want []string
	}{
		"valid":     {ask("createChatCompletion", `{"model":"m","messages":[{"role":"user","content":"hi"}]}`, ""), []string{`"valid":true`, `"problems":[]`}},
		"misspelt":  {ask("createChatCompletion", `{"model":"m","messages":[],"temprature":1}`, ""), []string{`"valid":false`, `/messages`, `temperature`}},
		"no json":   {ask("createChatCompletion", `{"model":`, ""), []string{`"valid":false`, "JSON"}},
		"parameter": {ask("listFiles", "", `,"parameters":{"query":{"limit":"many"}}`), []string{`"valid":false`, `"in":"query"`, `/limit`}},
		"unknown":   {ask("createChat", `{}`, ""), []string{`"valid":false`, "unknown operation"}},
		"file":      {ask("createFile", `{"purpose":"batch","file":{"$file":{"name":"a.jsonl","type":"","data":"e30K"}}}`, ""), []string{`"valid":true`, `-F 'file=@\"a.jsonl\";`, `opcall call createFile purpose=batch file=@a.jsonl`}},
		"at":        {ask("retrieveFile", "", `,"parameters":{"path":{"file_id":"@me"}}`), []string{`"valid":true`, `opcall call retrieveFile file_id=@@me`}},
		"bad file":  {ask("createFile", `{"purpose":"batch","file":{"$file":{"name":"a.jsonl","data":"%%%"}}}`, ""), []string{`"valid":false`, "a file in the form"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, text := b.post("/check", tt.ask)
			if status != http.StatusOK {
				t.Fatalf("status %d: %s", status, text)
			}
			text = strings.ReplaceAll(text, `\u0026`, "&")
			for _, want := range tt.want {
				if !strings.Contains(text, want) {
					t.Errorf("no %s in\n%s", want, text)
				}
			}
		})
	}
}

func TestWhatThePageSendsIsBounded(t *testing.T) {
	t.Parallel()
	b, _ := open(t)
	if status, text := b.post("/check", `{"body":"`+strings.Repeat(" ", 9<<20)+`"}`); status != http.StatusRequestEntityTooLarge || !strings.Contains(text, "8 MiB") {
		t.Errorf("9 MiB: status %d, %s", status, text)
	}
	if status, _ := b.post("/check", `[`); status != http.StatusBadRequest {
		t.Errorf("broken JSON: status %d, want 400", status)
	}
	req, err := http.NewRequest(http.MethodPost, b.origin+"/send", strings.NewReader(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Origin", b.origin)
	req.Header.Set("Content-Type", "text/plain") // what another site's page can send without asking
	if status, _ := b.do(req); status != http.StatusUnsupportedMediaType {
		t.Errorf("text/plain: status %d, want 415", status)
	}
	if status, text := b.post("/send", `{"operation":"listFiles","target":"elsewhere"}`); status != http.StatusBadRequest || !strings.Contains(text, "elsewhere") {
		t.Errorf("an unknown target: status %d, %s", status, text)
	}
}

// sent makes a call and returns its lines.
func (b *browser) sent(body string) []map[string]any {
	b.tb.Helper()
	status, text := b.post("/send", body)
	if status != http.StatusOK {
		b.tb.Fatalf("status %d: %s", status, text)
	}
	var lines []map[string]any
	scanner := bufio.NewScanner(bytes.NewReader([]byte(text)))
	scanner.Buffer(nil, 64<<20)
	for scanner.Scan() {
		var line map[string]any
		if err := json.Unmarshal(scanner.Bytes(), &line); err != nil {
			b.tb.Fatalf("%s: %v", scanner.Bytes(), err)
		}
		lines = append(lines, line)
	}
	return lines
}

func kinds(lines []map[string]any) string {
	var list []string
	for _, l := range lines {
		if kind := l["kind"].(string); len(list) == 0 || list[len(list)-1] != kind {
			list = append(list, kind)
		}
	}
	return strings.Join(list, " ")
}

func TestCallsReachThePageAsTheyHappen(t *testing.T) {
	t.Parallel()
	const chat = `{"model":"m","messages":[{"role":"user","content":"hi"}]}`
	b, server := open(t)
	server.Respond("listFiles", clienttest.ErrorAnswer(http.StatusTeapot, "tea", "no files today"))
	tests := map[string]struct{ ask, want string }{
		"json":    {ask("createChatCompletion", chat, ""), "response object findings"},
		"bytes":   {ask("createSpeech", `{"model":"tts-1","input":"hi","voice":"alloy"}`, ""), "response bytes"},
		"invalid": {ask("createChatCompletion", `{"model":1}`, ""), "error"},
		"error":   {ask("listFiles", "", ""), "error"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := kinds(b.sent(tt.ask)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	t.Run("stream", func(t *testing.T) {
		t.Parallel()
		lines := b.sent(ask("createChatCompletion", chat, `,"stream":true`))
		events, last := 0, map[string]any{}
		for _, l := range lines {
			switch l["kind"] {
			case "event":
				events++
			case "object":
				last = l["data"].(map[string]any)
			}
		}
		if events < 3 || last["object"] != "chat.completion" || lines[len(lines)-1]["kind"] != "end" {
			t.Errorf("%d events, the object %v, the end %v", events, last, lines[len(lines)-1])
		}
	})
}

func TestForeignTextStaysText(t *testing.T) {
	t.Parallel()
	c, err := client.New(client.WithoutEnvironment(), client.WithBaseURL("http://127.0.0.1:1"), client.WithSpec([]byte(`{"openapi":"3.1.0",
		"info":{"title":"<script>alert(1)</script>","version":"1"},
		"paths":{"/a\"<b>":{"get":{"operationId":"<img src=x onerror=alert(1)>","tags":["</section><script>"],"summary":"</p><script>alert(2)</script>","description":"<b>x</b>",
			"parameters":[{"name":"<i>","in":"query","schema":{"type":"string","description":"<script>alert(3)</script>"}}],
			"responses":{"200":{"description":"ok"}}}},
			"/pets/{id}":{"get":{"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}}],"responses":{"200":{"description":"ok"}}}}}}`)))
	if err != nil {
		t.Fatal(err)
	}
	b := openClient(t, c)
	for _, path := range []string{"/", "/operation/" + url.PathEscape("<img src=x onerror=alert(1)>")} {
		status, text := b.get(path)
		if status != http.StatusOK || strings.Contains(text, "<script>alert") || strings.Contains(text, "<img") || strings.Contains(text, "<b>x") {
			t.Errorf("%s: status %d, foreign markup in\n%s", path, status, text)
		}
	}
	if status, text := b.get("/operation/GET%20/pets/%7Bid%7D"); status != http.StatusOK || !strings.Contains(text, "<h1>GET /pets/{id}</h1>") {
		t.Errorf("an operation without ID: status %d\n%s", status, text)
	}
}

func TestOptionsThatCannotWorkAreRefused(t *testing.T) {
	t.Parallel()
	c, err := client.New(client.WithoutEnvironment())
	if err != nil {
		t.Fatal(err)
	}
	for name, opts := range map[string][]explorer.Option{
		"no target":     {explorer.WithoutAPI()},
		"nil server":    {explorer.WithTestServer(nil)},
		"host with url": {explorer.WithHosts("http://a.example")},
		"prefix":        {explorer.WithPrefix("explore")},
	} {
		if _, err := explorer.New(c, opts...); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
	if _, err := explorer.New(nil); err == nil {
		t.Error("no client: got no error")
	}
}
