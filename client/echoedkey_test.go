package client_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
)

// echoedKey does not look like an API key: it is known by comparison alone.
const echoedKey = "own-key-0123456789-not-to-be-seen"

// wireServer sends a text as it is in response to each request, and closes the connection.
func wireServer(t *testing.T, text string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		io.WriteString(conn, text)
		conn.Close()
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// Wherever in a response a server repeats the key that it was sent.
func TestKeyThatAServerRepeatsIsMasked(t *testing.T) {
	const jsonHead = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
	for name, text := range map[string]string{
		"status line":                   echoedKey + "\r\n\r\n",
		"header that is none":           "HTTP/1.1 200 OK\r\n" + echoedKey + "\r\n\r\n",
		"length":                        "HTTP/1.1 200 OK\r\nContent-Length: " + echoedKey + "\r\n\r\n",
		"content type":                  "HTTP/1.1 200 OK\r\nContent-Type: " + echoedKey + "/x\r\nContent-Length: 2\r\n\r\nxx",
		"content encoding":              "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: " + echoedKey + "\r\nContent-Length: 2\r\n\r\n{}",
		"content encoding of an error":  "HTTP/1.1 400 Bad\r\nContent-Encoding: " + echoedKey + "\r\nContent-Length: 2\r\n\r\n{}",
		"range":                         "HTTP/1.1 206 OK\r\nContent-Range: bytes " + echoedKey + "\r\nContent-Length: 2\r\n\r\n{}",
		"host that a redirect leads to": "HTTP/1.1 302 Found\r\nLocation: http://" + echoedKey + "/\r\nContent-Length: 0\r\n\r\n",
		"scheme of a redirect":          "HTTP/1.1 302 Found\r\nLocation: " + echoedKey + "://x\r\nContent-Length: 0\r\n\r\n",
		"time to wait":                  "HTTP/1.1 429 Slow\r\nRetry-After: " + echoedKey + "\r\nContent-Length: 0\r\n\r\n",
		"size of a chunk":               "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" + echoedKey + "\r\n",
		"trailer that is none":          "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n" + echoedKey + "\r\n\r\n",
		"no JSON":                       jsonHead + echoedKey,
		"JSON of another kind":          jsonHead + `"` + echoedKey + `"`,
		"value":                         jsonHead + `{"object":"` + echoedKey + `","data":"` + echoedKey + `"}`,
		"name":                          jsonHead + `{"object":"list","data":[],"` + echoedKey + `":1}`,
		"place":                         jsonHead + `{"object":"list","data":[{"` + echoedKey + `":{"id":5}}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			check := func(what string, value any) {
				t.Helper()
				if verb := showsKey(value, echoedKey); verb != "" {
					t.Errorf("%s shows the key by %s: %v", what, verb, value)
				}
				var refused *client.APIError
				var unusable *client.ResponseError
				if err, ok := value.(error); ok && errors.As(err, &refused) {
					value = refused.Header
				} else if ok && errors.As(err, &unusable) {
					value = unusable.Header
				}
				if text, err := json.Marshal(value); err == nil && bytes.Contains(text, []byte(echoedKey)) {
					t.Errorf("%s shows the key as JSON: %s", what, text)
				}
			}
			c := newClient(t,
				client.WithBaseURL(wireServer(t, text)), client.WithAPIKey(echoedKey), client.WithMaxRetries(0),
				client.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))),
				client.WithFindings(func(_ string, found []schema.Finding) { check("WithFindings", found) }),
			)
			for _, tier := range []schema.Tier{schema.Lenient, schema.Standard} {
				r, err := c.Call(t.Context(), "listModels", nil, client.WithResponseValidation(tier))
				check(fmt.Sprintf("Call, %v", tier), err)
				if r != nil {
					check("Findings", r.Findings())
					check("Response", r)
				}
				var invalid *schema.ValidationError
				if errors.As(err, &invalid) {
					check("Problems", invalid.Problems)
				}
			}
			_, err := c.Stream(t.Context(), "createChatCompletion", chat())
			check("Stream", err)
			_, err = c.Socket(t.Context(), "realtime", client.Params{"model": "m"})
			check("Socket", err)
			if strings.Contains(log.String(), echoedKey) {
				t.Errorf("the log shows the key: %s", log.String())
			}
		})
	}
}

func TestKeyInAnEventIsMasked(t *testing.T) {
	found := 0
	stream, err := openStream(t, sseAnswer(dataLines(`{"choices":"`+echoedKey+`","`+echoedKey+`":1}`, "[DONE]")), "createChatCompletion", chat(),
		client.WithAPIKey(echoedKey), client.WithFindings(func(_ string, findings []schema.Finding) {
			found += len(findings)
			if verb := showsKey(findings, echoedKey); verb != "" {
				t.Errorf("the findings show the key by %s: %v", verb, findings)
			}
		}))
	if err != nil {
		t.Fatal(err)
	}
	for event, err := range stream.Events() {
		if err != nil {
			t.Fatal(err)
		}
		if verb := showsKey(event.Findings(), echoedKey); verb != "" {
			t.Errorf("Findings shows the key by %s: %v", verb, event.Findings())
		}
	}
	if found == 0 {
		t.Error("got no findings")
	}
}

// A key that the program gives where it does not belong is in the error all the same.
func TestOwnKeyInParamsIsMasked(t *testing.T) {
	const key = "own/key~0123456789-not-to-be-seen"
	c := newClient(t, client.WithBaseURL("http://127.0.0.1:1"), client.WithAPIKey(key))
	response := func(name string, value any) client.Params {
		return client.Params{"model": "m", "input": "x", name: value}
	}
	for name, tt := range map[string]struct {
		operation string
		params    any
		want      string
	}{
		"operation":  {key, nil, `unknown operation "***"`},
		"value":      {"createResponse", response("temperature", key), `createResponse: /temperature: got string "***", want number or null (ModelResponseProperties)`},
		"enum":       {"createResponse", response("truncation", key), `createResponse: /truncation: got "***", want one of "auto", "disabled" (CreateResponse)`},
		"field":      {"createResponse", response(key, 1), `createResponse: /***: unknown field "***" (CreateResponse)`},
		"parameter":  {"listFiles", client.Params{"order": key}, `listFiles: query /order: got "***", want one of "asc", "desc"`},
		"other name": {"listFiles", client.Params{key: 1}, ``},
	} {
		t.Run(name, func(t *testing.T) {
			err := c.Validate(tt.operation, tt.params)
			if err == nil || tt.want != "" && err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
			if strings.Contains(fmt.Sprint(err), "0123456789") {
				t.Errorf("the error shows the key: %v", err)
			}
		})
	}
}

// Credentials that a server names in the address of a redirect are not sent there.
func TestRedirectDoesNotNameWhoAsks(t *testing.T) {
	authorization := make(chan string, 1)
	there := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		authorization <- r.Header.Get("Authorization")
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"object":"list","data":[]}`)
	}))
	defer there.Close()
	home := httptest.NewServer(http.RedirectHandler(strings.Replace(there.URL, "//", "//admin:admin@", 1), http.StatusFound))
	defer home.Close()
	c := newClient(t, client.WithBaseURL(home.URL), client.WithAPIKey(echoedKey))
	if _, err := c.Call(t.Context(), "listModels", nil); err != nil {
		t.Fatal(err)
	}
	if got := <-authorization; got != "" {
		t.Errorf("the other origin was sent Authorization %q, want none", got)
	}
}

func TestMaskedHidesWhatTheClientHas(t *testing.T) {
	t.Parallel()
	c, err := client.New(client.WithoutEnvironment(), client.WithAPIKey("one-key-of-many"), client.WithHeader("X-Token", `quo"ted-token`),
		client.WithBaseURL("http://user:pass-word-1@127.0.0.1:1/v1"))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"Bearer one-key-of-many.":            "Bearer ***.",
		`{"token":"quo\"ted-token"}`:         `{"token":"***"}`,
		"pass-word-1":                        "***",
		"cut within one-key-of":              "cut within ***",
		"sk-proj-0123456789 of someone else": "sk-proj-0123456789 of someone else",
	} {
		if got := c.Masked(text); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}
