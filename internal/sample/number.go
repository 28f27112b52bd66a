package sample

import (
	"iter"
	"math/big"
	"strings"

	"github.com/opcall/opcall/internal/jsonvalue"
)

// bound is one end of a number's range.
type bound struct {
	limit     *big.Rat
	upper     bool
	exclusive bool
}

func (b bound) admits(n *big.Rat) bool {
	order := n.Cmp(b.limit)
	if b.upper {
		order = -order
	}
	return order > 0 || order == 0 && !b.exclusive
}

func (c *conjunction) addNumber(key, value string) {
	switch key {
	case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum":
		if n, ok := jsonvalue.Rational(value); ok {
			c.bounds = append(c.bounds, bound{n, strings.HasSuffix(key, "aximum"), strings.HasPrefix(key, "exclusive")})
		}
	case "multipleOf":
		if n, ok := jsonvalue.Rational(value); ok && n.Sign() > 0 {
			c.multiples = append(c.multiples, n)
		}
	}
}

func (c *conjunction) admitsNumber(text string) bool {
	n, ok := jsonvalue.Rational(text)
	if !ok {
		return false
	}
	for _, b := range c.bounds {
		if !b.admits(n) {
			return false
		}
	}
	for _, m := range c.multiples {
		if !new(big.Rat).Quo(n, m).IsInt() {
			return false
		}
	}
	return true
}

// Moment is the number of the format unixtime: 2025-01-01T00:00:00Z.
const Moment = 1735689600

// numbers yields numbers worth a try: 1, 0, the middle and the ends of the
// range, and on from one end in steps that an integer or a multiple can take.
func (c *conjunction) numbers(kind jsonvalue.Kinds) iter.Seq[string] {
	return func(yield func(string) bool) {
		try := func(n *big.Rat) bool { return kind != jsonvalue.Number && !n.IsInt() || yield(decimal(n)) }
		step := big.NewRat(1, 1)
		if len(c.multiples) > 0 {
			step = c.multiples[0]
		}
		low, high := c.ends()
		if low == nil && high == nil && c.format == "unixtime" {
			low = big.NewRat(Moment, 1)
		} else if !try(big.NewRat(1, 1)) || !try(new(big.Rat)) {
			return
		}
		if low != nil && high != nil {
			middle := new(big.Rat).Add(low, high)
			if !try(low) || !try(high) || !try(middle.Quo(middle, big.NewRat(2, 1))) {
				return
			}
		}
		n := step
		switch {
		case low != nil:
			n = aligned(low, step)
		case high != nil:
			step = new(big.Rat).Neg(step)
			n = aligned(high, step)
		}
		for range maxValues {
			if low != nil && high != nil && n.Cmp(high) > 0 || !try(n) {
				return
			}
			n = new(big.Rat).Add(n, step)
		}
	}
}

// ends returns the highest lower and the lowest upper bound, nil for none.
func (c *conjunction) ends() (low, high *big.Rat) {
	for _, b := range c.bounds {
		switch {
		case b.upper && (high == nil || b.limit.Cmp(high) < 0):
			high = b.limit
		case !b.upper && (low == nil || b.limit.Cmp(low) > 0):
			low = b.limit
		}
	}
	return low, high
}

// aligned returns the first multiple of step from n on, in the direction that
// step has.
func aligned(n, step *big.Rat) *big.Rat {
	q := new(big.Rat).Quo(n, step)
	whole := new(big.Int).Quo(q.Num(), q.Denom()) // toward zero
	if m := new(big.Rat).SetInt(whole); m.Cmp(q) < 0 {
		whole.Add(whole, big.NewInt(1))
	}
	return new(big.Rat).Mul(new(big.Rat).SetInt(whole), step)
}

// decimal writes a number as JSON does.
func decimal(n *big.Rat) string {
	if n.IsInt() {
		return n.Num().String()
	}
	digits, _ := n.FloatPrec()
	return n.FloatString(max(digits, 1))
}
