package client_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/conform"
	"github.com/opcall/opcall/schema"
)

// forged is what a stranger writes wherever he may write a text: a line of a log, colours,
// text that turns round, text that does not show, and much of it.
var forged = "a\nFORGED\x1b[31m\u202e\u200b\u2028" + strings.Repeat("k", 6000)

// object is JSON of a test.
type object = map[string]any

func text(t testing.TB, value any) string {
	t.Helper()
	b, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// misbehaviour says what is wrong with a message, "" where nothing is: it has a line that is
// not its own, a character that does not print, or no
// bounded length.
func misbehaviour(message string) string {
	const longest = 3500 // a pointer of 2,000 bytes, what is wrong there, and a hint
	shown := func(text string, at int) string { return fmt.Sprintf("%q", text[max(0, at-100):min(len(text), at+20)]) }
	for i, line := range strings.Split(message, "\n") {
		if i > 0 && strings.HasPrefix(line, "FORGED") {
			return "a line that is not its own in " + shown(message, strings.Index(message, "\n"+line))
		}
		if bad := strings.IndexFunc(line, func(r rune) bool { return !unicode.IsPrint(r) }); bad >= 0 {
			return "a character that does not print in " + shown(line, bad)
		}
		if len(line) > longest {
			return fmt.Sprintf("a line of %d bytes: %.200q", len(line), line)
		}
	}
	if lines := strings.Count(message, "\n"); lines > 150 || strings.TrimSpace(message) == "" {
		return fmt.Sprintf("%d lines: %.100q", lines, message)
	}
	return ""
}

// said collects messages, by where they come from.
type said struct {
	t   *testing.T
	all map[string]string
}

func (s *said) add(what string, err error) {
	s.t.Helper()
	if err == nil {
		s.t.Errorf("%s: got no error, want one", what)
		return
	}
	s.maybe(what, err)
}

// maybe adds an error if there is one.
func (s *said) maybe(what string, err error) {
	if err == nil {
		return
	}
	s.text(what, err.Error())
	var invalid *schema.ValidationError
	if errors.As(err, &invalid) {
		s.text(what+", without values", invalid.WithoutValues().Error())
		for i, p := range invalid.Problems {
			s.text(fmt.Sprint(what, ", message ", i), p.Message)
		}
	}
}

func (s *said) text(what, text string) { s.all[what] = text }

// forgedDocument has the text in every place where a document has one.
func forgedDocument(t *testing.T, server string) string {
	any200 := object{"200": object{"description": forged, "content": object{"application/json": object{"schema": object{"$ref": "#/components/schemas/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(forged)}}}}}
	parameter := func(in string) object {
		return object{"name": in + forged, "in": in, "required": true, "description": forged, "schema": object{"type": "string", "enum": []string{"x" + forged}}}
	}
	body := func(media string) object {
		return object{"description": forged, "required": true, "content": object{media: object{"schema": object{
			"type": "object", "required": []string{"r" + forged}, "additionalProperties": false,
			"properties": object{
				"r" + forged: object{"type": "string", "pattern": "^x" + strings.Repeat("k", 6000) + "$"}, "e": object{"enum": []string{"x" + forged}},
				"c": object{"const": "x" + forged}, "f": object{"type": "string", "format": forged},
				"u": object{"oneOf": []any{
					object{"$ref": "#/components/schemas/One" + strings.NewReplacer("~", "~0", "/", "~1").Replace(forged)},
					object{"$ref": "#/components/schemas/Two"},
				}, "discriminator": object{"propertyName": "t" + forged, "mapping": object{"one" + forged: "#/components/schemas/Two"}}},
			},
		}}}}
	}
	tagged := object{"type": "object", "required": []string{"t" + forged}, "properties": object{"t" + forged: object{"const": "tag" + forged}}}
	return text(t, object{
		"openapi": "3.1.0", "info": object{"title": forged, "version": forged, "description": forged},
		"servers": []any{object{"url": server, "description": forged}}, "tags": []any{object{"name": forged}},
		"security": []any{object{"scheme" + forged: []any{}}},
		"paths": object{
			"/one/{path" + forged + "}": object{"get": object{"operationId": "get" + forged, "tags": []string{forged}, "summary": forged, "parameters": []any{parameter("path"), parameter("query"), parameter("cookie")}, "responses": any200}},
			"/header":                   object{"get": object{"operationId": "header" + forged, "parameters": []any{parameter("header")}, "responses": any200}},
			"/json":                     object{"post": object{"operationId": "json" + forged, "requestBody": body("application/json"), "responses": any200}},
			"/form":                     object{"post": object{"operationId": "form" + forged, "requestBody": body("multipart/form-data"), "responses": any200}},
			"/url":                      object{"post": object{"operationId": "url" + forged, "requestBody": body("application/x-www-form-urlencoded"), "responses": any200}},
			"/media":                    object{"post": object{"operationId": "media" + forged, "requestBody": body("application/" + forged), "responses": object{"200": object{"description": "d", "content": object{"text/" + forged: object{}}}}}},
			"/stream": object{"post": object{
				"operationId": "stream" + forged, "x-opcall-stream": object{"done": forged, "terminal": []string{forged}, "text": "a"}, "requestBody": body("application/json"),
				"responses": object{"200": object{"description": "d", "content": object{"text/event-stream": object{"schema": object{"$ref": "#/components/schemas/Two"}}}}},
			}},
			"/server":    object{"get": object{"operationId": "server" + forged, "servers": []any{object{"url": "https://user:pw@" + forged}}, "responses": any200}},
			"/faulty":    object{"get": object{"operationId": "faulty" + forged, "parameters": []any{object{"name": "x", "in": forged}}, "responses": any200}},
			"/dangle":    object{"get": object{"operationId": "dangle" + forged, "parameters": []any{object{"$ref": "#/components/parameters/" + forged}}, "responses": any200}},
			"/" + forged: object{"get": object{"operationId": "get" + forged, "responses": any200}},
			"/path":      object{"get": object{"operationId": "path" + forged, "x-opcall-stream": object{"text": "@" + forged}, "responses": any200}},
			"/headers":   object{"get": object{"operationId": "headers" + forged, "x-opcall-headers": object{"X" + forged: forged}, "responses": any200}},
		},
		"x-opcall-socket": object{"sock" + forged: object{"path": "/" + forged, "like": "get" + forged, "query": []string{"q" + forged}, "client": forged, "server": forged}},
		"components": object{
			"securitySchemes": object{"scheme" + forged: object{"type": "apiKey", "in": "query", "name": "k" + forged}, "other" + forged: object{"type": forged}},
			"schemas": object{
				forged: object{"type": "object", "required": []string{"r" + forged}, "properties": object{"r" + forged: object{"type": "integer"}}}, "One" + forged: tagged, "Two": tagged,
				"Circle" + forged: object{"$ref": "#/components/schemas/Circle" + strings.NewReplacer("~", "~0", "/", "~1").Replace(forged)},
				"Type" + forged:   object{"type": forged}, "Not": object{"not": object{"$ref": "#/components/schemas/" + forged}},
				"Ref": object{"$ref": forged}, "Pattern": object{"pattern": "(" + forged}, "Nothing": object{"oneOf": []any{}},
			},
		},
	})
}

// Every text of a document, a server or a request may be a stranger's. No message has a
// line or a colour of his, and none is of his length.
func TestStrangersTextsStayWithinTheirMessage(t *testing.T) {
	s := &said{t, make(map[string]string)}
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	server := httptest.NewServer(http.HandlerFunc(forgedResponse))
	defer server.Close()

	doc, err := schema.Load([]byte(forgedDocument(t, server.URL)))
	if err != nil {
		t.Fatal(err)
	}
	s.document(doc)
	c, err := client.New(client.WithDocument(doc), client.WithDocumentServer(), client.WithLogger(logger), client.WithMaxRetries(1), client.WithAPIKey("key-0123456789"), client.WithoutEnvironment())
	if err != nil {
		t.Fatal(err)
	}
	s.text("client", c.String())
	s.calls(t.Context(), c)
	s.responses(t.Context(), c)
	s.gateway(doc)
	s.testServer(t, doc)
	s.settings(doc)
	for _, line := range strings.Split(strings.TrimSpace(log.String()), "\n") {
		s.text("log "+line[:min(len(line), 80)], line)
	}
	told := make(map[string]bool)
	for what, message := range s.all {
		if wrong := misbehaviour(message); wrong != "" && !told[wrong] {
			told[wrong] = true
			t.Errorf("%s: %s", what, wrong)
		}
	}
	if len(s.all) < 150 {
		t.Errorf("got %d messages, want 150 at least: something has stopped to provoke them", len(s.all))
	}
}

// document collects what a document and its schemas say.
func (s *said) document(doc *schema.Document) {
	for i, fault := range doc.Verify() {
		s.text(fmt.Sprint("fault ", i), fault.Error())
	}
	for i, repair := range doc.Repairs() {
		s.text(fmt.Sprint("repair ", i), repair.String())
	}
	for _, id := range []string{forged, "gat" + forged, "faulty" + forged, "dangle" + forged, "get\n"} {
		_, err := doc.Operation(id)
		s.add("operation "+id[:4], err)
	}
	for _, name := range []string{"x" + forged, "Circle" + forged + "x", "\x1b"} {
		_, err := doc.Component(name)
		s.add("component "+name[:1], err)
	}
	bodies := []string{`{}`, `[]`, `{"r` + "x" + `":1}`, text(s.t, object{"e": forged, "c": forged, "f": 1, forged: 1, "u": object{"t" + forged: "x" + forged}}), `{"a` + "\n" + `":1}`, text(s.t, object{"t" + forged: 7}), text(s.t, forged), "{\"" + forged}
	for i, body := range bodies {
		for schemas := range doc.Schemas() {
			for _, tier := range []schema.Tier{schema.Standard, schema.Strict} {
				s.maybe(fmt.Sprintf("schema %.10q, body %d, %v", schemas.Name(), i, tier), schemas.Validate(body, schema.WithTier(tier)))
			}
			for j, f := range schemas.Check([]byte(body)) {
				s.text(fmt.Sprintf("finding %.10q, body %d, %d", schemas.Name(), i, j), f.String())
			}
			if v, err := schemas.Decode([]byte(body)); err == nil {
				s.text(fmt.Sprintf("misspelling %.10q, %d", schemas.Name(), i), v.Misspelling("q"+forged).String()+" ")
				_, err := v.Get("r" + forged).Int64()
				s.maybe(fmt.Sprintf("value %.10q, %d", schemas.Name(), i), err)
			}
		}
	}
	for _, path := range []string{"", forged, "Two", "Two." + forged, "nothing" + forged, strings.ReplaceAll("json"+forged, ".", `\.`)} {
		d, err := doc.Describe(path)
		if err != nil {
			s.text("describe error "+path[:min(len(path), 6)], err.Error())
			continue
		}
		s.text("description "+path[:min(len(path), 6)], d.Text(3))
	}
	for i, line := range []string{text(s.t, object{"custom_id": forged, "method": forged, "url": forged, "body": object{forged: 1}}), forged} {
		for _, err := range doc.ValidateLines(schema.BatchRequestInput, strings.NewReader(strings.ReplaceAll(line, "\n", " ")+"\n")) {
			s.maybe(fmt.Sprint("batch line ", i), err)
		}
	}
}

// calls collects what the client says of params.
func (s *said) calls(ctx context.Context, c *client.Client) {
	good := object{"r" + forged: "x"}
	for _, name := range []string{"get", "header", "json", "form", "url", "media", "stream", "server", "faulty", "dangle", "path", "headers", "nothing"} {
		id := name + forged
		for i, params := range []client.Params{nil, {forged: 1}, {"r" + forged: 7, "e": forged, "u": object{"t" + forged: forged}}, {"r" + forged: client.File{Name: forged, Body: failing{}}}, client.Params(good), {"path" + forged: forged, "query" + forged: forged, "cookie" + forged: forged, "header" + forged: forged}} {
			s.maybe(fmt.Sprint("validate ", name, i), c.Validate(id, params))
			_, err := c.Request(ctx, id, params, client.WithRequestValidation(schema.Off))
			s.maybe(fmt.Sprint("request ", name, i), err)
			resp, err := c.Call(ctx, id, params, client.WithRequestValidation(schema.Off))
			s.maybe(fmt.Sprint("call ", name, i), err)
			if resp != nil {
				s.text(fmt.Sprint("response ", name, i), resp.String())
				resp.Close()
			}
			stream, err := c.Stream(ctx, id, params, client.WithRequestValidation(schema.Off))
			s.maybe(fmt.Sprint("stream ", name, i), err)
			if stream != nil {
				s.text(fmt.Sprint("stream string ", name, i), stream.String())
				for _, err := range stream.Events() {
					s.maybe(fmt.Sprint("event ", name, i), err)
				}
			}
			if b, err := c.Bind(id, params); err == nil {
				s.text(fmt.Sprint("bound ", name, i), b.String())
				for j, covered := range b.Coverage() {
					s.text(fmt.Sprint("coverage ", name, i, j), covered.String())
				}
			}
		}
		for i, in := range []client.Input{{Path: object{forged: 1}, Query: object{forged: 1}, Header: object{forged: 1}, Cookie: object{forged: 1}, Body: forged}, {MediaType: forged, Body: good}} {
			_, err := c.Call(ctx, id, in)
			s.maybe(fmt.Sprint("input ", name, i), err)
		}
	}
	for _, name := range []string{"sock" + forged, "x" + forged} {
		_, err := c.Socket(ctx, name, client.Params{"q" + forged: "1", "x" + forged: "2"})
		s.add("socket "+name[:1], err)
		_, err = c.Socket(ctx, name, nil)
		s.maybe("socket without params "+name[:1], err)
	}
}

// failing is a file that cannot be read.
type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New(forged) }

// settings collects what New and options say.
func (s *said) settings(doc *schema.Document) {
	for what, opt := range map[string]client.Option{
		"base URL": client.WithBaseURL(forged), "base URL, user": client.WithBaseURL("https://u:" + forged + "@h"), "credential": client.WithCredential(forged, "x"),
		"credential of a scheme": client.WithCredential("other"+forged, "x"), "header": client.WithHeader(forged, forged), "query": client.WithQuery(forged, forged), "agent": client.WithUserAgent(forged),
		"organization": client.WithOrganization(forged), "API key": client.WithAPIKey(forged), "spec": client.WithSpec([]byte(forged)), "overlay": client.WithOverlay([]byte(forged)), "file": client.WithSpecFile(forged),
	} {
		opts := []client.Option{opt, client.WithoutEnvironment()}
		if what != "spec" && what != "file" && what != "overlay" {
			opts = append(opts, client.WithDocument(doc))
		}
		_, err := client.New(opts...)
		s.maybe("option "+what, err)
	}
}

// forgedResponse answers with the text in every place that HTTP lets it be in.
func forgedResponse(w http.ResponseWriter, hr *http.Request) {
	header := strings.NewReplacer("\n", "", "\x1b", "", "\u2028", "").Replace(forged)
	w.Header().Set("X-Request-Id", header)
	body, _ := json.Marshal(object{"error": object{"message": forged, "type": forged, "code": forged, "param": forged}, forged: forged, "r" + forged: forged})
	switch kind := hr.Header.Get("X-Kind"); {
	case kind == "error":
		w.WriteHeader(http.StatusBadRequest)
		w.Write(body)
	case kind == "redirect":
		w.Header().Set("Location", "https://other.example/"+header)
		w.WriteHeader(http.StatusFound)
	case kind == "media":
		w.Header().Set("Content-Type", "text/"+header)
		io.WriteString(w, forged)
	case kind == "encoding":
		w.Header().Set("Content-Encoding", header)
		io.WriteString(w, "{}")
	case kind == "html":
		w.Header().Set("Content-Type", "text/html")
		io.WriteString(w, "<html><title>"+forged+"</title><p>"+forged)
	case kind == "cut":
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", "9000")
		io.WriteString(w, `{"`)
	case kind == "events" || strings.Contains(hr.Header.Get("Accept"), "event-stream"):
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprintf(w, "id: %s\nevent: %s\ndata: {\"x\": 1}\n\n", header, header)
		fmt.Fprintf(w, "event: error\ndata: %s\n\n", body)
	default:
		w.Header().Set("Content-Type", "application/json")
		w.Write(body)
	}
}

// responses collects what the client says of a server's.
func (s *said) responses(ctx context.Context, c *client.Client) {
	for _, kind := range []string{"error", "redirect", "media", "encoding", "html", "cut", "events", "json"} {
		for _, tier := range []schema.Tier{schema.Standard, schema.Lenient} {
			for _, id := range []string{"json" + forged, "stream" + forged, "media" + forged} {
				what := fmt.Sprint("server ", kind, tier, id[:2])
				opts := []client.CallOption{
					client.WithHeader("X-Kind", kind), client.WithResponseValidation(tier), client.WithRequestValidation(schema.Off),
					client.WithFindings(func(_ string, findings []schema.Finding) {
						for i, f := range findings {
							s.text(fmt.Sprint(what, " finding ", i), f.String())
						}
					}),
				}
				resp, err := c.Call(ctx, id, client.Params{"r" + forged: "x"}, opts...)
				s.maybe(what, err)
				if resp != nil {
					s.text(what+" string", resp.String())
					for i, covered := range resp.Coverage() {
						s.text(fmt.Sprint(what, " coverage ", i), covered.String())
					}
					var into struct{}
					s.maybe(what+" decode", resp.Decode(&into))
					resp.Close()
				}
				stream, err := c.Stream(ctx, id, client.Params{"r" + forged: "x"}, append(opts, client.WithStreamAccumulation())...)
				s.maybe(what+" stream", err)
				if stream == nil {
					continue
				}
				for ev, err := range stream.Events() {
					s.maybe(what+" event", err)
					_ = ev
				}
				_, err = stream.Final()
				s.maybe(what+" final", err)
			}
		}
	}
}

// gateway collects what conform says.
func (s *said) gateway(doc *schema.Document) {
	for _, quiet := range []bool{false, true} {
		opts := []conform.Option{conform.WithBasePath("/"), conform.WithResponses(schema.Standard, conform.Reject), conform.WithReport(func(r conform.Report) {
			s.text(fmt.Sprint("report ", len(s.all), quiet), r.String())
			s.maybe(fmt.Sprint("report error ", len(s.all), quiet), r.Err)
		})}
		if quiet {
			opts = append(opts, conform.WithoutValues())
		}
		h := conform.NewHandler(doc, http.HandlerFunc(forgedResponse), opts...)
		for _, path := range []string{"/json", "/form", "/url", "/stream", "/media", "/header", "/faulty", "/one/x?" + "q=1", "/nothing%0aFORGED%1b" + strings.Repeat("k", 6000)} {
			for _, media := range []string{"", "application/json", "multipart/form-data; boundary=b", "application/x-www-form-urlencoded", "text/" + forged} {
				for _, method := range []string{"GET", "POST"} {
					for i, body := range []string{"", text(s.t, object{forged: 1, "e": forged}), "--b\r\nContent-Disposition: form-data; name=\"x" + strings.ReplaceAll(forged, "\n", "") + "\"\r\n\r\nx\r\n--b--\r\n", "x%0aFORGED%1b" + strings.Repeat("k", 6000) + "=1"} {
						hr := httptest.NewRequest(method, path, strings.NewReader(body))
						hr.Header["Content-Type"] = []string{media}
						hr.Header["X-Kind"] = []string{"json"}
						w := httptest.NewRecorder()
						h.ServeHTTP(w, hr)
						if w.Code >= 400 {
							var told struct {
								Error struct{ Message, Param string }
							}
							if err := json.Unmarshal(w.Body.Bytes(), &told); err == nil && told.Error.Message != "" {
								s.text(fmt.Sprint("gateway ", method, path[:4], media[:min(len(media), 12)], i, quiet), told.Error.Message+" "+told.Error.Param)
							}
						}
					}
				}
			}
		}
	}
}

// quiet is a testing.TB of which nothing is wanted but the cleanup.
type quietTB struct {
	testing.TB
	said *said
}

func (q quietTB) Errorf(format string, args ...any) {
	q.said.text(fmt.Sprint("test server ", len(q.said.all)), fmt.Sprintf(format, args...))
}
func (q quietTB) Logf(format string, args ...any) { q.Errorf(format, args...) }
func (q quietTB) Error(args ...any)               { q.Errorf("%s", fmt.Sprint(args...)) }

// testServer collects what clienttest says of requests and of its document.
func (s *said) testServer(t *testing.T, doc *schema.Document) {
	server := clienttest.NewServer(quietTB{t, s}, clienttest.WithDocument(doc))
	for _, path := range []string{"/json", "/form", "/url", "/stream", "/header", "/faulty", "/media", "/nothing%0aFORGED"} {
		for _, method := range []string{"GET", "POST"} {
			hr, err := http.NewRequestWithContext(t.Context(), method, server.URL()+path, strings.NewReader(text(t, object{forged: 1})))
			if err != nil {
				t.Fatal(err)
			}
			hr.Header.Set("Content-Type", "application/json")
			resp, err := http.DefaultClient.Do(hr)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
		}
	}
	for i, req := range server.Requests() {
		if req.Refusal != nil {
			s.text(fmt.Sprint("refusal ", i), req.Refusal.Error())
		}
	}
}
