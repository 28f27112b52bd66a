// Package webhook receives what an API sends by itself: it verifies that a
// delivery comes from the API, is new and unchanged, and types it by the document.
//
//	handler, err := webhook.Handler(func(ctx context.Context, event webhook.Event) error {
//		switch event.Type {
//		case "response.completed":
//			return finish(ctx, event.Get("data.id").String())
//		}
//		return nil // of no interest
//	}) // the secret is in OPENAI_WEBHOOK_SECRET
//	http.Handle("POST /webhooks", handler)
//
// A program that has header and body by other means calls Verify:
//
//	event, err := webhook.Verify(r.Header, body, secret)
//
// # Rules
//
// They are those of Standard Webhooks 1.0.0 for symmetric signatures, which OpenAI
// follows: HMAC-SHA256 over "ID.TIMESTAMP.BODY" in the headers webhook-id,
// webhook-timestamp and webhook-signature. The signature header is a list, separated by
// spaces, of which one "v1," that any of the secrets has made is enough, so that either
// side can change its secret while deliveries are on the way. The timestamp is at most
// 300 s from now, before or after. Signatures are compared in constant time.
//
// Beyond the standard: an ID has 1 to 256 visible ASCII characters and no full stop
// (the standard warns of them), each header appears once, and the signature header has
// at most 4 KiB and 32 signatures. A secret that does not begin with "whsec_" is taken
// as its bytes, as the SDKs of OpenAI do. The names svix-id, svix-timestamp and
// svix-signature are those of one sender and not of the standard: they are not read,
// and the error says so. Asymmetric signatures (v1a) are skipped.
//
// # Reading order
//
//	verify.go    Verify, New: from header and body to an Event
//	header.go    the three headers
//	event.go     Event: what was delivered, seen through the document
//	handler.go   Handler: an http.Handler, and its responses
//	body.go      the body of a request: its limits, and who read it before
//	store.go     which deliveries have been handled: Store, NewMemoryStore
//	option.go    what can be set
//	error.go     the errors, none of which shows a secret or a body
//
// The package clienttest signs deliveries for tests: SignWebhook.
package webhook
