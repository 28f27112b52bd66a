package paging

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/opcall/opcall/client/internal/outline"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
	"github.com/opcall/opcall/schema"
)

// extended reads x-opcall-page, which overrides the shape but for where the list is,
// where it does not say that.
func extended(op *schema.Operation, text string) (*Style, error) {
	if text == "false" {
		return nil, &NoList{"the document says so (x-opcall-page: false)"}
	}
	style, err := readExtension(op, text)
	if err != nil {
		return nil, fmt.Errorf("x-opcall-page: %w", err)
	}
	return style, nil
}

// readExtension reads the members of the extension. An unknown one is an error: a misspelt
// "more" would read the first page of a list for all of it.
func readExtension(op *schema.Operation, text string) (*Style, error) {
	if jsonvalue.KindOfText(text) != jsonvalue.Object {
		return nil, fmt.Errorf("got %s, want an object or false", jsonscan.TypeName(text))
	}
	s := &Style{Schema: response(op), First: -1}
	located := false
	for key, value := range jsonscan.Members(text) {
		var err error
		switch key {
		case "items":
			located = true
			s.Items, err = str(value)
		case "next":
			if s.Next = jsonscan.Strings(value); s.Next == nil {
				s.Next = []string{jsonscan.String(value)}
			}
		case "last":
			s.Last, err = str(value)
		case "lastID":
			s.LastID, err = str(value)
		case "more":
			s.More, err = str(value)
		case "end":
			s.End, err = str(value)
		case "total":
			s.Total, err = str(value)
		case "pages":
			s.Pages, err = str(value)
		case "send":
			s.Send, err = str(value)
		case "count":
			s.Count, err = counting(value)
		case "first":
			n, ok := integer(value)
			if s.First = n; !ok || n < 0 {
				err = errors.New("want a whole number from 0")
			}
		default:
			err = errors.New("there is no such member")
		}
		if err != nil {
			return nil, fmt.Errorf("%.80s: %w", key, err)
		}
	}
	if err := s.complete(op); err != nil {
		return nil, err
	}
	// Who says how a list goes on says that it is one: a response without it is an error.
	s.Required = true
	if !located {
		s.locate(op)
	}
	return s, nil
}

// locate finds the list in the response.
func (s *Style) locate(op *schema.Operation) {
	o := outline.Of(s.Schema)
	if o.Kinds().Has(jsonvalue.Array) {
		return
	}
	if list, _, found := findList(op, places(o)); found {
		s.Items, s.Required = list.path, list.need
	}
}

// complete checks that what is said fits together and the operation, and fills in where to
// begin: pages count from 1 and items from 0, unless it says otherwise.
func (s *Style) complete(op *schema.Operation) error {
	switch {
	case s.Count != NoCount && (len(s.Next) > 0 || s.ByLastItem()):
		return errors.New("count is for lists whose response has nothing to go on by: leave out next, last and lastID")
	case s.Count != NoCount && s.Send == "":
		return errors.New("count needs send: the parameter that takes the number")
	case s.ByLastItem() && s.Send == "":
		return errors.New("last needs send: the parameter that takes it")
	case s.Send != "" && s.Count == NoCount && len(s.Next) == 0 && !s.ByLastItem():
		return errors.New("send needs next, last or count: what is sent")
	case s.First >= 0 && s.Count == NoCount:
		return errors.New("first needs count")
	}
	if s.First < 0 {
		s.First = 0
		if s.Count == CountPages {
			s.First = 1
		}
	}
	if s.Send == "" {
		return nil
	}
	// A name that is not a parameter is a member of the body, where it becomes a pointer.
	if _, ok := op.Parameter(s.Send); !ok && op.RequestBody == nil {
		return fmt.Errorf("send: the operation has no parameter %.80q, and takes no body", s.Send)
	} else if !ok && s.Send[0] != '/' {
		s.Send = string(schema.Pointer("").Append(s.Send))
	}
	return nil
}

// counting reads what a parameter counts.
func counting(text string) (Counting, error) {
	switch jsonscan.String(text) {
	case "items":
		return CountItems, nil
	case "pages":
		return CountPages, nil
	}
	return NoCount, errors.New(`want "items" or "pages"`)
}

// str reads a JSON string.
func str(text string) (string, error) {
	if jsonvalue.KindOfText(text) != jsonvalue.String {
		return "", fmt.Errorf("got %s, want a string", jsonscan.TypeName(text))
	}
	return jsonscan.String(text), nil
}

// integer reads a whole number, also one in a string.
func integer(text string) (int64, bool) {
	if text != "" && jsonvalue.KindOfText(text) == jsonvalue.String {
		text = jsonscan.String(text)
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil
}
