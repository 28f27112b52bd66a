package extension

import (
	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// States says how a program waits for what an operation returns: x-opcall-wait.
type States struct {
	Done, Failed []string // values of the member status after which nothing changes
	Error        string   // path of the reason of a failure
	After        string   // header with the milliseconds until the next look
}

// Wait returns what the document says of waiting for an operation's result. Where it
// says nothing a result is done that is "completed", and failed that is "failed",
// "cancelled" or "expired".
func Wait(op *schema.Operation) States {
	text, ok := op.Extension("x-opcall-wait")
	if !ok {
		return States{Done: []string{"completed"}, Failed: []string{"failed", "cancelled", "expired"}, Error: "error"}
	}
	wait := gjson.Parse(text)
	return States{
		Done: jsonscan.Strings(wait.Get("done").Raw), Failed: jsonscan.Strings(wait.Get("failed").Raw),
		Error: wait.Get("error").String(), After: wait.Get("after").String(),
	}
}
