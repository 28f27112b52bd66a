package client_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/coder/websocket"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
)

// socketFlood sends one event until the client is gone.
func socketFlood(b *testing.B) *httptest.Server {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer conn.CloseNow()
		for conn.Write(context.Background(), websocket.MessageText, []byte(deltaEvent)) == nil {
		}
	}))
	b.Cleanup(server.Close)
	return server
}

// BenchmarkSocket reads one event: through the WebSocket library alone, through a
// Socket, and with what can be asked of it.
func BenchmarkSocket(b *testing.B) {
	b.Run("bare", func(b *testing.B) {
		conn, _, err := websocket.Dial(b.Context(), socketFlood(b).URL, nil)
		if err != nil {
			b.Fatal(err)
		}
		defer conn.CloseNow()
		b.ReportAllocs()
		for b.Loop() {
			if _, _, err := conn.Read(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
	for name, opts := range map[string][]client.CallOption{
		"events":   nil,
		"text":     nil,
		"findings": {client.WithFindings(func(string, []schema.Finding) {})},
		"standard": {client.WithResponseValidation(schema.Standard)},
	} {
		b.Run(name, func(b *testing.B) {
			transport := &http.Transport{}
			defer transport.CloseIdleConnections()
			c, err := client.New(client.WithBaseURL(socketFlood(b).URL), client.WithHTTPClient(&http.Client{Transport: transport}))
			if err != nil {
				b.Fatal(err)
			}
			ctx, cancel := context.WithCancel(b.Context())
			defer cancel() // a Close would read on until the server stops
			s, err := c.Socket(ctx, "responses", nil, opts...)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for event, err := range s.Events() {
				if !b.Loop() {
					break
				}
				if err != nil {
					b.Fatal(err)
				}
				if name == "text" && event.Text() != " moon" {
					b.Fatal(event)
				}
			}
		})
	}
}

// BenchmarkSocketSend writes one event to a server that reads.
func BenchmarkSocketSend(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer conn.CloseNow()
		for {
			if _, _, err := conn.Read(context.Background()); err != nil {
				return
			}
		}
	}))
	defer server.Close()
	event := []byte(`{"type":"input_audio_buffer.append","audio":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}`)
	b.Run("bare", func(b *testing.B) {
		conn, _, err := websocket.Dial(b.Context(), server.URL, nil)
		if err != nil {
			b.Fatal(err)
		}
		defer conn.CloseNow()
		b.ReportAllocs()
		for b.Loop() {
			if err := conn.Write(b.Context(), websocket.MessageText, event); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("validated", func(b *testing.B) {
		c, err := client.New(client.WithBaseURL(server.URL))
		if err != nil {
			b.Fatal(err)
		}
		s, err := c.Socket(b.Context(), "realtime", nil)
		if err != nil {
			b.Fatal(err)
		}
		defer s.Close()
		b.ReportAllocs()
		for b.Loop() {
			if err := s.Send(b.Context(), event); err != nil {
				b.Fatal(err)
			}
		}
	})
}
