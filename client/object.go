package client

import (
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
)

// object writes fields as a JSON object.
func object(fields []field) string {
	size := 2
	for _, f := range fields {
		size += len(f.name) + len(f.json) + 4
	}
	buf := append(make([]byte, 0, size), '{')
	for i, f := range fields {
		if i > 0 {
			buf = append(buf, ',')
		}
		buf = append(append(appendString(buf, f.name), ':'), f.json...)
	}
	return borrow(append(buf, '}')) // nobody else has it
}

// withMember returns an object with a member, in place of what it had for it.
func withMember(text string, added field) string {
	if _, had := jsonscan.Member(text, added.name); had {
		var fields []field
		for key, value := range jsonscan.Members(text) {
			if key != added.name {
				fields = append(fields, field{name: key, json: value})
			}
		}
		return object(append(fields, added))
	}
	rest := strings.TrimRight(strings.TrimSuffix(text, "}"), " \t\r\n")
	buf := append(make([]byte, 0, len(rest)+len(added.name)+len(added.json)+5), rest...)
	if rest != "{" {
		buf = append(buf, ',')
	}
	buf = append(append(appendString(buf, added.name), ':'), added.json...)
	return borrow(append(buf, '}')) // nobody else has it
}
