package validator

import "github.com/opcall/opcall/internal/jsonscan"

// A problem consists of short texts, and an allocation for each of them would take as long
// as all the rest of it.

// texts is memory for the texts of problems. Those of several errors share a piece of it, so
// that an error that is kept holds up to sizeOfTexts bytes more than it shows.
type texts []byte

const sizeOfTexts = 1024

// say returns a line as a text, and keeps its memory for the next one.
func (x *explainer) say(l line) string {
	x.line = l[:0]
	return x.keep(l)
}

// keep returns a text that shares no memory with what it is made of.
func (x *explainer) keep(text []byte) string {
	if len(text) > cap(x.texts)-len(x.texts) {
		if len(text) > sizeOfTexts/4 {
			return string(text)
		}
		x.texts = make(texts, 0, sizeOfTexts)
	}
	start := len(x.texts)
	// What is written here is not written to again: the next text begins behind it.
	x.texts = append(x.texts, text...)
	return jsonscan.Alias(x.texts[start:])
}
