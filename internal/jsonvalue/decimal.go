package jsonvalue

import (
	"cmp"
	"math/big"
	"strconv"
	"strings"
)

// Decimal is the exact value of a number's text. It holds the digits as they are
// written, so that to compare numbers takes no memory, however many digits or
// how large an exponent they have.
// Zeros at the ends are cut off, so that equal values have the same digits and the same
// point: 100, 1e2 and 1.0e2 are all "1" with point 3. Zero is the zero Decimal.
type Decimal struct {
	negative bool
	whole    string // digits, without zeros at the outer ends of both parts together
	fraction string
	point    int // the value is 0.wholefraction × 10^point
}

// maxExponent bounds exponents: beyond it all are alike. Instances have three
// digits at most.
// An int may have 32 bits, and the point is a sum of three numbers like this one.
const maxExponent = 1 << 30

// ParseDecimal reads a JSON number. It is not ok for other text.
func ParseDecimal(text string) (d Decimal, ok bool) {
	// A sign, digits, a fraction, an exponent (RFC 8259 §6).
	rest, negative := strings.CutPrefix(text, "-")
	mantissa, exponent := rest, 0
	if e := strings.IndexAny(rest, "eE"); e >= 0 {
		mantissa = rest[:e]
		// Atoi takes a leading plus, and returns the nearest int for what is out of range.
		n, err := strconv.Atoi(rest[e+1:])
		if n == 0 && err != nil {
			return Decimal{}, false
		}
		exponent = max(-maxExponent, min(n, maxExponent)) // out of range, n is the largest or smallest int
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	// It is stricter than the grammar in nothing, and laxer in leading zeros, which Parse
	// does not let through.
	if whole == "" || !isDigits(whole) || !isDigits(fraction) {
		return Decimal{}, false
	}
	d = Decimal{negative: negative, whole: strings.TrimLeft(whole, "0"), fraction: strings.TrimRight(fraction, "0")}
	// The point counts from the first digit that is not zero.
	d.point = len(d.whole) + exponent
	if d.whole == "" {
		// Without a whole part, zeros after the point move it to the left: 0.001 is "1" with
		// point -2.
		significant := strings.TrimLeft(d.fraction, "0")
		d.point -= len(d.fraction) - len(significant)
		d.fraction = significant
	}
	if d.fraction == "" {
		d.whole = strings.TrimRight(d.whole, "0")
	}
	if d.isZero() {
		// -0 is 0 (JSON Schema compares by value).
		return Decimal{}, true
	}
	return d, true
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

func (d Decimal) isZero() bool { return d.whole == "" && d.fraction == "" }

func (d Decimal) digits() int { return len(d.whole) + len(d.fraction) }

// IsInteger reports whether the value has no fraction.
// It is so if no digit stands behind the point.
func (d Decimal) IsInteger() bool { return d.digits() <= d.point || d.isZero() }

// Compare returns -1, 0 or 1 as d is less than, equal to or more than other.
func (d Decimal) Compare(other Decimal) int {
	// Signs decide first, then the position of the first digit, then the digits.
	if d.sign() != other.sign() {
		return cmp.Compare(d.sign(), other.sign())
	}
	if d.negative {
		return other.compareMagnitude(d)
	}
	return d.compareMagnitude(other)
}

func (d Decimal) sign() int {
	switch {
	case d.isZero():
		return 0
	case d.negative:
		return -1
	}
	return 1
}

// The point is where the first digit is that is not zero, so a larger one is a larger number
// whatever the digits are.
func (d Decimal) compareMagnitude(other Decimal) int {
	// More digits before the point are a larger number: none of them is a leading zero.
	if d.point != other.point {
		return cmp.Compare(d.point, other.point)
	}
	// The shorter one goes on with zeros.
	for i := range max(d.digits(), other.digits()) {
		if a, b := d.digit(i), other.digit(i); a != b {
			return cmp.Compare(a, b)
		}
	}
	return 0
}

func (d Decimal) digit(i int) byte {
	switch {
	case i < len(d.whole):
		return d.whole[i]
	case i < d.digits():
		return d.fraction[i-len(d.whole)]
	}
	return '0'
}

// IsMultipleOf reports whether d divided by unit, which is more than 0, is an
// integer (JSON Schema 2020-12 §6.2.1).
// Both numbers are integers times a power of ten. With one power for both, the question is
// whether one integer divides another: 0.3 and 0.1 are 3 and 1.
func (d Decimal) IsMultipleOf(unit Decimal) bool {
	switch {
	case d.isZero():
		return true
	case d.point < unit.point-1: // smaller than unit by magnitude
		return false
	}
	// d is a × 10^m and unit is b × 10^n with integers a and b.
	shift := (d.point - d.digits()) - (unit.point - unit.digits())
	// Numbers of up to 17 digits fit into 64 bits, with room for a factor of ten: nearly
	// all of them.
	a, small := d.small()
	b, smallUnit := unit.small()
	if small && smallUnit {
		// The smaller power is made the power of both, while the integers still fit.
		for ; shift > 0 && a < 1e17; shift-- {
			a *= 10
		}
		for ; shift < 0 && b < 1e17; shift++ {
			b *= 10
		}
		if shift == 0 {
			return a%b == 0
		}
	}
	// The others take big integers of a few thousand digits at most, since texts and
	// exponents are bounded.
	x, y := d.integer(), unit.integer()
	ten := big.NewInt(10)
	shift = (d.point - d.digits()) - (unit.point - unit.digits())
	if shift < 0 {
		// unit is not larger than d, so this has no more digits than d has.
		y.Mul(y, new(big.Int).Exp(ten, big.NewInt(int64(-shift)), nil))
	} else {
		// Modulo the unit, as 10^shift itself may have a thousand digits more.
		x.Mul(x, new(big.Int).Exp(ten, big.NewInt(int64(shift)), y))
	}
	return x.Mod(x, y).Sign() == 0
}

// small returns the digits as a number, if they are few.
// Of 17 digits any number is below 1e17, and ten times that fits into 64 bits.
func (d Decimal) small() (n uint64, ok bool) {
	if d.digits() > 17 {
		return 0, false
	}
	for i := range d.digits() {
		n = n*10 + uint64(d.digit(i)-'0')
	}
	return n, true
}

func (d Decimal) integer() *big.Int {
	n, _ := new(big.Int).SetString(d.whole+d.fraction, 10)
	return n
}
