package schema

import (
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"
)

// Severity says what a change means for programs that were written with the old
// document in hand.
//
// The values are in order, so that the worse of two is their maximum. The zero value is
// SeveritySafe: a change is only called worse where a rule says so.
type Severity int

const (
	// SeveritySafe is proven: every request that was valid is valid still, and
	// every response that may come now may have come before, but for fields that
	// a program can ignore.
	SeveritySafe Severity = iota
	// SeverityUnknown is everything that is not proven to be one of the others,
	// such as a new value of an enum in a response.
	SeverityUnknown
	// SeverityBreaking makes a valid request invalid, or takes away what a
	// response was sure to have.
	SeverityBreaking
)

// String returns "safe", "unknown" or "breaking".
func (s Severity) String() string {
	switch s {
	case SeveritySafe:
		return "safe"
	case SeverityBreaking:
		return "breaking"
	}
	return "unknown"
}

// MarshalText returns String.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// ChangeKind says what changed.
//
// The values are stable: they are written to JSON and are part of the ID of a change,
// which a program may have stored.
type ChangeKind string

// The kinds of changes. Those of operations:
const (
	ChangeOperationAdded      ChangeKind = "operation_added"
	ChangeOperationRemoved    ChangeKind = "operation_removed"
	ChangeOperationID         ChangeKind = "operation_id" // same method and path, another ID
	ChangeOperationRoute      ChangeKind = "operation_route"
	ChangeOperationUnreadable ChangeKind = "operation_unreadable"
	ChangeParameterAdded      ChangeKind = "parameter_added"
	ChangeParameterRemoved    ChangeKind = "parameter_removed"
	ChangeParameterStyle      ChangeKind = "parameter_style"
	ChangeBody                ChangeKind = "body"
	ChangeMediaTypeAdded      ChangeKind = "media_type_added"
	ChangeMediaTypeRemoved    ChangeKind = "media_type_removed"
	ChangeResponseAdded       ChangeKind = "response_added"
	ChangeResponseRemoved     ChangeKind = "response_removed"
	ChangeHeaderAdded         ChangeKind = "header_added"
	ChangeHeaderRemoved       ChangeKind = "header_removed"
	ChangeSecurity            ChangeKind = "security"
	ChangeServers             ChangeKind = "servers"
	ChangeCallbacks           ChangeKind = "callbacks"
	ChangeLinks               ChangeKind = "links"
	ChangeWebhookAdded        ChangeKind = "webhook_added"
	ChangeWebhookRemoved      ChangeKind = "webhook_removed"
	ChangeComponentAdded      ChangeKind = "component_added"
	ChangeComponentRemoved    ChangeKind = "component_removed"
	ChangeComponentRenamed    ChangeKind = "component_renamed"
	ChangeDeprecation         ChangeKind = "deprecation"
	ChangeFieldAdded          ChangeKind = "field_added"
	ChangeFieldRemoved        ChangeKind = "field_removed"
	ChangeRequired            ChangeKind = "required" // of fields, parameters, headers, bodies
	ChangeType                ChangeKind = "type"
	ChangeEnum                ChangeKind = "enum"
	ChangeBound               ChangeKind = "bound"
	ChangeDefault             ChangeKind = "default"
	ChangeUnknownFields       ChangeKind = "additional_properties"
	ChangeBranchAdded         ChangeKind = "branch_added"
	ChangeBranchRemoved       ChangeKind = "branch_removed"
	ChangeReference           ChangeKind = "reference" // to another component, which differs
	ChangeKeyword             ChangeKind = "keyword"   // of JSON Schema: every other one
	ChangeProse               ChangeKind = "prose"     // titles, summaries, descriptions, tags, examples
	ChangeNotCompared         ChangeKind = "not_compared"
)

// Change is one difference between two documents. Where the same happened at
// several places, it is one Change.
type Change struct {
	ID       string     `json:"id"` // eight hexadecimal digits, the same whenever the same change is found
	Severity Severity   `json:"severity"`
	Kind     ChangeKind `json:"kind"`
	// Of says what changed: an "operation", a "component", a "webhook", a "security
	// scheme" or the "document".
	Of string `json:"of"`
	// Subjects are the IDs of those operations, or the names of those components, in
	// document order; empty for the document.
	Subjects []string `json:"subjects,omitempty"`
	// Places are the paths, as of Describe, at which it happened:
	// "CreateResponse.tools.function.parameters", "getResponse.200.output".
	Places []string `json:"places,omitempty"`
	Text   string   `json:"text"` // what happened, in words: `new value "flex"`
	// Pointer is where the first of them stands, in the new document or, for what is
	// no longer there, in the old one.
	Pointer Pointer `json:"pointer"`
	// Reaches lists the operations and webhooks that the change concerns, in
	// document order, those of the old document that are gone last.
	Reaches []Reach `json:"reaches,omitempty"`
}

// Reach is an operation, or a webhook, that a change concerns, and on which way.
type Reach struct {
	Operation string `json:"operation"` // its ID; of a webhook its name
	Webhook   bool   `json:"webhook,omitempty"`
	Request   bool   `json:"request,omitempty"`
	Response  bool   `json:"response,omitempty"`
}

