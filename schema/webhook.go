package schema

import "github.com/opcall/opcall/schema/internal/validator"

// Webhook is a payload that the API sent, and the webhook of the document that
// describes it.
type Webhook struct {
	Name  string // in the document: "response_completed"; "" when none describes it
	Event Value
}

// ValidateWebhook holds a payload against the webhook of the document that it is
// for. Which one that is, the property tells that differs between them, such as
// type. (Signatures are not looked at.)
//
// The error is a *ValidationError; where the document does not know the type it
// lists the ones it knows, the nearest first. It is a *DocumentError when the
// document describes no webhooks. The Webhook is filled in as far as it could
// be told, also beside an error and in the tiers that have none.
func (d *Document) ValidateWebhook(payload []byte, opts ...ValidateOption) (Webhook, error) {
	v := newValidation(append([]ValidateOption{WithSubject("webhook")}, opts...))
	hooks := d.hooks()
	if len(hooks.names) == 0 {
		return Webhook{}, &DocumentError{Pointer: "/webhooks", Reason: "the document describes no webhooks"}
	}
	event, err := d.schemaAt("", "true").Decode(payload)
	if err != nil {
		if v.tier == Lenient || v.tier == Off {
			err = nil
		} else {
			err = notJSON(v.subject, err)
		}
		return Webhook{}, err
	}
	i := hooks.union.Choose(event.text)
	if i < 0 {
		return Webhook{Event: event}, d.unknownWebhook(event, v)
	}
	s, name := hooks.schemas[i], hooks.names[i]
	event.node = d.closed().Node(s.place())
	return Webhook{Name: name, Event: event}, s.Validate(payload, append(opts[:len(opts):len(opts)], WithSubject(v.subject+" "+name))...)
}

// webhookUnion is a document's webhooks and, in the same order, the schemas of
// their payloads, also as a union.
type webhookUnion struct {
	names   []string
	schemas []*Schema
	union   *validator.Union
}

func (d *Document) findHooks() *webhookUnion {
	w := &webhookUnion{}
	var list []string
	for op := range d.Webhooks() {
		if body := jsonBody(op); body != nil {
			w.names, w.schemas = append(w.names, op.Path), append(w.schemas, body)
			list = append(list, body.text)
		}
	}
	w.union = d.closed().OneOf(list, "/webhooks")
	return w
}

// unknownWebhook explains why the payload can be for none of the webhooks.
func (d *Document) unknownWebhook(event Value, v validation) error {
	if v.tier == Lenient || v.tier == Off {
		return nil
	}
	t, err := parseInstance(event.whole)
	if err != nil {
		return notJSON(v.subject, err)
	}
	defer t.Release()
	return &ValidationError{Subject: v.subject, Problems: problemsOf(d.hooks().union.Explain(t))}
}
