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
	hooks := d.hooks()
	if len(hooks.names) == 0 {
		return Webhook{}, &DocumentError{Pointer: "/webhooks", Reason: "the document describes no webhooks"}
	}
	event, err := d.schemaAt("", "true").Decode(payload)
	if err != nil {
		return Webhook{}, instanceFault(v.subject, err)
	}
	candidates := hooks.union.candidates(hooks.union.outline(event.text))
	if len(candidates) == 0 {
		return Webhook{Event: event}, d.unknownWebhook(event, v)
	}
	meant := candidates[0]
	if len(candidates) > 1 {
		meant = hooks.union.fitting(candidates, event.text)
	}
	i, _ := arrayIndex(meant.at.last())
	s, name := hooks.schemas[i], hooks.names[i]
	event.node = d.closed.schema(s.text, s.pointer, true)
	return Webhook{Name: name, Event: event}, s.Validate(payload, append(opts[:len(opts):len(opts)], WithSubject(v.subject+" "+name))...)
}

// webhookUnion is a document's webhooks and, in the same order, the schemas of
// their payloads, also as a union.
type webhookUnion struct {
	names   []string
	schemas []*Schema
	text    string // of a schema object with that union
	union   *union
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
	w.text = `{"oneOf":[` + strings.Join(list, ",") + `]}`
	w.union = newUnion(&d.closed, "oneOf", w.text, "/webhooks")
	w.union.prepare()
	return w
}

// unknownWebhook explains why none of the webhooks fits the payload.
func (d *Document) unknownWebhook(event Value, v validation) error {
	instance, err := parseInstance(event.whole)
	if err != nil {
		return instanceFault(v.subject, err)
	}
	if v.tier == Lenient || v.tier == Off {
		return nil
	}
	x := explainer{compiler: &d.closed, instance: instance}
	hooks := d.hooks()
	x.union(failed{text: hooks.text, schema: "/webhooks", keyword: "oneOf", location: "/webhooks", value: instance}, hooks.union, noBranch)
	return &ValidationError{Subject: v.subject, Problems: x.problems}
}