// String returns "createResponse (request)".
func (r Reach) String() string {
	var ways []string
	if r.Webhook {
		ways = append(ways, "webhook")
	}
	if r.Request {
		ways = append(ways, "request")
	}
	if r.Response {
		ways = append(ways, "response")
	}
	return shown(r.Operation, maxName) + " (" + strings.Join(ways, ", ") + ")"
}

const (
	maxName    = 80  // bounds names of the document in a line
	maxPath    = 160 // bounds paths
	maxReaches = 3   // operations that a line lists
)

// Changes is how a document differs from an older one. It never changes and is
// safe for concurrent use.
// Prose has a list of its own because between two releases of a large description most
// of what differs is text, and it would bury the rest.
type Changes struct {
	old, new *Document
	list     []Change
	prose    []Change
}

// Diff compares two documents, as their schemas are written: repairs are made,
// errata (x-opcall-patch) and other extensions are left out.
//
// Components are compared by name, operations by ID, branches of unions by their
// tag, component or JSON type, never by position. A $ref to another component is a
// change only where the components differ; whether a schema stands in place or
// behind a reference makes no difference, nor does an allOf that adds up to the
// same object. Texts for people are kept apart: see Prose.
//
// The time is linear in the size of the documents. Where references make one
// schema face thousands of others, the rest is reported as not compared, with
// SeverityUnknown.
func Diff(old, new *Document) *Changes {
	// The work that may be done is shared. What programs call is compared first, so that it
	// is the components that are given up where the limit is reached.
	d := newDiffer(old, new)
	d.documents()
	d.operations()
	d.webhooks()
	d.components()
	d.strays()
	return d.changes()
}

// All yields the changes without prose: breaking ones first, then unknown ones,
// then safe ones; in each group operations before components, in document order.
func (c *Changes) All() iter.Seq[Change] { return slices.Values(c.list) }

// Prose yields the changes of texts for people: titles, summaries, descriptions,
// tags, examples. They are all safe.
func (c *Changes) Prose() iter.Seq[Change] { return slices.Values(c.prose) }

// Len returns how many changes All yields.
func (c *Changes) Len() int { return len(c.list) }

// Count returns how many changes All yields that have the severity.
func (c *Changes) Count(s Severity) int {
	n := 0
	for i := range c.list {
		if c.list[i].Severity == s {
			n++
		}
	}
	return n
}

// For returns the changes that concern any of the operations: their own, those of
// the components that they use, and those of the document as a whole. IDs are
// found as Document.Operation finds them, in either document; one that neither has
// is an *UnknownOperationError.
func (c *Changes) For(ids ...string) (*Changes, error) {
	// Both documents are asked, since an operation that has been removed, or has another ID
	// now, is in one of them only.
	wanted := make(map[string]bool)
	for _, id := range ids {
		found := false
		var unknown error
		for _, d := range []*Document{c.new, c.old} {
			entry, err := d.entry(id)
			if err == nil {
				wanted[entry.id], found = true, true
			} else if unknown == nil {
				unknown = err
			}
		}
		if !found {
			return nil, unknown
		}
	}
	concerns := func(change Change) bool {
		return change.Of == "document" || slices.ContainsFunc(change.Reaches, func(r Reach) bool {
			// A webhook may have the name of an operation.
			return !r.Webhook && wanted[r.Operation]
		})
	}
	some := &Changes{old: c.old, new: c.new}
	for _, change := range c.list {
		if concerns(change) {
			some.list = append(some.list, change)
		}
	}
	for _, change := range c.prose {
		if concerns(change) {
			some.prose = append(some.prose, change)
		}
	}
	return some, nil
}

// MarshalJSON returns the versions of both documents and the changes.
func (c *Changes) MarshalJSON() ([]byte, error) {
	type version struct {
		Title   string `json:"title,omitempty"`
		Version string `json:"version,omitempty"`
		OpenAPI string `json:"openapi"`
	}
	of := func(d *Document) version { return version{d.Title(), d.Version(), d.OpenAPI()} }
	list := c.list
	if list == nil {
		list = []Change{}
	}
	return json.Marshal(struct {
		Old     version  `json:"old"`
		New     version  `json:"new"`
		Changes []Change `json:"changes"`
		Prose   []Change `json:"prose,omitempty"`
	}{of(c.old), of(c.new), list, c.prose})
}

// Summary returns the counts: "2 breaking, 5 unknown, 40 safe; texts changed in 12
// places".
func (c *Changes) Summary() string {
	if len(c.list) == 0 && len(c.prose) == 0 {
		return "no changes"
	}
	s := fmt.Sprintf("%d breaking, %d unknown, %d safe", c.Count(SeverityBreaking), c.Count(SeverityUnknown), c.Count(SeveritySafe))
	if len(c.prose) > 0 {
		places := 0
		for _, change := range c.prose {
			places += len(change.Places)
		}
		s += fmt.Sprintf("; texts changed in %d places", places)
	}
	return s
}
