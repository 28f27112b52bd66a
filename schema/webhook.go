package schema

import "strings"

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
	v := validation{subject: "webhook"}
	for _, opt := range opts {
		opt(&v)
	}
	names, schemas := d.webhookSchemas()
	if len(names) == 0 {
		return Webhook{}, &DocumentError{Pointer: "/webhooks", Reason: "the document describes no webhooks"}
	}
	event, err := d.schemaAt("", "true").Decode(payload)
	if err != nil {
		return Webhook{}, instanceFault(v.subject, err)
	}
	list := make([]string, len(schemas))
	for i, s := range schemas {
		list[i] = s.text
	}
	text := `{"oneOf":[` + strings.Join(list, ",") + `]}`
	u := newUnion(&d.closed, "oneOf", text, "/webhooks")
	u.prepare()
	candidates := u.candidates(u.outline(event.text))
	if len(candidates) == 0 {
		return Webhook{Event: event}, d.unknownWebhook(text, event, v)
	}
	meant := candidates[0]
	if len(candidates) > 1 {
		meant = u.fitting(candidates, event.text)
	}
	i, _ := arrayIndex(meant.at.last())
	event.node = d.closed.schema(schemas[i].text, schemas[i].pointer, true)
	return Webhook{Name: names[i], Event: event}, schemas[i].Validate(payload, append(opts[:len(opts):len(opts)], WithSubject(v.subject+" "+names[i]))...)
}

// webhookSchemas returns the names of the document's webhooks and the schemas
// of their payloads.
func (d *Document) webhookSchemas() (names []string, schemas []*Schema) {
	for op := range d.Webhooks() {
		if body := jsonBody(op); body != nil {
			names, schemas = append(names, op.Path), append(schemas, body)
		}
	}
	return names, schemas
}

// unknownWebhook explains why none of the webhooks, a union, fits the payload.
func (d *Document) unknownWebhook(union string, event Value, v validation) error {
	instance, err := parseInstance(event.whole)
	if err != nil {
		return instanceFault(v.subject, err)
	}
	if v.tier == Lenient || v.tier == Off {
		return nil
	}
	x := explainer{compiler: &d.closed, instance: instance}
	x.union(failed{text: union, schema: "/webhooks", keyword: "oneOf", location: "/webhooks", value: instance}, noBranch)
	return &ValidationError{Subject: v.subject, Problems: x.problems}
}
