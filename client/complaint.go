package client

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// Hosts report errors under a status that says success in forms of their own. What
// tells them from a response, or from an event, is that they have nothing of what the
// document declares.

// declaredFields are the members that a schema declares.
type declaredFields struct {
	names  map[string]struct{}
	open   bool // there may be others
	object bool // nothing but an object is meant
}

// fieldsOf returns the members that a schema of responses or events declares. It reads
// the schema once.
func (p *plan) fieldsOf(s *schema.Schema) *declaredFields {
	if known, ok := p.fields.Load(s); ok {
		return known.(*declaredFields)
	}
	names, open := s.Fields()
	f := &declaredFields{names: make(map[string]struct{}, len(names)), open: open || len(names) == 0, object: s.IsObject()}
	for _, name := range names {
		f.names[name] = struct{}{}
	}
	known, _ := p.fields.LoadOrStore(s, f)
	return known.(*declaredFields)
}

func (f *declaredFields) has(name string) bool {
	_, ok := f.names[name]
	return ok
}

// strange reports an object that has members, of which its schema declares none.
func (f *declaredFields) strange(text string) bool {
	if f.open {
		return false
	}
	some := false
	for name := range jsonscan.Members(text) {
		if f.has(name) {
			return false
		}
		some = true
	}
	return some
}

// maxComplaint is up to how many bytes of an object are looked at whether it is an
// error: those that hosts send are small.
const maxComplaint = 4 << 10

// complaint reports an object that says that something is wrong in members that the
// document does not declare, and of what it declares has nothing that an error could not
// have as well.
func (f *declaredFields) complaint(text string) bool {
	if f.open || len(text) > maxComplaint {
		return false
	}
	found := false
	for name, value := range jsonscan.Members(text) {
		switch {
		case !f.has(name):
			found = found || complains(name, value)
		case says(value) && !isCommon(name):
			return false
		}
	}
	return found
}

// complaintEvent is complaint for an event whose facts look like one.
func (f *declaredFields) complaintEvent(text string) bool {
	if f.open || len(text) > maxComplaint {
		return false
	}
	for name, value := range jsonscan.Members(text) {
		if f.has(name) && says(value) && !isCommon(name) {
			return false
		}
	}
	return true
}

// isCommon reports members that errors and objects of an API both have.
func isCommon(name string) bool {
	switch name {
	case "id", "type", "status", "code", "message", "success":
		return true
	}
	return false
}

// complains reports a member by which hosts say what is wrong, or that something is.
func complains(name, value string) bool {
	switch name {
	case "message", "Message", "msg", "detail", "errors", "error_description", "error_message", "errorMessage", "error_msg", "fault":
		return says(value)
	case "success", "ok":
		return value == "false"
	}
	return false
}

// failedPart looks for a part of a response or event that the document's mark of a
// failed one is in (see extension.Stream.Failed), and returns an error that says so.
func (p *plan) failedPart(text string) ([]byte, bool) {
	if p.stream == nil || len(text) == 0 {
		return nil, false
	}
	spec, err := p.stream()
	if err != nil || spec.Finished == "" || !slices.ContainsFunc(spec.Failed, func(reason string) bool { return strings.Contains(text, reason) }) {
		return nil, false
	}
	for _, reason := range gjson.Get(text, spec.Finished).Array() {
		if reason.Type == gjson.String && slices.Contains(spec.Failed, reason.Str) {
			name := spec.Finished[strings.LastIndexByte(spec.Finished, '.')+1:]
			message, _ := marshalText("the server ended it with " + name + " " + strconv.Quote(reason.Str))
			return []byte(`{"error":{"message":` + message + `}}`), true
		}
	}
	return nil, false
}
