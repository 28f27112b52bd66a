package client

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/tidwall/sjson"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// bodyEdit is one extra field of the request body.
type bodyEdit struct {
	path   string   // as it was given
	tokens []string // of the path, at least one
	json   string
}

// WithExtraBody sets a field of the request body after validation, for what a
// compatible host takes and the document does not know.
//
// The path is the name of a field of the body ("top_k"), or a JSON Pointer (RFC
// 6901) to a value anywhere in it: "/provider/order", "/messages/0/name". Objects
// that the pointer passes through are made where there are none, an object takes
// any name ("/logit_bias/50256"), and "-" stands for the item after the last of an
// array. A name with a dot or a slash is written as a pointer, so that a path in
// the syntax of Response.Get is an error and not a field of an odd name.
//
// In a form the first token is the name of the field. Bodies that are neither JSON
// nor a form stay as they are. Where the caller gives no body and the operation
// takes one, the extra fields are all of it, and it is not validated.
//
// A pointer that leads through a string or number of the call's body, or to an
// item that an array does not have, is a *BindError of Request.
func WithExtraBody(path string, value any) Setting {
	return setting(func(s *settings) error {
		tokens, err := pathTokens(path)
		if err != nil {
			return fmt.Errorf("extra body field: %w", err)
		}
		text, err := marshalText(value)
		if err != nil {
			return fmt.Errorf("extra body field %.80q: %w", path, err)
		}
		if err := jsonscan.Check(text, maxDepth); err != nil {
			return fmt.Errorf("extra body field %.80q is not JSON: %w", path, err)
		}
		s.extraBody = append(s.extraBody, bodyEdit{path, tokens, text})
		return nil
	})
}

// maxTokens bounds how deep a pointer reaches into a body.
const maxTokens = 64

// pathTokens reads the name of a field, or a JSON Pointer.
func pathTokens(path string) ([]string, error) {
	if path == "" {
		return nil, errors.New("got no path")
	}
	if path[0] != '/' {
		if strings.ContainsAny(path, "./") {
			return nil, fmt.Errorf("got path %.80q, want the name of a field or a JSON Pointer: %.80q for a field within a field, %.80q for one of that name",
				path, "/"+strings.ReplaceAll(path, ".", "/"), schema.Pointer("").Append(path))
		}
		return []string{path}, nil
	}
	for i := range len(path) {
		if path[i] == '~' && (i+1 == len(path) || path[i+1] != '0' && path[i+1] != '1') {
			return nil, fmt.Errorf("got path %.80q, want ~0 for ~ in a JSON Pointer (RFC 6901)", path)
		}
	}
	tokens := schema.Pointer(path).Tokens()
	if len(tokens) > maxTokens {
		return nil, fmt.Errorf("got a path of %d names, want %d at most", len(tokens), maxTokens)
	}
	return tokens, nil
}

// setAt returns JSON text with a value at the place that the tokens lead to.
func setAt(text string, tokens []string, value string) (string, error) {
	if len(tokens) == 0 {
		return value, nil
	}
	name, rest := tokens[0], tokens[1:]
	switch text = strings.TrimSpace(text); text[0] {
	case '{':
		old, _ := jsonscan.Member(text, name)
		set, err := setAt(containerOf(old), rest, value)
		if err != nil {
			return "", err
		}
		return jsonscan.SetMember(text, name, set), nil
	case '[':
		return setItem(text, name, rest, value)
	}
	return "", fmt.Errorf("got %s where %.80q is to be set, want an object", jsonscan.TypeName(text), name)
}

// setItem is setAt of an array.
func setItem(text, index string, rest []string, value string) (string, error) {
	var items []string
	for _, item := range jsonscan.Items(text) {
		items = append(items, item)
	}
	old := ""
	if index == "-" {
		index = "-1" // sjson's word for it
	} else if i, err := strconv.Atoi(index); err == nil && strconv.Itoa(i) == index && i >= 0 && i < len(items) {
		old = items[i]
	} else {
		return "", fmt.Errorf(`got item %.80q of an array of %d, want an index below that, or "-" to add one`, index, len(items))
	}
	set, err := setAt(containerOf(old), rest, value)
	if err != nil {
		return "", err
	}
	return sjson.SetRaw(text, index, set)
}

// containerOf is the value that a pointer passes through: an object where there is
// none.
func containerOf(text string) string {
	if text == "" || text == "null" {
		return "{}"
	}
	return text
}
