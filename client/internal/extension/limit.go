package extension

import (
	"strconv"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/schema"
)

// largestMaxResponse bounds what a document can ask for, in bytes: it does not
// decide about the memory of the program that loads it.
const largestMaxResponse = 1 << 30

// MaxResponse returns the largest JSON response of the operation that is read
// where the caller sets no limit, in bytes: x-opcall-max-response, at most 1 GiB.
// It returns 0 where the document says nothing, or something else than a whole
// number above 0.
func MaxResponse(op *schema.Operation) int64 {
	text, _ := op.Extension("x-opcall-max-response")
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 {
		return 0
	}
	return min(n, largestMaxResponse)
}

// InputLimits is how much one request of an operation takes in a list of inputs:
// x-opcall-inputs. 0 sets no limit.
type InputLimits struct {
	Field      string // of the body
	Items      int
	Tokens     int // in all of them
	ItemTokens int // in each
}

// Inputs returns the limits of an operation's list of inputs, the zero value where the
// document says nothing.
func Inputs(op *schema.Operation) InputLimits {
	text, _ := op.Extension("x-opcall-inputs")
	limits := gjson.Parse(text)
	count := func(name string) int { return int(max(0, min(limits.Get(name).Int(), 1<<30))) }
	return InputLimits{
		Field: limits.Get("field").String(), Items: count("items"), Tokens: count("tokens"), ItemTokens: count("itemTokens"),
	}
}
