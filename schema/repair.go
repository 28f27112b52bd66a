package schema

// Repair is one tolerance that a document needed: something that is not what OpenAPI
// 3.1 (JSON Schema 2020-12) says, and how it is read instead. A repair never changes
// the text of the document; it changes what is made of it. What cannot be read in one
// obvious way is not repaired but an error, see Verify.
type Repair struct {
	Pointer Pointer // where in the document
	Keyword string  // what is repaired: "nullable"
	Reason  string  // what it said, and what it is read as
}

func (r Repair) String() string {
	return shown(string(r.Pointer), 300) + ": " + shown(r.Keyword, 100) + ": " + shown(r.Reason, 2000)
}
