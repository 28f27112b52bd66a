package schema

import (
	"encoding/json"
	"hash/maphash"
	"math/big"
)

// sameItems returns the first two items of an array that are equal, as
// uniqueItems forbids it. Few items are compared one by one, many by a hash
// before.
func sameItems(items []any) (i, j int, found bool) {
	const few = 20
	if len(items) <= few {
		for j := range items {
			for i := range j {
				if equal(items[i], items[j]) {
					return i, j, true
				}
			}
		}
		return 0, 0, false
	}
	seed := maphash.MakeSeed()
	alike := make(map[uint64][]int, len(items))
	for j, item := range items {
		h := hashOf(item, seed)
		for _, i := range alike[h] {
			if equal(items[i], item) {
				return i, j, true
			}
		}
		alike[h] = append(alike[h], j)
	}
	return 0, 0, false
}

// hashOf is the same for instances that are equal.
func hashOf(v any, seed maphash.Seed) uint64 {
	switch v := v.(type) {
	case string:
		return maphash.String(seed, v)
	case json.Number:
		n, _ := new(big.Rat).SetString(string(v))
		if n == nil {
			return 0
		}
		return maphash.Bytes(seed, n.Num().Bytes()) ^ 31*maphash.Bytes(seed, n.Denom().Bytes()) // whatever its sign
	case []any:
		sum := uint64(len(v))
		for _, item := range v {
			sum = sum*31 + hashOf(item, seed)
		}
		return maphash.Comparable(seed, sum)
	case map[string]any:
		var sum uint64 // in whatever order
		for name, value := range v {
			sum += maphash.Comparable(seed, [2]uint64{maphash.String(seed, name), hashOf(value, seed)})
		}
		return maphash.Comparable(seed, sum)
	}
	return maphash.Comparable(seed, v)
}

// valuesIn counts the values within one, itself and names included.
func valuesIn(v any) int {
	n := 1
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			n += valuesIn(item)
		}
	case map[string]any:
		for _, value := range v {
			n += 1 + valuesIn(value)
		}
	}
	return n
}
