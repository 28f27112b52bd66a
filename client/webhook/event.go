package webhook

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/schema"
)

// Event is a delivery that the API has signed. It never changes and is safe for
// concurrent use.
type Event struct {
	// ID is that of the header webhook-id: the same however often a sender tries, so
	// that work can be done once for each. The payload may have an ID of its own,
	// Get("id").
	ID string
	// Type is what the API calls the event, "response.completed": the value of the
	// property by which the document tells its webhooks apart, "" without one.
	Type string
	// Name is that of the webhook in the document, "response_completed"; "" for a type
	// that the document does not have, as it is older than the event.
	Name string
	// Time is when this delivery was sent, by the header webhook-timestamp.
	Time time.Time
	// Raw is the body. Callers must not modify it.
	Raw []byte
	// Value is the payload seen through its schema.
	Value schema.Value

	document *schema.Document
}

// Get returns a part of the payload by its path in gjson syntax: "data.id".
func (e Event) Get(path string) gjson.Result { return gjson.GetBytes(e.Raw, path) }

// Decode unmarshals the payload into v by the rules of encoding/json.
func (e Event) Decode(v any) error {
	if err := json.Unmarshal(e.Raw, v); err != nil {
		return fmt.Errorf("webhook %s: cannot decode the payload into %T: %w", e.Type, v, err)
	}
	return nil
}

// Findings reports where the payload and the document disagree. A type that the
// document does not have is one. It compares them at each call.
func (e Event) Findings() []schema.Finding {
	if e.document == nil {
		return nil
	}
	_, err := e.document.ValidateWebhook(e.Raw, fromAPI)
	var invalid *schema.ValidationError
	if !errors.As(err, &invalid) {
		return nil
	}
	return invalid.Findings()
}

// String names the event: "response.completed (msg_1)".
func (e Event) String() string { return fmt.Sprintf("%s (%s)", e.Type, e.ID) }
