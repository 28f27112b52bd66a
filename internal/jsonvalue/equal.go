package jsonvalue

import (
	"encoding/json"
	"hash/maphash"
	"maps"
	"slices"

	"github.com/opcall/opcall/internal/jsonscan"
)

// Equal compares decoded values: 1.0 is 1, and the order of members does not
// matter (JSON Schema 2020-12 §4.2.2).
func Equal(a, b any) bool {
	switch a := a.(type) {
	case json.Number:
		n, ok := b.(json.Number)
		return ok && equalNumbers(string(a), string(n))
	case []any:
		list, ok := b.([]any)
		return ok && slices.EqualFunc(a, list, Equal)
	case map[string]any:
		object, ok := b.(map[string]any)
		return ok && maps.EqualFunc(a, object, Equal)
	}
	switch b.(type) {
	case []any, map[string]any:
		return false
	}
	return a == b
}

// EqualText is Equal for values as JSON text, which must not be empty. Objects
// must not have a name twice.
func EqualText(a, b string) bool {
	if a == b {
		return true
	}
	kind := KindOfText(a)
	if kind != KindOfText(b) {
		return false
	}
	switch kind {
	case Integer, Fraction:
		return equalNumbers(a, b)
	case String:
		return jsonscan.String(a) == jsonscan.String(b)
	case Array:
		return slices.EqualFunc(jsonscan.List(a), jsonscan.List(b), EqualText)
	case Object:
		return maps.EqualFunc(members(a), members(b), EqualText)
	}
	return kind == Null
}

func members(object string) map[string]string {
	return maps.Collect(jsonscan.Members(object))
}

func equalNumbers(a, b string) bool {
	if a == b {
		return true
	}
	x, okX := Rational(a)
	y, okY := Rational(b)
	return okX && okY && x.Cmp(y) == 0
}

// few is how many items are compared one by one; more are hashed first.
const few = 20

// Duplicate returns the first two items of an array that are equal, i before j.
func Duplicate(items []any) (i, j int, found bool) {
	if len(items) <= few {
		for j := range items {
			for i := range j {
				if Equal(items[i], items[j]) {
					return i, j, true
				}
			}
		}
		return 0, 0, false
	}
	seed := maphash.MakeSeed()
	alike := make(map[uint64][]int, len(items))
	for j, item := range items {
		h := hash(item, seed)
		for _, i := range alike[h] {
			if Equal(items[i], item) {
				return i, j, true
			}
		}
		alike[h] = append(alike[h], j)
	}
	return 0, 0, false
}

// hash is the same for values that are equal.
func hash(v any, seed maphash.Seed) uint64 {
	switch v := v.(type) {
	case string:
		return maphash.String(seed, v)
	case json.Number:
		n, ok := Rational(string(v))
		if !ok {
			return 0
		}
		return maphash.Bytes(seed, n.Num().Bytes()) ^ 31*maphash.Bytes(seed, n.Denom().Bytes()) // the sign does not count
	case []any:
		sum := uint64(len(v))
		for _, item := range v {
			sum = sum*31 + hash(item, seed)
		}
		return maphash.Comparable(seed, sum)
	case map[string]any:
		var sum uint64 // in any order
		for name, value := range v {
			sum += maphash.Comparable(seed, [2]uint64{maphash.String(seed, name), hash(value, seed)})
		}
		return maphash.Comparable(seed, sum)
	}
	return maphash.Comparable(seed, v)
}
