package webhook_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/webhook"
)

func ExampleVerify() {
	// What an API sends. In a program it is r.Header and the body of r, byte by byte.
	body := []byte(`{"id":"evt_1","object":"event","created_at":1767225600,"type":"response.completed","data":{"id":"resp_1"}}`)
	header, err := clienttest.SignWebhook(clienttest.Delivery{ID: "msg_1", Body: body}, secret)
	if err != nil {
		log.Fatal(err)
	}

	event, err := webhook.Verify(header, body, secret)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(event.ID, event.Type, event.Get("data.id"))

	_, err = webhook.Verify(header, append(body, ' '), secret)
	fmt.Println(err)
	// Output:
	// msg_1 response.completed resp_1
	// webhook: none of 1 signature is that of 1 secret; want the body byte by byte as it came, and the secret of this endpoint
}

func ExampleHandler() {
	handler, err := webhook.Handler(func(ctx context.Context, event webhook.Event) error {
		fmt.Println(event.Type, event.Get("data.id")) // response.completed resp_1
		return nil
	}, webhook.WithSecrets(secret)) // without it: OPENAI_WEBHOOK_SECRET
	if err != nil {
		log.Fatal(err)
	}

	// The sender, which tries twice.
	body := []byte(`{"id":"evt_1","object":"event","created_at":1767225600,"type":"response.completed","data":{"id":"resp_1"}}`)
	for range 2 {
		header, err := clienttest.SignWebhook(clienttest.Delivery{ID: "msg_1", Body: body}, secret)
		if err != nil {
			log.Fatal(err)
		}
		req := httptest.NewRequest(http.MethodPost, "/webhooks", bytes.NewReader(body))
		req.Header = header
		resp := httptest.NewRecorder()
		handler.ServeHTTP(resp, req)
		fmt.Println(resp.Code)
	}
	// Output:
	// response.completed resp_1
	// 204
	// 204
}
