package clienttest

import (
	"strings"
	"unicode/utf8"

	"github.com/tidwall/gjson"
)

// logprob is the logarithm of the probability of each piece of a text: about 0.9. What
// stands beside it in the list of the most probable has less.
const logprob = -0.1

// maxLogprobs bounds the alternatives to each piece.
const maxLogprobs = 20

// chatLogprobs is the member logprobs of a choice that says these pieces, nil where the
// request asks for none.
func (t *turn) chatLogprobs(kind partKind, said ...string) any {
	if !t.req.Get("logprobs").Bool() || len(said) == 0 || kind == toolPart {
		return nil
	}
	list := t.logprobs(said, token)
	if kind == refusalPart {
		return jsonObject{{"content", nil}, {"refusal", list}}
	}
	return jsonObject{{"content", list}, {"refusal", nil}}
}

// completionLogprobs is the member logprobs of a choice of a completion that says these
// pieces from a place in its text on, nil where the request asks for none.
func (t *turn) completionLogprobs(from int, said ...string) any {
	asked := t.req.Get("logprobs")
	if asked.Type != gjson.Number || len(said) == 0 {
		return nil
	}
	offsets, top := make([]int, len(said)), make([]jsonObject, len(said))
	chances := make([]float64, len(said))
	for i, piece := range said {
		offsets[i], chances[i], top[i] = from, logprob, jsonObject{}
		from += utf8.RuneCountInString(piece)
		for j := range min(maxLogprobs, int(asked.Int())) {
			top[i] = append(top[i], member{piece + strings.Repeat(".", j), logprob - float64(j)})
		}
	}
	return jsonObject{{"text_offset", offsets}, {"token_logprobs", chances}, {"tokens", said}, {"top_logprobs", top}}
}

// logprobs lists pieces with their probabilities, and as many alternatives as the
// request asks for, each in a form.
func (t *turn) logprobs(said []string, token func(text string, logprob float64) jsonObject) []jsonObject {
	most := min(maxLogprobs, int(t.req.Get("top_logprobs").Int()))
	list := make([]jsonObject, len(said))
	for i, piece := range said {
		top := make([]jsonObject, max(0, most))
		for j := range top {
			text := piece
			for range j {
				text += "."
			}
			top[j] = token(text, logprob-float64(j))
		}
		list[i] = token(piece, logprob).with(member{"top_logprobs", top})
	}
	return list
}

// bareToken is a token as the events of responses have it.
func bareToken(text string, logprob float64) jsonObject {
	return jsonObject{{"token", text}, {"logprob", logprob}}
}

// token is a token with its bytes, which need not be whole characters.
func token(text string, logprob float64) jsonObject {
	bytes := make([]int, len(text))
	for i := range bytes {
		bytes[i] = int(text[i])
	}
	return jsonObject{{"token", text}, {"logprob", logprob}, {"bytes", bytes}}
}

// textPieces are the pieces of all texts.
func (o Output) textPieces() (all []string) {
	for _, p := range o.parts {
		if p.kind == textPart {
			all = append(all, pieces(valid(p.text))...)
		}
	}
	return all
}
