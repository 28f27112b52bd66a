package webhook_test

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/webhook"
	"github.com/opcall/opcall/schema"
)

// secret is that of the tests.
const secret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"

// completed is a delivery of the OpenAI API.
const completed = `{"id":"evt_1","object":"event","created_at":946684800,"type":"response.completed","data":{"id":"resp_1"}}`

// began is when the clock of a bubble starts.
var began = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// header makes the headers of a delivery. A name that is "" is left out.
func header(id, timestamp, signature string) http.Header {
	h := make(http.Header)
	for name, value := range map[string]string{"webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature} {
		if value != "" {
			h.Set(name, value)
		}
	}
	return h
}

// The signatures were computed with the hmac module of Python and by
// "openssl dgst -sha256 -mac HMAC", which agree.
func TestSignaturesComputedElsewhereAgree(t *testing.T) {
	tests := map[string]struct{ secret, id, timestamp, body, signature string }{
		"whsec of 24 bytes":           {secret, "msg_1", "946684800", `{"type":"response.completed"}`, "/PRGclHuun8Ecc/tyck0hcm+RtNLtiw7L6176o65rXY="},
		"whsec of 32 bytes, padded":   {"whsec_yMnKy8zNzs/Q0dLT1NXW19jZ2tvc3d7f4OHi4+Tl5uc=", "wh_685342e6c53c8190a1be43f081506c52", "946684800", completed, "SciZetcV8P3BkyheEdNHAKxT7Us9QSoBV1ViLJCJt9c="},
		"whsec of 64 bytes, unpadded": {"whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw", "msg_2", "946684500", "{ \"a\" : 1 }\n", "3hpIFP9L8na+xGF9k99FWwEPHe/uzL4U0RBrhhySDXs="},
		"plain":                       {"my-plain-secret!", "msg_3", "946685100", `{"text":"Zürich € \u00e9"}`, "muxIsBTwhs2MuLkxLlYxdMGp6obwQqOqUiDox1IdSyE="},
		"plain, looks like base64":    {"AAECAwQFBgcICQoLDA0ODxAREhMUFRYX", "msg_4", "946684800", `{}`, "zCtN32itm1teiYj4pPkrzk7nOlnGCT5UOX++pKY6uxk="},
		"plain, longer than a block":  {strings.Repeat("k", 200), "msg_5", "946684800", `{"n":1e400}`, "xfooSRfRidCb2E0wqhZGtkcLakAm72EpvLw9AyblFVk="},
		"line end after the secret":   {secret + "\n", "msg_1", "946684800", `{"type":"response.completed"}`, "/PRGclHuun8Ecc/tyck0hcm+RtNLtiw7L6176o65rXY="},
		"the vector that SDKs share":  {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", `{"test": 2432232314}`, "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if tt.timestamp == "1614265330" {
					time.Sleep(time.Unix(1614265330, 0).Sub(began)) // of the bubble's clock
				}
				h := header(tt.id, tt.timestamp, "v1,"+tt.signature)
				if _, err := webhook.Verify(h, []byte(tt.body), tt.secret); err != nil {
					t.Errorf("got %v", err)
				}
				var forged *webhook.SignatureError
				if _, err := webhook.Verify(h, []byte(tt.body+" "), tt.secret); !errors.As(err, &forged) {
					t.Errorf("with another body: got %v, want a *SignatureError", err)
				}
			})
		})
	}
}

