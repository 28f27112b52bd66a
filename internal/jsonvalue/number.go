package jsonvalue

import (
	"math/big"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
)

// MaxDigits bounds the length of a number's text. Its exponent is bounded by
// three digits: exact arithmetic on 1e2000000 takes a gigabyte.
// A number of more characters is not a quantity, and its decimal arithmetic takes time by the
// square of its length.
const MaxDigits = 1000

// Rational returns the exact value of a JSON number. It is not ok for other text
// and for numbers beyond MaxDigits.
func Rational(text string) (_ *big.Rat, ok bool) {
	if text == "" || len(text) > MaxDigits || text[0] != '-' && (text[0] < '0' || text[0] > '9') || !smallExponent(text) {
		return nil, false
	}
	// big.Rat reads more than JSON: 1/2, 0x10, 1_0, Inf.
	if jsonscan.Check(text, 0) != nil {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}

// smallExponent reports whether the exponent of a number's text, if it has one,
// is below 1,000 in either direction.
// Leading zeros do not count: 1e0001 is 1e1.
func smallExponent(text string) bool {
	e := strings.IndexAny(text, "eE")
	return e < 0 || len(strings.TrimLeft(strings.TrimLeft(text[e+1:], "+-"), "0")) <= 3
}

// isInteger reports whether a JSON number has no fraction: 1.0 and 1e3 have
// none. A number that Rational does not read is taken to have one if it has an
// exponent.
// It is asked for every number of a document, most of which have no exponent.
func isInteger(text string) bool {
	if strings.ContainsAny(text, "eE") {
		n, ok := Rational(text)
		return ok && n.IsInt()
	}
	// Without an exponent it is enough that there are no digits but zeros after the point.
	_, fraction, _ := strings.Cut(text, ".")
	return strings.Trim(fraction, "0") == ""
}
