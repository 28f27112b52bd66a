package clienttest

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Output is what a model says in a response: texts, refusals and tool calls in
// their order. The methods return a longer Output and leave theirs as it is.
//
//	clienttest.Say("Let me look.").CallTool("weather", `{"city": "Paris"}`)
//
// It is for every operation whose events the document says how to add up: chat
// completions, completions, responses, runs of assistants and transcriptions,
// speech for the length of its text. Completions and transcriptions have texts
// alone. Images are always one transparent pixel.
type Output struct {
	parts   []part
	stop    string
	failure *failureOutput
}

// part is one thing that is said.
type part struct {
	kind partKind
	text string // of a tool call its arguments, or its input
	name string // of the tool

	custom bool // the tool takes a text, and is not a function
}

type partKind int

const (
	textPart partKind = iota
	refusalPart
	toolPart
)

type failureOutput struct{ code, message string }

// defaultText is what is said where no test has scripted anything.
const defaultText = "This is a text from the test server, in place of a model's."

// Say is an Output with a text.
func Say(text string) Output { return Output{}.Say(text) }

// Refuse is an Output with a refusal.
func Refuse(text string) Output { return Output{}.Refuse(text) }

// CallTool is an Output with a call of a function. Arguments are usually JSON;
// they are sent as they are. The IDs of calls are "call_test_1", "call_test_2".
func CallTool(name, arguments string) Output { return Output{}.CallTool(name, arguments) }

// CallCustomTool is an Output with a call of a custom tool.
func CallCustomTool(name, input string) Output { return Output{}.CallCustomTool(name, input) }

// Say adds a text. In a chat, texts are joined; elsewhere each is a part of its
// own.
func (o Output) Say(text string) Output { return o.and(part{kind: textPart, text: text}) }

// Refuse adds a refusal.
func (o Output) Refuse(text string) Output { return o.and(part{kind: refusalPart, text: text}) }

// CallTool adds a call of a function.
func (o Output) CallTool(name, arguments string) Output {
	return o.and(part{kind: toolPart, name: name, text: arguments})
}

// CallCustomTool adds a call of a custom tool, whose input is a text. Chats and responses
// have them; the IDs are those of CallTool.
func (o Output) CallCustomTool(name, input string) Output {
	return o.and(part{kind: toolPart, name: name, text: input, custom: true})
}

// Stop says why the output ends early: "length" or "content_filter", whatever
// the API in question calls it.
func (o Output) Stop(reason string) Output {
	o.stop = reason
	return o
}

// Fail makes the response fail behind all that is said: a response or run has the
// status failed, other streams end in an error event.
func (o Output) Fail(code, message string) Output {
	o.failure = &failureOutput{code, message}
	return o
}

func (o Output) and(p part) Output {
	o.parts = append(slices.Clip(o.parts), p)
	return o
}

// scripted reports whether there is anything to say.
func (o Output) scripted() bool { return o.parts != nil || o.stop != "" || o.failure != nil }

// text joins what the parts of a kind say.
func (o Output) text(kind partKind) string {
	var text strings.Builder
	for _, p := range o.parts {
		if p.kind == kind {
			text.WriteString(p.text)
		}
	}
	return text.String()
}

func (o Output) tools() (calls []part) {
	for _, p := range o.parts {
		if p.kind == toolPart {
			calls = append(calls, p)
		}
	}
	return calls
}

// tokens counts what is said, in pieces.
func (o Output) tokens() (n int) {
	for _, p := range o.parts {
		eachPiece(p.text, func(string) { n++ })
	}
	return n
}

// messages groups what is said between tool calls: a message, or a single call.
func (o Output) messages() (groups [][]part) {
	open := false
	for _, p := range o.parts {
		if p.kind == toolPart || !open {
			groups = append(groups, nil)
		}
		last := len(groups) - 1
		groups[last] = append(groups[last], p)
		open = p.kind != toolPart
	}
	return groups
}

// maxPiece is the longest piece, in characters.
const maxPiece = 12

// pieces cuts a text as a model delivers it: word by word, with the space before
// each word, and long words in parts.
func pieces(text string) (list []string) {
	eachPiece(text, func(piece string) { list = append(list, piece) })
	return list
}

func eachPiece(text string, use func(string)) {
	begin, length, word := 0, 0, false
	for i, r := range text {
		space := unicode.IsSpace(r)
		if i > begin && (space && word || length == maxPiece) {
			use(text[begin:i])
			begin, length, word = i, 0, false
		}
		word = word || !space
		length++
	}
	if begin < len(text) {
		use(text[begin:])
	}
}

// valid is the text as JSON can hold it.
func valid(text string) string { return strings.ToValidUTF8(text, string(utf8.RuneError)) }