func TestSignWebhookAgreesWithVectors(t *testing.T) {
	got, err := clienttest.SignWebhook(clienttest.Delivery{ID: "msg_1", Time: began, Body: []byte(`{"type":"response.completed"}`)}, secret, "my-plain-secret!")
	if err != nil {
		t.Fatal(err)
	}
	want := http.Header{
		"Content-Type": {"application/json"}, "Webhook-Id": {"msg_1"}, "Webhook-Timestamp": {"946684800"},
		"Webhook-Signature": {"v1,/PRGclHuun8Ecc/tyck0hcm+RtNLtiw7L6176o65rXY= v1,eVrgoWK9HsvzNMEH4MzO6VwIKrRMJkggr2hWf8hkZpw="},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
}

func TestBadDeliveriesAreNamed(t *testing.T) {
	const good = "v1,SciZetcV8P3BkyheEdNHAKxT7Us9QSoBV1ViLJCJt9c=" // see above
	const key, id, now = "whsec_yMnKy8zNzs/Q0dLT1NXW19jZ2tvc3d7f4OHi4+Tl5uc=", "wh_685342e6c53c8190a1be43f081506c52", "946684800"
	twice := header(id, now, good)
	twice.Add("webhook-id", "wh_2")
	svix := http.Header{"Svix-Id": {id}, "Svix-Timestamp": {now}, "Svix-Signature": {good}}
	tests := map[string]struct {
		header http.Header
		body   string
		want   string
	}{
		"good":                      {header(id, now, good), completed, ""},
		"names in lower case":       {http.Header{"webhook-id": {id}, "webhook-timestamp": {now}, "webhook-signature": {good}}, completed, ""},
		"second of two signatures":  {header(id, now, "v1,AAAA "+good), completed, ""},
		"after one of another kind": {header(id, now, "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5B== "+good), completed, ""},
		"no header":                 {nil, completed, "*webhook.HeaderError webhook: header webhook-id: is missing"},
		"no timestamp":              {header(id, "", good), completed, "*webhook.HeaderError webhook: header webhook-timestamp: is missing"},
		"no signature":              {header(id, now, ""), completed, "*webhook.HeaderError webhook: header webhook-signature: is missing"},
		"names of one sender":       {svix, completed, "*webhook.HeaderError webhook: header webhook-id: is missing; svix-id is there, which is not a name of Standard Webhooks"},
		"a header twice":            {twice, completed, "*webhook.HeaderError webhook: header webhook-id: appears 2 times, want once"},
		"long ID":                   {header(strings.Repeat("i", 257), now, good), completed, "*webhook.HeaderError webhook: header webhook-id: has 257 bytes, want at most 256"},
		"full stop in the ID":       {header("wh.946684800", now, good), completed, "*webhook.HeaderError webhook: header webhook-id: has a full stop, which Standard Webhooks does not allow"},
		"line end in the ID":        {header("wh\n1", now, good), completed, "*webhook.HeaderError webhook: header webhook-id: has a character that is not visible ASCII"},
		"time in milliseconds":      {header(id, "946684800000.5", good), completed, `*webhook.HeaderError webhook: header webhook-timestamp: got "946684800000.5", want seconds since 1970 as digits`},
		"time with a sign":          {header(id, "+946684800", good), completed, `*webhook.HeaderError webhook: header webhook-timestamp: got "+946684800", want seconds since 1970 as digits`},
		"time of no end":            {header(id, strings.Repeat("9", 5000), good), completed, `*webhook.HeaderError webhook: header webhook-timestamp: got "` + strings.Repeat("9", 40) + `", want seconds since 1970 as digits`},
		"stale":                     {header(id, "946684499", good), completed, "*webhook.TimeError webhook: the delivery is 5m1s old, want at most 5m0s; is the clock right?"},
		"future":                    {header(id, "946685101", good), completed, "*webhook.TimeError webhook: the delivery is from 5m1s ahead, want at most 5m0s; is the clock right?"},
		"far future":                {header(id, "999999999999", good), completed, "*webhook.TimeError webhook: the delivery is from 2562047h47m16s ahead, want at most 5m0s; is the clock right?"},
		"signature without version": {header(id, now, strings.TrimPrefix(good, "v1,")), completed, `*webhook.HeaderError webhook: header webhook-signature: has no signature that begins with "v1," among 1`},
		"asymmetric alone":          {header(id, now, "v1a,AAAA"), completed, `*webhook.HeaderError webhook: header webhook-signature: has no signature that begins with "v1," among 1`},
		"many signatures":           {header(id, now, strings.Repeat("v1,A ", 33)), completed, "*webhook.HeaderError webhook: header webhook-signature: has more than 32 signatures"},
		"huge signature":            {header(id, now, "v1,"+strings.Repeat("A", 5000)), completed, "*webhook.HeaderError webhook: header webhook-signature: has 5003 bytes, want at most 4096"},
		"forged":                    {header(id, now, "v1,AciZetcV8P3BkyheEdNHAKxT7Us9QSoBV1ViLJCJt9c="), completed, "*webhook.SignatureError webhook: none of 1 signature is that of 1 secret; want the body byte by byte as it came, and the secret of this endpoint"},
		"cut signature":             {header(id, now, good[:20]), completed, "*webhook.SignatureError webhook: none of 1 signature is that of 1 secret; want the body byte by byte as it came, and the secret of this endpoint"},
		"of another delivery":       {header("wh_2", now, good), completed, "*webhook.SignatureError webhook: none of 1 signature is that of 1 secret; want the body byte by byte as it came, and the secret of this endpoint"},
		"of another time":           {header(id, "946684801", good), completed, "*webhook.SignatureError webhook: none of 1 signature is that of 1 secret; want the body byte by byte as it came, and the secret of this endpoint"},
		"body written anew":         {header(id, now, good), strings.ReplaceAll(completed, ":", ": "), "*webhook.SignatureError webhook: none of 1 signature is that of 1 secret; want the body byte by byte as it came, and the secret of this endpoint"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				event, err := webhook.Verify(tt.header, []byte(tt.body), key)
				got := ""
				if err != nil {
					got = fmt.Sprintf("%T %v", err, err)
				}
				if got != tt.want {
					t.Errorf("\n got %s\nwant %s", got, tt.want)
				}
				if err != nil && !reflect.ValueOf(event).IsZero() {
					t.Errorf("got %v beside an error", event)
				}
			})
		})
	}
}

