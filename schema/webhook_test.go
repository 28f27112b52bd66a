package schema_test

import (
	"errors"
	"testing"

	"github.com/opcall/opcall/schema"
)

func TestWebhookIsFoundByItsPayload(t *testing.T) {
	t.Parallel()
	doc := openShop(t)
	const paid = `{"event":"order.paid","order":{"id":"o1","items":[{"kind":"film"}]}}`
	lenient := schema.WithTier(schema.Lenient)
	tests := map[string]struct {
		payload string
		opts    []schema.ValidateOption
		name    string
		want    string // error
	}{
		"good":              {paid, nil, "order_paid", ""},
		"another":           {`{"event":"order.lost","where":"Basel"}`, nil, "order_lost", ""},
		"a mistake":         {`{"event":"order.lost","were":"Basel"}`, nil, "order_lost", `webhook order_lost: /were: unknown field "were"; did you mean "where"?`},
		"in a component":    {`{"event":"order.paid","order":{"id":"o1","items":[{"kind":"fim"}]}}`, nil, "order_paid", `webhook order_paid: /order/items/0/kind: got "fim", want one of "film", "book"; did you mean "film"? (Film)`},
		"subject":           {`{"event":"order.paid"}`, []schema.ValidateOption{schema.WithSubject("delivery 7")}, "order_paid", `delivery 7 order_paid: /: missing property "order"`},
		"unknown":           {`{"event":"order.payed"}`, nil, "", `webhook: /event: got "order.payed", want one of "order.paid", "order.lost"; did you mean "order.paid"?`},
		"unknown, lenient":  {`{"event":"order.payed"}`, []schema.ValidateOption{lenient}, "", ""},
		"mistake, lenient":  {`{"event":"order.paid"}`, []schema.ValidateOption{lenient}, "order_paid", ""},
		"mistake, off":      {`{"event":"order.paid"}`, []schema.ValidateOption{schema.WithTier(schema.Off)}, "order_paid", ""},
		"no type":           {`{"order":7}`, nil, "", `webhook: /: missing property "event", which says what this is: one of "order.paid", "order.lost"`},
		"type of that type": {`{"event":7}`, nil, "", `webhook: /event: got number 7, want one of "order.paid", "order.lost"`},
		"not an object":     {`[]`, nil, "", `webhook: /: got an array, want object`},
		"not JSON":          {`{"event":`, nil, "", `webhook: /: invalid JSON at line 1, column 10: the text ends, want a value`},
		"number of no size": {`{"event":"order.payed","n":1e99999}`, nil, "", `webhook: /: invalid JSON at line 1, column 28: got number 1e99999, out of range; want an exponent under 1000`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			hook, err := doc.ValidateWebhook([]byte(tt.payload), tt.opts...)
			got := ""
			if err != nil {
				got = err.Error()
				var invalid *schema.ValidationError
				if !errors.As(err, &invalid) {
					t.Errorf("error is %T, want *ValidationError", err)
				}
			}
			if hook.Name != tt.name || got != tt.want {
				t.Errorf("%s:\n got %q, %s\nwant %q, %s", tt.payload, hook.Name, got, tt.name, tt.want)
			}
		})
	}
}

func TestDocumentWithoutWebhooksIsAnError(t *testing.T) {
	t.Parallel()
	doc, err := schema.Load([]byte(`{"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{}}`))
	if err != nil {
		t.Fatal(err)
	}
	_, err = doc.ValidateWebhook([]byte(`{}`))
	var docErr *schema.DocumentError
	if !errors.As(err, &docErr) {
		t.Errorf("got %v (%T), want a *DocumentError", err, err)
	}
}

// TestWebhooksOfOpenAIAreToldByTheirType sends the least payload of each kind, and finds the event
// seen through its schema.
func TestWebhooksOfOpenAIAreToldByTheirType(t *testing.T) {
	t.Parallel()
	doc := builtin(t)
	types := map[string]string{"response_completed": "response.completed", "batch_failed": "batch.failed", "fine_tuning_job_succeeded": "fine_tuning.job.succeeded", "eval_run_canceled": "eval.run.canceled"}
	for name, kind := range types {
		payload := `{"id":"evt_1","object":"event","created_at":1741476542,"type":"` + kind + `","data":{"id":"x"}}`
		hook, err := doc.ValidateWebhook([]byte(payload))
		if err != nil || hook.Name != name || hook.Type != kind || hook.Event.Get("data.id").String() != "x" || hook.Event.Schema() == "" {
			t.Errorf("%s: got %q, schema %q, %v; want %q", payload, hook.Name, hook.Event.Schema(), err, name)
		}
	}
}

// Webhooks that share a schema have one tag, whose values are their names.
func TestWebhooksThatShareASchemaAreToldApartByTheirTag(t *testing.T) {
	t.Parallel()
	const hook = `{"post":{"requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/N"}}}},"responses":{"200":{"description":"OK"}}}}`
	const other = `{"post":{"requestBody":{"content":{"application/json":{"schema":{"type":"object","required":["type"],"properties":{"type":{"const":"lost"},"note":{"enum":["transfer.updated"]}}}}}},"responses":{"200":{"description":"OK"}}}}`
	doc, err := schema.Load([]byte(`{"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{},
		"webhooks":{"transfer.created":` + hook + `,"lost":` + other + `,"transfer.updated":` + hook + `,"transferGone":` + hook + `},
		"components":{"schemas":{"N":{"type":"object","required":["type"],"properties":{"note":{"type":"string"},"type":{"type":"string","enum":["transfer.created","transfer.updated","transfer-gone","transfer.lost"]}}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	for payload, want := range map[string]string{
		`{"type":"transfer.created"}`:                           "transfer.created",
		`{"type":"transfer.updated"}`:                           "transfer.updated",
		`{"type":"transfer-gone"}`:                              "transferGone",
		`{"type":"transfer.lost"}`:                              "transfer.created", // no name, so the first
		`{"type":"transfer.created","note":"transfer.updated"}`: "transfer.created",
		`{"type":"lost","note":"transfer.updated"}`:             "lost",
	} {
		got, err := doc.ValidateWebhook([]byte(payload))
		if err != nil || got.Name != want {
			t.Errorf("%s: got %q, %v, want %q", payload, got.Name, err, want)
		}
		if kind := got.Event.Get("type").String(); got.Type != kind {
			t.Errorf("%s: got type %q, want %q", payload, got.Type, kind)
		}
	}
}
