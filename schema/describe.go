package schema

import (
	"fmt"
	"slices"
	"strings"
)

// Description describes a place of the document for people: an operation, a component,
// a field however deep, a tag. It is data, marshals to JSON, and prints as text.
//
// It says what may be sent and what comes back, in the order of the document, and
// leaves out how that is written down: references, allOf and unions of one branch are
// gone.
//
// It is made for a person who writes one call, and for a prompt that explains one: the
// members are named for what a reader asks and not for keywords. Programs that need the
// keywords have the text, by Document.Lookup.
type Description struct {
	Path       string `json:"path"` // as the document spells it: "createResponse.tools.function"
	Kind       string `json:"kind"` // "operation", "component", "parameter", "response", "field" or "tag"
	Name       string `json:"name"` // the last name of Path
	Summary    string `json:"summary,omitempty"`
	Deprecated bool   `json:"deprecated,omitempty"`
	Required   bool   `json:"required,omitempty"` // of a field or parameter
	In         string `json:"in,omitempty"`       // of a parameter: "path", "query", "header" or "cookie"

	Operation  *OperationShape    `json:"operation,omitempty"`  // of an operation
	Operations []OperationSummary `json:"operations,omitempty"` // of a tag
	Schema     *Shape             `json:"schema,omitempty"`     // of everything else

	Truncated bool `json:"truncated,omitempty"` // Expand reached its limit: some parts are not here

	// A function, because the document is not part of the data. What was read from JSON has
	// none, and cannot be expanded.
	expand func(depth int) *Description
}

// OperationShape is what an operation takes and returns.
type OperationShape struct {
	Method       string          `json:"method"`
	Path         string          `json:"path"`
	Alias        string          `json:"alias,omitempty"` // see Operation
	Tags         []string        `json:"tags,omitempty"`
	Parameters   []Field         `json:"parameters,omitempty"`
	Body         []MediaShape    `json:"body,omitempty"` // in each of its media types
	BodyRequired bool            `json:"bodyRequired,omitempty"`
	Responses    []ResponseShape `json:"responses,omitempty"`
}

// MediaShape is a body in one media type.
type MediaShape struct {
	MediaType string `json:"mediaType"`
	Schema    *Shape `json:"schema,omitempty"`
}

// ResponseShape is one of the responses of an operation.
type ResponseShape struct {
	Status string       `json:"status"` // "200", "4XX" or "default"
	Body   []MediaShape `json:"body,omitempty"`
}

// Describe returns what stands at a path: the ID of an operation, the name of a
// component or a tag, and from there, with dots between them, names of fields,
// parameters, response status codes and branches of unions, these by tag value
// or component. Items of arrays need no name, nor does the request body.
//
//	createResponse.tools.function.parameters
//	CreateChatCompletionRequest.messages.user.content
//	createResponse.200.output
//
// Names are found as in Operation, without regard to case, '-' and '_'; a
// backslash before a dot makes it part of a name. The error is an
// *UnknownPathError. Fields are described one level deep; Expand goes deeper.
func (d *Document) Describe(path string) (*Description, error) {
	place, err := d.locate(splitPathNames(path))
	if err != nil {
		return nil, err
	}
	return place.describe(1), nil
}

// Expand describes the same place with the fields of its fields and so on, to a
// depth: 0 for none. Where a component contains itself it stops at the second
// time, and it stops after 5,000 parts.
func (d *Description) Expand(depth int) *Description {
	if d.expand == nil {
		return d
	}
	return d.expand(max(0, depth))
}

// String returns the description as text, its fields one level deep.
func (d *Description) String() string { return d.Text(1) }

// UnknownPathError reports a path that leads nowhere in the document.
//
// How far the path could be followed is kept apart from the name that failed, so that a
// terminal can mark the one and offer the nearest names for the other.
type UnknownPathError struct {
	Path    string   // as far as it could be followed; "" when its first name is unknown
	Name    string   // the name that is not there
	Nearest []string // closest first, at most 3
	leaf    string   // what stands at Path, when it has no parts at all
}

func (e *UnknownPathError) Error() string {
	switch {
	case e.Path == "" && e.Name == "":
		return "got an empty path, want an operation, a component or a tag, such as createResponse.tools"
	case e.Path == "":
		return fmt.Sprintf("no operation, component or tag is called %.80q%s", e.Name, didYouMean(e.Nearest))
	case e.leaf != "":
		return fmt.Sprintf("%s has no %.80q: it is %s", shown(e.Path, 200), e.Name, e.leaf)
	}
	return fmt.Sprintf("%s has no %.80q%s", shown(e.Path, 200), e.Name, didYouMean(e.Nearest))
}

// splitPathNames cuts a path at its dots.
func splitPathNames(path string) []string {
	var names []string
	for rest, more := path, path != ""; more; {
		var name string
		name, rest, more = cutPath(rest)
		names = append(names, name)
	}
	return names
}

// joinPath joins names so that they can be split again: the Path of a Description,
// given to Describe, leads to the same place.
func joinPath(names []string) string {
	escaped := make([]string, len(names))
	for i, name := range names {
		escaped[i] = escapeName.Replace(name)
	}
	return strings.Join(escaped, ".")
}

// EscapeName writes a name as one step of a path for Describe: a dot in it gets a
// backslash.
func EscapeName(name string) string { return escapeName.Replace(name) }

var escapeName = strings.NewReplacer(`\`, `\\`, `.`, `\.`)

// describe makes the description of a place. Expand calls it again with another depth,
// so that no part is made before it is asked for: the whole of one operation of a large
// API has more parts than a screen, or a reader, can take.
func (p *place) describe(depth int) *Description {
	e := expander{doc: p.doc, left: maxShapes}
	d := &Description{
		Path: joinPath(p.path), Kind: p.kind, Name: p.path[len(p.path)-1],
		Required: p.required, In: p.in,
		expand: p.describe,
	}
	switch {
	case p.operation != nil:
		d.Summary, d.Deprecated = p.operation.Summary, p.operation.Deprecated
		d.Operation = e.operation(p.operation, depth)
	case p.reading != nil:
		d.Schema = e.shape(p.reading, depth)
		d.Deprecated = d.Schema.Deprecated
	// A tag has no schema. What it stands for is its list of operations, in document order.
	default:
		d.Summary = p.doc.tagDescription(d.Name)
		for op := range p.doc.Operations() {
			if slices.Contains(op.Tags, d.Name) {
				d.Operations = append(d.Operations, OperationSummary{ID: op.ID, Method: op.Method, Path: op.Path, Summary: op.Summary, Tags: op.Tags})
			}
		}
	}
	d.Truncated = e.spent
	return d
}
