package webhook_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/opcall/opcall/client/webhook"
)

// FuzzVerify accepts nothing that the secret has not signed, and everything of the
// right form that it has.
func FuzzVerify(f *testing.F) {
	f.Add("msg_1", int64(0), "", "v1,AAAA", []byte(completed), true)
	f.Add("msg.1", int64(-300), "0", "v1,", []byte(`{"type":7}`), false)
	f.Add("", int64(301), "+", "v1,A v1a,B  ,", []byte("[[["), true)
	f.Add("msg\xff", int64(1)<<62, " ", strings.Repeat("v1,", 40), []byte{0xff}, true)
	f.Fuzz(func(t *testing.T, id string, offset int64, prefix, others string, body []byte, sign bool) {
		key := []byte("a plain secret")
		timestamp := prefix + strconv.FormatInt(time.Now().Unix()+offset, 10)
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(id + "." + timestamp + "."))
		mac.Write(body)
		want := base64.StdEncoding.EncodeToString(mac.Sum(nil))
		list := others
		if sign {
			list += " v1," + want
		}
		header := http.Header{"Webhook-Id": {id}, "Webhook-Timestamp": {timestamp}, "Webhook-Signature": {list}}
		event, err := webhook.Verify(header, body, strings.ReplaceAll(string(key), " ", "-"))
		if err == nil {
			t.Fatalf("another secret has signed it: got %v", event)
		}
		plain := "a-plain-secret"
		mac = hmac.New(sha256.New, []byte(plain))
		mac.Write([]byte(id + "." + timestamp + "."))
		mac.Write(body)
		want = base64.StdEncoding.EncodeToString(mac.Sum(nil))
		if sign {
			list = others + " v1," + want
		}
		header.Set("Webhook-Signature", list)
		event, err = webhook.Verify(header, body, plain)
		if signed := strings.Contains(list, "v1,"+want); err == nil && !signed {
			t.Fatalf("nobody has signed it: got %v", event)
		}
		if err != nil && strings.Contains(err.Error(), plain) {
			t.Fatalf("the error shows the secret: %v", err)
		}
		for _, finding := range event.Findings() {
			_ = finding.String()
		}
	})
}
