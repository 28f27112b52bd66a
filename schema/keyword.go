package schema

import (
	"fmt"
	"unicode/utf8"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
)

// oneOf reports a value that is none of those that are accepted.
func (f failed) oneOf(c *choices) Problem {
	p := f.problem()
	if text, ok := f.value.(string); ok {
		p.Got = show(f.value)
		p.Nearest = nearest(text, c.strings, 3)
	} else {
		p.Got = describe(f.value)
	}
	p.Want = c.all
	p.Message = fmt.Sprintf("got %s, want %s", p.Got, c.text(p.Nearest))
	if len(p.Nearest) > 0 && len(c.strings) > 1 {
		p.Message += didYouMean(quotedAll(p.Nearest[:1]))
	}
	return p
}

// describe explains the keywords that stand for themselves.
func (f failed) describe(message string) Problem {
	want := f.member(f.keyword)
	p := f.problem()
	p.Got = show(f.value)
	p.Want = bounded(want, maxShown)
	said := ""
	switch f.keyword {
	case "enum":
		return f.oneOf(enumChoices(want))
	case "type":
		p.Got = describe(f.value)
		p.Want = jsonvalue.ParseKinds(want).String()
		said = p.Want
	case "const":
		said = p.Want
	case "minimum":
		said = "at least " + want
	case "maximum":
		said = "at most " + want
	case "exclusiveMinimum":
		said = "more than " + want
	case "exclusiveMaximum":
		said = "less than " + want
	case "multipleOf":
		said = "a multiple of " + want
	case "minLength", "minItems", "minProperties":
		p.Got = size(f.value)
		said = "at least " + want
	case "maxLength", "maxItems", "maxProperties":
		p.Got = size(f.value)
		said = "at most " + want
	case "pattern":
		p.Want = bounded(jsonscan.String(want), maxShown)
		said = "a string that matches " + p.Want
	case "uniqueItems":
		var i, j int
		if n, _ := fmt.Sscanf(message, "items at index %d and %d", &i, &j); n == 2 {
			p.Got = fmt.Sprintf("the same item at %d and %d", i, j)
		}
		said = "items that all differ"
	case "minContains":
		if want == "" {
			want = "1"
		}
		said = "at least " + want + " of the items to be what contains says"
	case "maxContains":
		said = "at most " + want + " of the items to be what contains says"
	case "not":
		said = "a value that does not match the schema under not"
	case "dependentRequired":
		tokens := instancePointer(string(f.location)).Tokens()
		because := tokens[len(tokens)-2]
		names, _ := jsonscan.Member(want, because)
		if i, ok := arrayIndex(tokens[len(tokens)-1]); ok && i < len(jsonscan.Strings(names)) {
			p.Want = jsonscan.Strings(names)[i]
		}
		p.Message = fmt.Sprintf("missing property %s, which %s asks for", quoted(p.Want), quoted(because))
		return p
	case "propertyNames":
		p.Got, p.Want = message, ""
		p.Message = fmt.Sprintf("got field %s, whose name is not allowed here", quoted(message))
		return p
	case "":
		p.Want = ""
		p.Message = fmt.Sprintf("got %s, want nothing here", p.Got)
		return p
	case faultKeyword:
		p.Message = "cannot be checked, the document is at fault: " + bounded(message, 200)
		return p
	default:
		p.Message = fmt.Sprintf("got %s, which breaks %s", p.Got, f.keyword)
		return p
	}
	p.Message = fmt.Sprintf("got %s, want %s", p.Got, said)
	return p
}

// size tells how large a value is.
func size(v any) string {
	switch v := v.(type) {
	case string:
		return counted(utf8.RuneCountInString(v), "character")
	case []any:
		return counted(len(v), "item")
	case map[string]any:
		return counted(len(v), "field")
	}
	return show(v)
}

func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