func TestBadSecretsAreNamedAndNotShown(t *testing.T) {
	tests := map[string]struct {
		secrets     []string
		environment string // "-" for unset
		want        string
	}{
		"none":               {nil, "-", "webhook secret: none is given, and OPENAI_WEBHOOK_SECRET is not set"},
		"empty environment":  {nil, "", "webhook secret of OPENAI_WEBHOOK_SECRET: it is empty"},
		"bad environment":    {nil, "whsec_****", "webhook secret of OPENAI_WEBHOOK_SECRET: what follows whsec_ is not base64; copy the secret again, whole"},
		"good environment":   {nil, secret, ""},
		"empty":              {[]string{""}, secret, "webhook secret: it is empty"},
		"second of two":      {[]string{secret, "whsec_"}, "-", "webhook secret 2 of 2: nothing follows whsec_; copy the secret again, whole"},
		"cut":                {[]string{"whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXA"}, "-", "webhook secret: what follows whsec_ is not base64; copy the secret again, whole"},
		"API key":            {[]string{"sk-proj-0123456789"}, "-", "webhook secret: it is an API key; want the secret of the webhook endpoint, which begins with whsec_"},
		"public key":         {[]string{"whpk_AAEC"}, "-", "webhook secret: it is a key of asymmetric signatures (v1a), which are not supported; want a secret that begins with whsec_"},
		"signature":          {[]string{"v1,AAEC"}, "-", "webhook secret: it is a signature; want the secret of the webhook endpoint, which begins with whsec_"},
		"upper case":         {[]string{"WHSEC_AAEC"}, "-", "webhook secret: its beginning is not in lower case; want whsec_"},
		"quotes":             {[]string{`"` + secret + `"`}, "-", "webhook secret: it has a quote in it; leave quotes out"},
		"two in one":         {[]string{secret + " " + secret}, "-", "webhook secret: it has white space in it; give several secrets one by one"},
		"control characters": {[]string{"my\x00secret"}, "-", "webhook secret: it has a control character in it"},
		"too many":           {make([]string, 17), "-", "webhook secret: got 17, want at most 16"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if tt.environment == "-" {
				unset(t, webhook.SecretVariable)
			} else {
				t.Setenv(webhook.SecretVariable, tt.environment)
			}
			h, err := clienttest.SignWebhook(clienttest.Delivery{Body: []byte(completed)}, secret)
			if err != nil {
				t.Fatal(err)
			}
			_, err = webhook.Verify(h, []byte(completed), tt.secrets...)
			got := ""
			if err != nil {
				got = err.Error()
				var wrong *webhook.SecretError
				if !errors.As(err, &wrong) {
					t.Errorf("error is %T, want *SecretError", err)
				}
			}
			if got != tt.want {
				t.Errorf("\n got %s\nwant %s", got, tt.want)
			}
		})
	}
}

func unset(t *testing.T, name string) {
	t.Setenv(name, "") // puts it back afterwards
	if err := unsetenv(name); err != nil {
		t.Fatal(err)
	}
}

func TestEveryPairOfSecretsAndSignaturesIsTried(t *testing.T) {
	secrets := []string{"plain-secret-1", "plain-secret-2", secret}
	body := []byte(completed)
	for _, signer := range secrets {
		h, err := clienttest.SignWebhook(clienttest.Delivery{Body: body}, "unknown-secret", signer)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := webhook.Verify(h, body, secrets...); err != nil {
			t.Errorf("signed by %s: %v", signer, err)
		}
	}
}

func TestVerifierShowsNoSecret(t *testing.T) {
	v, err := webhook.New(webhook.WithSecrets(secret, "plain-secret-1"))
	if err != nil {
		t.Fatal(err)
	}
	option := webhook.WithSecrets(secret)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		for _, value := range []any{v, *v, option} {
			text := fmt.Sprintf(verb, value)
			for _, hidden := range []string{"plain-secret", "AAECAwQF", "112 108 97 105 110 45 115", "0x70, 0x6c, 0x61", "706c61696e2d73", "[0 1 2 3 4"} {
				if strings.Contains(text, hidden) {
					t.Errorf("%s of %T shows %q", verb, value, hidden)
				}
			}
		}
	}
}

