// Webhook receives webhooks of the OpenAI API. With OPENAI_WEBHOOK_SECRET set it serves
// on port 8080 until it is interrupted; without it, it sends itself a few deliveries.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/webhook"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	address, secret := ":8080", os.Getenv(webhook.SecretVariable)
	show := secret == ""
	if show {
		fmt.Println(webhook.SecretVariable + " is not set: the program sends itself deliveries.")
		address, secret = "127.0.0.1:0", "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"
	}
	handler, err := webhook.Handler(handle, webhook.WithSecrets(secret), webhook.WithErrors(func(r *http.Request, err error) {
		fmt.Println("Not handled:", err)
	}))
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/webhooks", handler)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	if show {
		err = send(ctx, "http://"+listener.Addr().String()+"/webhooks", secret)
	} else {
		<-ctx.Done()
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	err = errors.Join(err, server.Shutdown(ending))
	if ended := <-served; !errors.Is(ended, http.ErrServerClosed) {
		err = errors.Join(err, ended)
	}
	return err
}

// handle is called once for each event, unless it returns an error: then the API sends
// the event again. What takes longer than a few seconds belongs into a queue.
func handle(_ context.Context, event webhook.Event) error {
	switch event.Type {
	case "response.completed", "batch.completed":
		fmt.Println("Ready to be fetched:", event.Get("data.id"))
	case "response.failed", "batch.failed":
		fmt.Println("Failed:", event.Get("data.id"))
	default:
		fmt.Println("Of no interest:", event.Type)
	}
	return nil
}

// send does what the API does, and what others may try.
func send(ctx context.Context, url, secret string) error {
	completed := []byte(`{"id":"evt_1","object":"event","created_at":1767225600,"type":"response.completed","data":{"id":"resp_1"}}`)
	failed := []byte(`{"id":"evt_2","object":"event","created_at":1767225600,"type":"batch.failed","data":{"id":"batch_1"}}`)
	for _, attempt := range []struct {
		what     string
		delivery clienttest.Delivery
		secret   string
	}{
		{"a response", clienttest.Delivery{ID: "wh_1", Body: completed}, secret},
		{"the same again", clienttest.Delivery{ID: "wh_1", Body: completed}, secret},
		{"a batch", clienttest.Delivery{ID: "wh_2", Body: failed}, secret},
		{"an old one", clienttest.Delivery{ID: "wh_3", Body: failed, Time: time.Now().Add(-time.Hour)}, secret},
		{"forged", clienttest.Delivery{ID: "wh_4", Body: failed}, "another-secret"},
	} {
		header, err := clienttest.SignWebhook(attempt.delivery, attempt.secret)
		if err != nil {
			return err
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(attempt.delivery.Body))
		if err != nil {
			return err
		}
		req.Header = header
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		resp.Body.Close()
		fmt.Printf("%s: %s\n", attempt.what, resp.Status)
	}
	return nil
}
