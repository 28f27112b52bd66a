package sample

import (
	"regexp/syntax"
	"strings"
	"unicode/utf8"
)

// fromPattern returns the i-th string that a pattern describes, of at least
// shortest characters where it can be stretched. What the pattern says of
// borders (\b, ^ and $ in its midst) is not looked at: the caller tests the
// string.
func fromPattern(pattern string, i, shortest int) (string, bool) {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return "", false
	}
	// The least string first: what it lacks is what repetitions have to add.
	least := writer{vary: i}
	least.write(re)
	lacking := shortest - utf8.RuneCountInString(least.String())
	if lacking <= 0 && least.Len() > 0 {
		return least.String(), !least.tooLong()
	}
	w := writer{vary: i, lacking: max(lacking, 1)}
	w.write(re)
	if w.tooLong() {
		return "", false
	}
	if missing := shortest - utf8.RuneCountInString(w.String()); missing > 0 {
		w.WriteString(plain(0, missing, missing)) // an open end takes anything
	}
	return w.String(), true
}

// writer writes a string along the tree of a regular expression.
type writer struct {
	strings.Builder
	vary    int
	lacking int // characters to add where something may be repeated
}

func (w *writer) tooLong() bool { return w.Len() > maxText }

func (w *writer) write(re *syntax.Regexp) {
	if w.tooLong() {
		return
	}
	switch re.Op {
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			w.WriteRune(r)
		}
	case syntax.OpCharClass:
		w.WriteRune(pick(re.Rune, w.vary))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		w.WriteRune(pick([]rune{'a', 'z'}, w.vary))
	case syntax.OpCapture, syntax.OpConcat:
		for _, sub := range re.Sub {
			w.write(sub)
		}
	case syntax.OpAlternate:
		w.write(re.Sub[w.vary%len(re.Sub)])
	case syntax.OpStar:
		w.repeat(re.Sub[0], 0, -1)
	case syntax.OpPlus:
		w.repeat(re.Sub[0], 1, -1)
	case syntax.OpQuest:
		w.repeat(re.Sub[0], 0, 1)
	case syntax.OpRepeat:
		w.repeat(re.Sub[0], re.Min, re.Max)
	}
}

// repeat writes sub as often as it must be, and on as long as characters are
// lacking and it may be.
func (w *writer) repeat(sub *syntax.Regexp, least, most int) {
	for n := 0; n < least || w.lacking > 0 && (most < 0 || n < most); n++ {
		before := w.Len()
		w.write(sub)
		if w.Len() == before || w.tooLong() {
			return
		}
		if n >= least {
			w.lacking -= utf8.RuneCountInString(w.String()[before:])
		}
	}
}

// favoured are the characters that are taken from a class, in this order.
const favoured = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_. "

// pick returns the i-th favoured character of a class, which is given as pairs
// of first and last, or its first one.
func pick(class []rune, i int) rune {
	var found []rune
	for _, r := range favoured {
		for j := 0; j+1 < len(class); j += 2 {
			if class[j] <= r && r <= class[j+1] {
				found = append(found, r)
				break
			}
		}
	}
	if len(found) > 0 {
		return found[i%len(found)]
	}
	if len(class) == 0 {
		return utf8.RuneError // the class of no character
	}
	return class[0]
}
