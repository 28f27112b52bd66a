package schema

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
	"github.com/opcall/opcall/internal/near"
	"github.com/opcall/opcall/schema/internal/validator"
)

// ValueError reports a Value that is not of the kind that was asked for, or that does
// not exist. Got shows the value, cut; it is for people and not to be compared.
type ValueError struct {
	Pointer Pointer  // in what was decoded; "" for a value that does not exist
	Path    string   // given to Get, of a value that does not exist
	Nearest []string // names similar to one in Path that the document does not know, closest first
	Got     string   // "" for a value that does not exist
	Want    string
	Err     error // the cause, when there is one
}

// Error names the path that was asked for where there is no value, and else the place of the
// value, as there may be several with the same path.
func (e *ValueError) Error() string {
	if e.Got == "" {
		return fmt.Sprintf("there is no value at %s, want %s", quoted(e.Path), e.Want) + near.Question(quotedAll(e.Nearest))
	}
	text := fmt.Sprintf("%s: got %s, want %s", shownPlace(e.Pointer), e.Got, e.Want)
	if e.Err != nil {
		text += ": " + shown(e.Err.Error(), 200)
	}
	return text
}

// Unwrap returns the cause.
func (e *ValueError) Unwrap() error { return e.Err }

// valueError says why a value is not what was asked for. The hint and the pointer are
// made here, where an error is certain, and not on the way of Get.
func (v Value) valueError(want string) *ValueError {
	valueErr := &ValueError{Path: v.missing, Want: want}
	if !v.Exists() {
		valueErr.Nearest = v.misspelling().Nearest
	} else {
		valueErr.Pointer = v.Pointer()
		valueErr.Got = validator.DescribeText(v.text)
	}
	return valueErr
}

// String returns the characters of a string, "" for null and where there is no
// value, and the JSON text of anything else.
func (v Value) String() string {
	switch v.Kind() {
	case KindString:
		return jsonscan.String(v.text)
	case KindNull:
		return ""
	}
	return v.text
}

// Number returns a number exactly as it was written: all of its digits, also those that
// no float64 holds.
func (v Value) Number() (json.Number, error) {
	if v.Kind() != KindNumber {
		return "", v.valueError("a number")
	}
	return json.Number(v.text), nil
}

// Int64 returns a number that has no fraction: 3, but also 3.0 and 3e2, which are
// integers to JSON Schema (Validation 2020-12 §6.1.1).
func (v Value) Int64() (int64, error) {
	const want = "an integer of 64 bits"
	if v.Kind() != KindNumber {
		return 0, v.valueError(want)
	}
	// Nearly all integers; Rational reads the notations with a point or an exponent.
	if n, err := strconv.ParseInt(v.text, 10, 64); err == nil {
		return n, nil
	}
	if n, ok := jsonvalue.Rational(v.text); ok && n.IsInt() && n.Num().IsInt64() {
		return n.Num().Int64(), nil
	}
	return 0, v.valueError(want)
}

// Float64 returns the float64 that is nearest to a number. One out of range, such as
// 1e400, is an error and not an infinity.
func (v Value) Float64() (float64, error) {
	const want = "a number that a float64 can hold"
	if v.Kind() != KindNumber {
		return 0, v.valueError(want)
	}
	n, err := strconv.ParseFloat(v.text, 64)
	if err != nil {
		return 0, v.valueError(want)
	}
	return n, nil
}

// Bool returns a boolean.
// The strings "true" and "false" are errors, as are 0 and 1: nothing is converted.
func (v Value) Bool() (bool, error) {
	if v.Kind() != KindBoolean {
		return false, v.valueError("a boolean")
	}
	return v.text == "true", nil
}

// Time returns a moment in UTC: a number is seconds since 1970 (the format unixtime),
// with a fraction to the nanosecond; a string is a date-time or a date of RFC 3339 (the
// formats date-time and date). A date is its midnight in UTC. The format that the
// schema declares plays no part: descriptions often lack it.
func (v Value) Time() (time.Time, error) {
	const want = "a time: seconds since 1970, or a date-time such as 2026-01-02T15:04:05Z"
	var t time.Time
	switch v.Kind() {
	case KindNumber:
		n, ok := jsonvalue.Rational(v.text)
		if !ok {
			return t, v.valueError(want)
		}
		// With rationals: a float64 holds the seconds of today to some 200 nanoseconds
		// only.
		nano := new(big.Int).Mul(n.Num(), big.NewInt(int64(time.Second)))
		nano.Div(nano, n.Denom())
		seconds, fraction := new(big.Int).DivMod(nano, big.NewInt(int64(time.Second)), new(big.Int))
		if !seconds.IsInt64() || !inCalendar(seconds.Int64()) {
			return t, v.valueError(want)
		}
		t = time.Unix(seconds.Int64(), fraction.Int64())
	case KindString:
		text := jsonscan.String(v.text)
		var err error
		if t, err = time.Parse(time.RFC3339, text); err != nil {
			// A string that is not a date-time may be a date; the error is that of the
			// date-time, which is the commoner of the two formats.
			var date error
			if t, date = time.Parse(time.DateOnly, text); date != nil {
				valueErr := v.valueError(want)
				valueErr.Err = err
				return time.Time{}, valueErr
			}
		}
	default:
		return t, v.valueError(want)
	}
	return t.UTC(), nil
}

// inCalendar reports whether a number of seconds since 1970 is within the years 0 to
// 9999, which is what RFC 3339 can write. Milliseconds that are taken for seconds lie
// far outside, so that this slip is an error and not the year 58000.
func inCalendar(seconds int64) bool {
	return -62167219200 <= seconds && seconds <= 253402300799
}

// Decode stores the value in what target points to, as encoding/json does;
// numbers that end in an any are a json.Number. The error is a *ValueError.
//
// Fields that target has no place for are left out, as encoding/json does.
func (v Value) Decode(target any) error {
	if !v.Exists() {
		return v.valueError("a value to decode")
	}
	decoder := json.NewDecoder(strings.NewReader(v.text))
	// An any would otherwise get a float64, which has lost the digits of large
	// integers.
	decoder.UseNumber()
	if err := decoder.Decode(target); err != nil {
		valueErr := v.valueError(bounded(fmt.Sprintf("what fits a %T", target), maxShown))
		valueErr.Err = err
		return valueErr
	}
	return nil
}
