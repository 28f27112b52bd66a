package schema

import (
	"slices"
	"strings"
	"unicode"

	"github.com/opcall/opcall/internal/jsonscan"
)

// Webhook is a payload that the API sent, and the webhook of the document that
// describes it.
//
// Event is read through the schema of that webhook; where none describes it, it is
// read by a schema that accepts anything.
type Webhook struct {
	Name  string // in the document: "response_completed"; "" when none describes it
	Type  string // in the payload: "response.completed", by the property that distinguishes webhooks; "" without one
	Event Value
}

// ValidateWebhook validates a payload against the webhook of the document that it is
// for. The webhook is chosen by the property that distinguishes them, usually type. It
// does not verify signatures: do that first, on the bytes as they came.
//
// The error is a *ValidationError; where the document does not know the type it lists
// the ones it knows, the nearest first. It is a *DocumentError when the document
// describes no webhooks. The Webhook is filled in as far as it is known, beside an
// error too, and in the tiers that report no errors.
func (d *Document) ValidateWebhook(payload []byte, opts ...ValidateOption) (Webhook, error) {
	// Before the options of the caller, whose subject takes precedence.
	v := newValidation(append([]ValidateOption{WithSubject("webhook")}, opts...))
	d.findPayloads()
	hooks := &d.payloads
	if len(hooks.names) == 0 {
		return Webhook{}, &DocumentError{Pointer: "/webhooks", Reason: "the document describes no webhooks"}
	}
	// By the schema that accepts anything: which schema is the right one, the payload says.
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
		return Webhook{Type: d.webhookType(event, -1), Event: event}, d.unknownWebhook(event, v)
	}
	i = d.namedWebhook(event, i)
	name, place := hooks.names[i], hooks.places[i]
	// The union has only chosen: what is wrong is said by the schema of the one webhook, which
	// gives the messages that a component would.
	s := d.schemaAt(Pointer(place.At), place.Text)
	event.node = d.closed().Node(place)
	return Webhook{Name: name, Type: d.webhookType(event, i), Event: event}, s.Validate(payload, append(opts[:len(opts):len(opts)], WithSubject(v.subject+" "+name))...)
}

// webhookType returns what a payload calls itself: the value of the property that tells
// the webhooks apart. Where none does, as with a single webhook, it is the first property
// of the chosen one whose values are listed.
func (d *Document) webhookType(event Value, chosen int) string {
	tag := d.payloads.union.Tag()
	if tag == "" && chosen >= 0 {
		for _, t := range d.closed().Facts(d.payloads.places[chosen]).Tags {
			text, _ := jsonscan.Member(event.text, t.Name)
			if slices.Contains(t.Values, jsonscan.String(text)) {
				// A copy, so that a program which keeps types does not keep payloads.
				return strings.Clone(jsonscan.String(text))
			}
		}
	}
	if tag == "" || event.Kind() != KindObject {
		return ""
	}
	text, _ := jsonscan.Member(event.text, tag)
	// A tag that is absent, a number or null is not a name.
	if !strings.HasPrefix(text, `"`) {
		return ""
	}
	return strings.Clone(jsonscan.String(text))
}

// namedWebhook returns the webhook whose name the tag of a payload is, or else the one
// that was chosen by its schema. Webhooks often share a schema whose tag lists the names
// of all of them; a name is compared without case and punctuation.
func (d *Document) namedWebhook(event Value, chosen int) int {
	hooks := &d.payloads
	for _, i := range hooks.sharing[chosen] {
		name := hooks.names[i]
		for _, tag := range d.closed().Facts(hooks.places[i]).Tags {
			text, _ := jsonscan.Member(event.text, tag.Name)
			if value := jsonscan.String(text); value != "" && slices.Contains(tag.Values, value) && sameWords(value, name) {
				return i
			}
		}
	}
	return chosen
}

// sameWords reports whether two names have the same letters and digits, without regard
// to case: "transfer.created" is transferCreated.
func sameWords(a, b string) bool {
	words := func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}
	return strings.Map(words, a) == strings.Map(words, b)
}

// findPayloads lists the webhooks that have a JSON body, and makes a union of their
// schemas, on first use. A webhook without one describes no payload to choose. To the
// validator the webhooks are the branches of one union, so that a payload finds its
// webhook, and gets its messages, as any tagged object does its branch.
func (d *Document) findPayloads() {
	hooks := &d.payloads
	hooks.once.Do(func() {
		var texts []string
		for op := range d.Webhooks() {
			if body := op.jsonBody(); body != nil {
				hooks.names, hooks.places = append(hooks.names, op.Path), append(hooks.places, body.place())
				texts = append(texts, body.text)
			}
		}
		hooks.union = d.closed().OneOf(texts, "/webhooks")
		// Schemas are the same that stand at one place behind their references. A schema that only
		// one webhook has decides by itself, and needs no group.
		hooks.sharing = make(map[int][]int)
		of := make(map[string][]int) // by the schema
		for i, place := range hooks.places {
			origin := d.closed().Origin(place)
			of[origin] = append(of[origin], i)
		}
		for _, group := range of {
			for _, i := range group {
				if len(group) > 1 {
					hooks.sharing[i] = group
				}
			}
		}
	})
}

// unknownWebhook returns the error of a payload that no webhook describes, nil in the
// tiers that report none.
func (d *Document) unknownWebhook(event Value, v validation) error {
	if v.tier == Lenient || v.tier == Off {
		return nil
	}
	// Parsed a second time, which only a payload that is refused costs.
	t, err := parseInstance(event.whole)
	if err != nil {
		return notJSON(v.subject, err)
	}
	defer t.Release()
	return &ValidationError{Subject: v.subject, Problems: problemsOf(d.payloads.union.Explain(t))}
}
