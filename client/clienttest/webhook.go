package clienttest

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/opcall/opcall/client/internal/signature"
)

// Delivery is what an API sends to a webhook.
type Delivery struct {
	ID   string    // of the header webhook-id; made up where it is ""
	Time time.Time // when it is sent; now where it is zero
	Body []byte    // JSON, byte by byte as it will be sent
}

// SignWebhook returns the headers of a delivery that the given secrets have signed, by
// the rules of Standard Webhooks: webhook-id, webhook-timestamp, webhook-signature, with
// Content-Type. With several secrets it has as many signatures, as while a secret is
// being changed. The error is that of a secret of the wrong form, which it does not
// quote.
//
//	header, err := clienttest.SignWebhook(clienttest.Delivery{Body: body}, secret)
//	event, err := webhook.Verify(header, body, secret)
//
// An ID or time that no API would send is signed all the same, for tests of what is
// refused.
func SignWebhook(d Delivery, secrets ...string) (http.Header, error) {
	if d.ID == "" {
		d.ID = "msg_" + rand.Text()
	}
	if d.Time.IsZero() {
		d.Time = time.Now()
	}
	timestamp := strconv.FormatInt(d.Time.Unix(), 10)
	var signed []string
	for i, secret := range secrets {
		key, err := signature.ParseKey(secret)
		if err != nil {
			return nil, fmt.Errorf("webhook secret %d: %w", i+1, err)
		}
		text := key.Sign(d.ID, timestamp, d.Body)
		signed = append(signed, signature.Version+string(text[:]))
	}
	header := make(http.Header)
	header.Set("Content-Type", "application/json")
	header.Set("webhook-id", d.ID)
	header.Set("webhook-timestamp", timestamp)
	header.Set("webhook-signature", strings.Join(signed, " "))
	return header, nil
}
