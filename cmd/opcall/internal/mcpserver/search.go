package mcpserver

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/opcall/opcall/internal/order"
	"github.com/opcall/opcall/schema"
)

// Weights of the places where an operation has a word.
const (
	inID      = 3.0
	inPath    = 2.0
	inSummary = 1.5
	inTag     = 1.0
	unasked   = 0.25 // is taken off for each word of the ID that was not asked for
)

// rank returns the operations that have some of the words of a query, the best match first:
// those with more of the words, with rarer ones, and with them in the ID. Without words it
// is all of them, in the order of the document.
func rank(d *schema.Document, words []string) []*schema.Operation {
	type hit struct {
		op    *schema.Operation
		at    []float64 // by word, the weight of the place where it stands
		score float64
	}
	var hits []hit
	having := make([]float64, len(words)) // how many operations have the word
	total := 0.0
	for op := range d.Operations() {
		total++
		h := hit{op: op, at: make([]float64, len(words)), score: -unasked * float64(len(stems(op.ID)))}
		found := len(words) == 0
		places := []struct {
			stems  []string
			weight float64
		}{{stems(op.ID), inID}, {stems(op.Path), inPath}, {stems(op.Summary), inSummary}, {stems(strings.Join(op.Tags, " ")), inTag}}
		id := strings.ToLower(op.ID)
		for i, word := range words {
			for _, p := range places {
				if h.at[i] < p.weight && slices.ContainsFunc(p.stems, func(s string) bool { return akin(s, word) }) {
					h.at[i] = p.weight
				}
			}
			if h.at[i] == 0 && len(word) > 3 && strings.Contains(id, word) { // Getinputtokencounts
				h.at[i] = inPath
			}
			if h.at[i] > 0 {
				having[i]++
				found = true
			}
		}
		if found {
			hits = append(hits, h)
		}
	}
	if len(words) > 0 {
		for i := range hits {
			h := &hits[i]
			for w, weight := range h.at {
				if weight > 0 {
					h.score += weight * math.Log(1+total/having[w])
				}
			}
			if h.op.Deprecated {
				h.score--
			}
		}
		order.Sort(hits, func(x, y hit) int { return cmp.Compare(y.score, x.score) })
	}
	list := make([]*schema.Operation, len(hits))
	for i, h := range hits {
		list[i] = h.op
	}
	return list
}

// stems returns the words of a text or a name without their endings: "createBatchRuns" has
// creat, batch and run. Words that say nothing are left out.
func stems(text string) []string {
	var list []string
	start, last := -1, ' ' // where the word begins, -1 between words
	end := func(i int) {
		if start >= 0 {
			if word := strings.ToLower(text[start:i]); !slices.Contains(empty, word) {
				list = append(list, stem(word))
			}
		}
		start = -1
	}
	for i, r := range text {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			end(i)
			continue
		}
		if unicode.IsUpper(r) && unicode.IsLower(last) {
			end(i)
		}
		if start < 0 {
			start = i
		}
		last = r
	}
	end(len(text))
	return list
}

// empty are words of questions that say nothing of an operation.
var empty = strings.Fields(`a about all also am an and any api are as at be by can could did do does for from get give has have
	how i if in into is it its like many me my need of on one or our please returns should some that the their them then there
	these this to use using want was we what when which who will with would you your`)

// alike are the stems of words that descriptions use for each other. Each stands for the first
// of its line.
var alike = [][]string{
	{"creat", "mak", "start", "new", "add", "generat", "build", "begin", "submit", "writ"},
	{"delet", "remov", "drop", "eras"},
	{"retriev", "fetch", "read", "show", "detail", "view", "download"},
	{"list", "availabl", "enumerat"},
	{"updat", "modify", "modifi", "chang", "edit", "renam", "set"},
	{"cancel", "stop", "abort"},
	{"imag", "pictur", "photo"},
	{"speech", "speak", "voic"},
}

// stem takes the ending off a word in lower case.
func stem(word string) string {
	for _, ending := range []string{"ations", "ation", "ions", "ion", "ings", "ing", "ied", "ies", "ed", "es", "s", "e"} {
		if rest, ok := strings.CutSuffix(word, ending); ok && len(rest) >= 3 && (ending != "ed" || len(rest) > 3) && !strings.HasSuffix(word, "ss") {
			word = rest
			break
		}
	}
	for _, words := range alike {
		if slices.Contains(words, word) {
			return words[0]
		}
	}
	return word
}

// akin reports whether two stems are of the same word: transcrib and transcript are.
func akin(x, y string) bool {
	if x == y {
		return true
	}
	short := min(len(x), len(y))
	same := 0
	for same < short && x[same] == y[same] {
		same++
	}
	return same >= 4 && same == short && max(len(x), len(y))-short <= 3 || same >= 6 && same >= short-1
}
