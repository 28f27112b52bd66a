package main

import (
	"regexp"
	"strconv"

	"github.com/opcall/opcall/internal/dialect"
	"github.com/opcall/opcall/internal/jsonscan"
)

// undeclared returns the names that a schema of the document requires and no
// schema declares as a property, errata applied: "POINTER: NAME", in document
// order. Each is a field that nobody can know how to fill, or a property that the
// description forgot.
func undeclared(document string) []string {
	d := declarations{objects: make(map[string]string)}
	var places []string
	dialect.Rewrite(document, func(at, text string) string {
		text = dialect.Read(text, at)
		d.objects[at] = text
		places = append(places, at)
		return text
	})
	var list []string
	for _, at := range places {
		required, _ := jsonscan.Member(d.objects[at], "required")
		for _, name := range jsonscan.Strings(required) {
			if !d.has(at, name, make(map[string]bool)) {
				list = append(list, at+": "+name)
			}
		}
	}
	return list
}

// declarations are the schema objects of a document by their pointers.
type declarations struct{ objects map[string]string }

var applicators = []string{"allOf", "anyOf", "oneOf"}

// branch is the pointer of a schema object that applies to the same instance as
// the one around it.
var branch = regexp.MustCompile(`^(.*)/(?:(?:allOf|anyOf|oneOf)/[0-9]+|not|if|then|else)$`)

// has reports whether a schema object, one that it refers to or combines, or the
// one that it is a branch of declares a property. Objects seen before are left
// out: descriptions are recursive.
func (d declarations) has(at, name string, seen map[string]bool) bool {
	if seen[at] {
		return false
	}
	seen[at] = true
	text := d.objects[at]
	properties, _ := jsonscan.Member(text, "properties")
	if _, ok := jsonscan.Member(properties, name); ok {
		return true
	}
	if ref, ok := jsonscan.Member(text, "$ref"); ok {
		if target := jsonscan.String(ref); len(target) > 0 && target[0] == '#' && d.has(target[1:], name, seen) {
			return true
		}
	}
	for _, keyword := range applicators {
		list, _ := jsonscan.Member(text, keyword)
		for i := range jsonscan.Items(list) {
			if d.has(at+"/"+keyword+"/"+strconv.Itoa(i), name, seen) {
				return true
			}
		}
	}
	outer := branch.FindStringSubmatch(at)
	return outer != nil && d.has(outer[1], name, seen)
}
