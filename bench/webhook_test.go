package bench

import (
	"crypto/hmac"
	"crypto/sha256"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"

	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/webhook"
	"github.com/opcall/opcall/schema"
)

// BenchmarkWebhook verifies and types a delivery: beside the hash alone, and beside the
// official SDK, which types it without validation.
func BenchmarkWebhook(b *testing.B) {
	const secret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"
	body := []byte(`{"id":"evt_1","object":"event","created_at":1767225600,"type":"response.completed","data":{"id":"resp_1"}}`)
	header, err := clienttest.SignWebhook(clienttest.Delivery{Body: body}, secret)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("hash", func(b *testing.B) {
		key := make([]byte, 24)
		head := []byte(header.Get("webhook-id") + "." + header.Get("webhook-timestamp") + ".")
		b.ReportAllocs()
		for b.Loop() {
			mac := hmac.New(sha256.New, key)
			mac.Write(head)
			mac.Write(body)
			mac.Sum(nil)
		}
	})
	for name, tier := range map[string]schema.Tier{"opcall": schema.Lenient, "opcall, validated": schema.Standard} {
		b.Run(name, func(b *testing.B) {
			v, err := webhook.New(webhook.WithSecrets(secret), webhook.WithValidation(tier))
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if event, err := v.Verify(header, body); err != nil || event.Get("data.id").Str != "resp_1" {
					b.Fatal(event, err)
				}
			}
		})
	}
	b.Run("openai-go", func(b *testing.B) {
		sdk := openai.NewClient(option.WithAPIKey("sk-none"), option.WithWebhookSecret(secret))
		b.ReportAllocs()
		for b.Loop() {
			if event, err := sdk.Webhooks.Unwrap(body, header); err != nil || event.AsResponseCompleted().Data.ID != "resp_1" {
				b.Fatal(err)
			}
		}
	})
}
