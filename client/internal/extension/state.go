package extension

import (
	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// State is how the test server keeps what an operation makes, where the shape of
// the paths does not show: the x-opcall-state of an operation. What it cannot read is
// as if it were not there.
type State struct {
	ID     string // what the IDs of new objects begin with
	Like   string // the operation in whose collection the object is kept
	Within Within

	If, Unless []Field // of the request: what keeps the object, or does not

	States []string // changes of the object before it is as it was made, one per look, as JSON objects
	When   string   // the member of the request without which there are none

	Creates []Creation
	Counts  []Link // numbers of the object, by path, that are those of the objects of an operation's collection
	Size    []Link // lengths of files of the request, in bytes

	Texts []string // what a text is as a member of the object; "$text" stands for it
	Text  string   // the member of the request that may be a text

	Action string // what the operation does to the object: "cancel"
	Sets   string // members that an action sets, as a JSON object

	Order  string // of a list without a parameter for it: "desc"
	Filter []Link // parameters of a list, and the member that they select by

	Joins Joins
	Runs  Runs

	Refers   []Link   // members of the request with IDs of objects that an operation has made
	From     []string // states of the object in which the operation is possible; nil for all
	Inherits Inherits
	Appends  Appends
	Embeds   []Embed
}

// Embed has a member of the object be an object that the request names.
type Embed struct {
	Member string
	By     string // the parameter or member of the request with the ID
	Of     string // the operation that has made the object
}

// Inherits fills members that a request leaves out from an object that it names.
type Inherits struct {
	By      string // the member of the request with the ID
	Of      string // the operation that has made the object
	Members []string
}

// Appends adds what goes in and what comes out to an object that the request names.
type Appends struct {
	By            string // the member of the request with the ID
	To            string // the operation that adds an item
	Input, Output string // members of the request and of the response: the items
}

// Within is the parent that is made with an object: by an operation, with a member of
// the request as its body.
type Within struct{ Operation, Body, Parameter string }

// Creation makes an object for each item of a member of the request, as an operation
// would. Where As is set the item is that member of a body.
type Creation struct{ Operation, From, As string }

// Joins makes one file of the parts that a request lists.
type Joins struct {
	Parts string // the operation that takes them
	By    string // the member of the request with their IDs
	As    string // the operation that makes the file
	Into  string // the member of the object that is the file
}

// Runs serves the requests that stand in a file, one per line.
type Runs struct {
	Input, Output, Errors string // members with IDs of files
	Path                  string // the member with the path of all requests
	Method                string // of all requests; "" for any
	Counts                string // the member with the numbers total, completed, failed
	As                    string // the operation that makes the files
}

// ReadState reads what an operation says.
func ReadState(op *schema.Operation) (s State) {
	text, ok := op.Extension("x-opcall-state")
	if !ok {
		return s
	}
	v := gjson.Parse(text)
	get := func(path string) string { return v.Get(path).String() }
	s = State{
		ID: get("id"), Like: get("like"), When: get("when"), Action: get("action"), Order: get("order"),
		Within: Within{Operation: get("within.operation"), Body: get("within.body"), Parameter: get("within.parameter")},
		If:     fields(v.Get("if").Raw), Unless: fields(v.Get("unless").Raw),
		States: jsonscan.List(v.Get("states").Raw),
		Counts: links(v.Get("counts").Raw), Size: links(v.Get("size").Raw), Filter: links(v.Get("filter").Raw),
		Texts: jsonscan.List(v.Get("texts.as").Raw), Text: get("texts.from"),
		Joins: Joins{Parts: get("joins.parts"), By: get("joins.by"), As: get("joins.as"), Into: get("joins.into")},
		Runs: Runs{
			Input: get("runs.input"), Output: get("runs.output"), Errors: get("runs.errors"),
			Path: get("runs.path"), Method: get("runs.method"), Counts: get("runs.counts"), As: get("runs.as"),
		},
		Refers: links(v.Get("refers").Raw), From: jsonscan.Strings(v.Get("from").Raw),
		Inherits: Inherits{By: get("inherits.by"), Of: get("inherits.of"), Members: jsonscan.Strings(v.Get("inherits.members").Raw)},
		Appends:  Appends{By: get("appends.by"), To: get("appends.to"), Input: get("appends.input"), Output: get("appends.output")},
	}
	if sets := v.Get("sets"); sets.IsObject() {
		s.Sets = sets.Raw
	}
	for member, text := range jsonscan.Members(v.Get("embeds").Raw) {
		e := gjson.Parse(text)
		s.Embeds = append(s.Embeds, Embed{Member: member, By: e.Get("by").String(), Of: e.Get("of").String()})
	}
	for _, item := range jsonscan.List(v.Get("creates").Raw) {
		c := gjson.Parse(item)
		s.Creates = append(s.Creates, Creation{Operation: c.Get("operation").String(), From: c.Get("from").String(), As: c.Get("as").String()})
	}
	return s
}

// fields reads members with the value that they must have.
func fields(object string) (list []Field) {
	for name, value := range jsonscan.Members(object) {
		list = append(list, Field{Name: name, JSON: value})
	}
	return list
}
