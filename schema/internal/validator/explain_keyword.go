package validator

import (
	"fmt"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
)

// Most keywords need no more than the value and the keyword: what was got, what is
// wanted. The text of the keyword is read from the document again, as the compiled form
// does not keep it.

// choose reports a value that is not among the accepted ones, with those that are near.
// One that is near is offered: most wrong values of an enum are misspelt, in another letter
// case, or those of another version of the API.
func (x *explainer) choose(f failed, c *choices) Problem {
	p := x.problem(&f)
	// A string is shown in quotes, so that it cannot be taken for a number. Of other
	// values the type is part of the mistake.
	if x.tree.Kind(f.value) == jsonvalue.String {
		p.Got = x.say(x.line.show(x.tree, f.value))
		p.Nearest = x.nearestOf(x.tree.String(f.value), c.prepared(), nil, len(c.strings))
	} else {
		p.Got = x.say(x.line.describe(x.tree, f.value))
	}
	p.Want = c.want
	said := c.appendTo(x.line.text("got ", p.Got, ", want "), p.Nearest)
	if hint := x.valueHint(&f); hint != "" {
		said = said.text("; ", hint)
	} else if len(p.Nearest) > 0 && len(c.strings) > 1 {
		said = said.question(p.Nearest[:1])
	}
	p.Message = x.say(said)
	return p
}

// describe explains the keywords whose problem is got and want (JSON Schema 2020-12
// Validation §6).
// "got" is the value as it was sent, with its type where the type is the mistake. "want" is
// the keyword in words, so that nobody has to know JSON Schema to read it.
func (x *explainer) describe(f failed) Problem {
	// The document's own text of the keyword is shown: 1e3 if it says so, and not 1000.
	want := f.member(f.keyword)
	if f.keyword == "enum" {
		return x.choose(f, x.graph.enumChoices(want))
	}
	p := x.problem(&f)
	if f.keyword == "type" {
		x.wrongKind(f, &p, jsonvalue.ParseKinds(want))
		return p
	}
	p.Got = x.say(x.line.show(x.tree, f.value))
	p.Want = printable(x.say(x.line.bounded(want, maxShown)))
	before, bound, behind := "", p.Want, ""
	switch f.keyword {
	case "const":
	case "minimum":
		before = "at least "
	case "maximum":
		before = "at most "
	case "exclusiveMinimum":
		before = "more than "
	case "exclusiveMaximum":
		before = "less than "
	case "multipleOf":
		before = "a multiple of "
	case "minLength", "minItems", "minProperties":
		// The length is what was got. The text itself may be a megabyte.
		p.Got = x.say(x.line.size(x.tree, f.value))
		before = "at least "
	case "maxLength", "maxItems", "maxProperties":
		p.Got = x.say(x.line.size(x.tree, f.value))
		before = "at most "
	case "pattern":
		p.Want = bounded(jsonscan.String(want), maxShown)
		before, bound = "a string that matches ", printable(p.Want)
	case "uniqueItems":
		// Which two items are equal is more than that some are. jsonschema does not
		// say which.
		if f.failure.detail == equalItems {
			p.Got = fmt.Sprintf("the same item at %d and %d", f.failure.a, f.failure.b)
		}
		bound = "items that all differ"
	case "minContains":
		// By default one item has to match (Validation §6.4.5).
		if want == "" {
			p.Want = ""
			want = "1"
		}
		before, bound, behind = "at least ", printable(bounded(want, maxShown)), " of the items to be what contains says"
	case "maxContains":
		before, behind = "at most ", " of the items to be what contains says"
	case "not":
		bound = "a value that does not match the schema under not"
	default:
		x.describeOther(f, &p)
		return p
	}
	p.Message = x.say(x.line.text("got ", p.Got, ", want ", before, bound, behind))
	return p
}

// describeOther explains the other keywords.
func (x *explainer) describeOther(f failed, p *Problem) {
	switch f.failure.detail {
	// Which property asks for the missing one is said, as the reader has to drop one or add
	// the other (Validation §6.5.4).
	case dependentOn:
		d := x.walk.ways[f.failure.way].node.fields.rare.dependentRequired[f.failure.a]
		p.Want = d.other[f.failure.b]
		p.Message = fmt.Sprintf("missing property %s, which %s asks for", Quoted(p.Want), Quoted(d.name))
		return
	// Of propertyNames the name itself is the value that was validated (Core §10.3.2.4).
	case badName:
		name := x.tree.String(jsonvalue.Ref(f.failure.a))
		p.Got, p.Want = bounded(name, maxShown), ""
		p.Message = fmt.Sprintf("got field %s, whose name is not allowed here", Quoted(name))
		return
	case unusableSchema:
		n := x.walk.ways[f.failure.way].node.also
		reason := n.unusable
		if reason == "" {
			reason = n.foreign.unusable
		}
		p.Message = unusable(reason)
		return
	}
	// The schema false accepts nothing (Core §4.3.2), and has no keyword to name.
	if f.keyword == "" {
		p.Want = ""
		p.Message = fmt.Sprintf("got %s, want nothing here", p.Got)
		return
	}
	p.Message = fmt.Sprintf("got %s, which breaks %s", p.Got, bounded(printable(f.keyword), maxShown))
}

// unusable is the message where nothing can be said of a value. Its sender cannot help it, the
// author of the document can.
func unusable(reason string) string {
	return "cannot be checked because of the document: " + bounded(printable(reason), 200)
}
