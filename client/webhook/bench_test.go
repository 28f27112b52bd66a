package webhook_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"net/http"
	"testing"

	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/webhook"
	"github.com/opcall/opcall/schema"
)

func delivered(b *testing.B) (http.Header, []byte) {
	body := []byte(completed)
	header, err := clienttest.SignWebhook(clienttest.Delivery{Body: body}, secret)
	if err != nil {
		b.Fatal(err)
	}
	return header, body
}

// BenchmarkHMAC is the floor: what any verification hashes.
func BenchmarkHMAC(b *testing.B) {
	header, body := delivered(b)
	key := make([]byte, 24)
	head := []byte(header.Get("webhook-id") + "." + header.Get("webhook-timestamp") + ".")
	b.ReportAllocs()
	for b.Loop() {
		mac := hmac.New(sha256.New, key)
		mac.Write(head)
		mac.Write(body)
		mac.Sum(nil)
	}
}

func BenchmarkVerify(b *testing.B) {
	for name, tier := range map[string]schema.Tier{"lenient": schema.Lenient, "standard": schema.Standard} {
		b.Run(name, func(b *testing.B) {
			header, body := delivered(b)
			v, err := webhook.New(webhook.WithSecrets(secret), webhook.WithValidation(tier))
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := v.Verify(header, body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
