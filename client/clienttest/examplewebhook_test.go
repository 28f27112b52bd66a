package clienttest_test

import (
	"fmt"
	"log"

	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/webhook"
)

// A test of a program that receives webhooks plays the API that sends them.
func ExampleSignWebhook() {
	const secret = "whsec_c2VjcmV0IG9mIGEgdGVzdA=="
	body := []byte(`{"id":"evt_1","object":"event","created_at":1767225600,"type":"batch.completed","data":{"id":"batch_1"}}`)
	header, err := clienttest.SignWebhook(clienttest.Delivery{ID: "msg_1", Body: body}, secret)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(header.Get("Webhook-Id"), len(header.Get("Webhook-Signature")))

	event, err := webhook.Verify(header, body, secret)
	fmt.Println(event, err)
	// Output:
	// msg_1 47
	// batch.completed (msg_1) <nil>
}