func TestEventIsTypedByTheDocument(t *testing.T) {
	tests := map[string]struct {
		body     string
		opts     []webhook.Option
		event    string
		findings []string
		want     string // error
	}{
		"known":                 {completed, nil, "response.completed response_completed resp_1", nil, ""},
		"new type":              {`{"type":"response.dreamt","data":{"id":"x"}}`, nil, "response.dreamt  x", []string{"unknown_value"}, ""},
		"new field":             {strings.Replace(completed, `"id":"evt_1"`, `"id":"evt_1","mood":"calm"`, 1), nil, "response.completed response_completed resp_1", []string{"unknown_field"}, ""},
		"new field, strict":     {strings.Replace(completed, `"id":"evt_1"`, `"id":"evt_1","mood":"calm"`, 1), []webhook.Option{webhook.WithValidation(schema.Standard)}, "response.completed response_completed resp_1", []string{"unknown_field"}, `webhook response_completed: /mood: unknown field "mood"`},
		"new type, strict":      {`{"type":"response.complete","data":{"id":"x"}}`, []webhook.Option{webhook.WithValidation(schema.Standard)}, "response.complete  x", []string{"unknown_value"}, `did you mean "response.completed"?`},
		"type that is not text": {`{"type":7}`, nil, "  ", []string{"unknown_value"}, ""},
		"no type":               {`{"a":1}`, nil, "  ", []string{"missing_field"}, ""},
		"not an object":         {` [1]`, nil, "", nil, "webhook msg_1: the body: got an array, want an object"},
		"not JSON":              {`{"type":`, nil, "", nil, "webhook msg_1: the body: line 1, column 9: the text ends"},
		"nested without an end": {strings.Repeat("[", 100_000), nil, "", nil, "webhook msg_1: the body: "},
		"not UTF-8":             {"{\"a\":\"\xff\"}", nil, "", nil, "webhook msg_1: the body: "},
		"empty":                 {"", nil, "", nil, "webhook msg_1: the body: "},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			v, err := webhook.New(append(tt.opts, webhook.WithSecrets(secret))...)
			if err != nil {
				t.Fatal(err)
			}
			body := []byte(tt.body)
			h, err := clienttest.SignWebhook(clienttest.Delivery{ID: "msg_1", Body: body}, secret)
			if err != nil {
				t.Fatal(err)
			}
			event, err := v.Verify(h, body)
			clear(body) // the event keeps no part of it
			if got := fmt.Sprint(err); tt.want == "" && err != nil || !strings.Contains(got, tt.want) {
				t.Errorf("got error %v, want %s", err, tt.want)
			}
			if event.ID == "" {
				if tt.event != "" {
					t.Errorf("got no event, want %s", tt.event)
				}
				return
			}
			if got := event.Type + " " + event.Name + " " + event.Get("data.id").String(); got != tt.event {
				t.Errorf("got %q, want %q", got, tt.event)
			}
			var kinds []string
			for _, f := range event.Findings() {
				kinds = append(kinds, string(f.Kind))
			}
			if diff := cmp.Diff(tt.findings, kinds); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEventOfAnotherDocument(t *testing.T) {
	doc, err := schema.LoadFile("testdata/payments.yaml")
	if err != nil {
		t.Fatal(err)
	}
	v, err := webhook.New(webhook.WithDocument(doc), webhook.WithSecrets(secret))
	if err != nil {
		t.Fatal(err)
	}
	for body, want := range map[string]string{
		`{"kind":"transfer.created","amount":{"value":5}}`: "transfer.created transferCreated 5",
		`{"kind":"transfer.updated","amount":{"value":6}}`: "transfer.updated transferUpdated 6",
		`{"kind":"account.closed"}`:                        "account.closed accountClosed 0",
	} {
		h, err := clienttest.SignWebhook(clienttest.Delivery{Body: []byte(body)}, secret)
		if err != nil {
			t.Fatal(err)
		}
		event, err := v.Verify(h, []byte(body))
		if err != nil {
			t.Fatal(err)
		}
		var decoded struct{ Amount struct{ Value int64 } }
		if err := event.Decode(&decoded); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(event.Type, " ", event.Name, " ", decoded.Amount.Value); got != want || len(event.Findings()) > 0 {
			t.Errorf("%s: got %s, %v, want %s", body, got, event.Findings(), want)
		}
	}
}

func TestDocumentWithoutWebhooksIsRefused(t *testing.T) {
	doc, err := schema.Load([]byte(`{"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{}}`))
	if err != nil {
		t.Fatal(err)
	}
	_, err = webhook.New(webhook.WithDocument(doc), webhook.WithSecrets(secret))
	var wrong *schema.DocumentError
	if !errors.As(err, &wrong) {
		t.Errorf("got %v, want a *DocumentError", err)
	}
}
