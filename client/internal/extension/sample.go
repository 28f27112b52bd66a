package extension

import (
	"strconv"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// Sample is how the test server's own response follows the request: the
// x-opcall-sample of an operation. What it cannot read is as if it were not there.
type Sample struct {
	// Accumulate is Stream.Accumulate for an operation that does not stream.
	Accumulate string

	Echo  []Link // members of the response that have what a member of the request has
	Count []Link // lists of the response with as many items as a member of the request asks for

	Vectors *Vectors // nil without
}

// Link ties a member of the response to a parameter or body member of the request.
type Link struct{ Member, From string }

// Vectors says which vectors the items of a list have.
type Vectors struct {
	List     string // the member of the response
	Member   string // of each item
	Of       string // the member of the request that the vectors are of: a text, or a list with one per item
	Length   string // the member of the request that gives the length
	By       string // else the member by whose value Lengths does; "*" is for all other values
	Encoding string // the member of the request that may say base64: float32 in little-endian order
	Lengths  map[string]int
}

// ReadSample reads what an operation says.
func ReadSample(op *schema.Operation) (s Sample) {
	text, _ := op.Extension("x-opcall-sample")
	for key, value := range jsonscan.Members(text) {
		switch key {
		case "accumulate":
			s.Accumulate = jsonscan.String(value)
		case "echo":
			s.Echo = links(value)
		case "count":
			s.Count = links(value)
		case "vectors":
			s.Vectors = readVectors(value)
		}
	}
	return s
}

func links(object string) (list []Link) {
	for name, value := range jsonscan.Members(object) {
		list = append(list, Link{Member: name, From: jsonscan.String(value)})
	}
	return list
}

func readVectors(object string) *Vectors {
	v := &Vectors{Lengths: make(map[string]int)}
	for key, value := range jsonscan.Members(object) {
		switch key {
		case "list":
			v.List = jsonscan.String(value)
		case "member":
			v.Member = jsonscan.String(value)
		case "of":
			v.Of = jsonscan.String(value)
		case "length":
			v.Length = jsonscan.String(value)
		case "by":
			v.By = jsonscan.String(value)
		case "encoding":
			v.Encoding = jsonscan.String(value)
		case "lengths":
			for name, n := range jsonscan.Members(value) {
				if length, err := strconv.Atoi(n); err == nil && length > 0 {
					v.Lengths[name] = length
				}
			}
		}
	}
	return v
}
