package extension

import (
	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// UploadRules is what an operation says of the files that it takes: x-opcall-upload.
type UploadRules struct {
	Bytes    int64 // of the largest file, or part of one; 0 where nothing is said
	Purposes map[string]PurposeRules
}

// PurposeRules is what files of a purpose have to be.
type PurposeRules struct {
	Bytes      int64    // of the largest; 0 where nothing is said
	Extensions []string // that names end in: empty for any, nil where names need none
	Lines      []LineFormat
}

// LineFormat is what the lines of a JSONL file may be.
type LineFormat struct {
	Format    string // its name
	Component string
	Open      bool // lines may have members that the component does not declare
}

// Uploads returns what the operation says of files, the zero value where the document
// says nothing.
func Uploads(op *schema.Operation) UploadRules {
	text, _ := op.Extension("x-opcall-upload")
	rules := UploadRules{Bytes: size(gjson.Parse(text).Get("bytes")), Purposes: make(map[string]PurposeRules)}
	for name, purpose := range gjson.Parse(text).Get("purposes").Map() {
		p := PurposeRules{Bytes: size(purpose.Get("bytes"))}
		if names := purpose.Get("extensions"); names.IsArray() {
			p.Extensions = append([]string{}, jsonscan.Strings(names.Raw)...)
		}
		for _, line := range purpose.Get("lines").Array() {
			p.Lines = append(p.Lines, LineFormat{
				Format: line.Get("format").String(), Component: line.Get("component").String(), Open: line.Get("open").Bool(),
			})
		}
		rules.Purposes[name] = p
	}
	return rules
}

// size is a number of bytes or things, 0 for anything else.
func size(v gjson.Result) int64 { return max(0, min(v.Int(), 1<<50)) }

// BatchLimits is how much one batch takes: x-opcall-batch. 0 sets no limit.
type BatchLimits struct {
	Requests int
	Bytes    int64
	Window   string                 // of the request that starts it, "" where nothing is said
	Alike    []string               // fields that its requests share
	Inputs   map[string]InputLimits // by path; only Field and Items
}

// Batches returns the limits of an operation that starts a batch, the zero value where
// the document says nothing.
func Batches(op *schema.Operation) BatchLimits {
	text, _ := op.Extension("x-opcall-batch")
	limits := gjson.Parse(text)
	b := BatchLimits{
		Requests: int(size(limits.Get("requests"))), Bytes: size(limits.Get("bytes")), Window: limits.Get("window").String(),
		Alike: jsonscan.Strings(limits.Get("alike").Raw), Inputs: make(map[string]InputLimits),
	}
	for path, inputs := range limits.Get("inputs").Map() {
		b.Inputs[path] = InputLimits{Field: inputs.Get("field").String(), Items: int(size(inputs.Get("items")))}
	}
	return b
}
