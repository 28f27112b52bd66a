package schema

import "fmt"

// Tier says how strictly an instance is validated.
//
//	          unions               errata  unknown fields            failure
//	Strict    by the letter        no      as the schema says        error
//	Standard  first fitting branch yes     error, nearest name named error
//	Lenient   first fitting branch yes     noted                     finding
//	Off       nothing is checked
//
// Errata are the corrections that the overlay puts beside schemas as
// x-opcall-patch: JSON Merge Patches (RFC 7396) of single schema objects.
type Tier int

// The tiers. The zero value is Standard.
const (
	Standard Tier = iota
	Strict
	Lenient
	Off
)

func (t Tier) String() string {
	switch t {
	case Standard:
		return "standard"
	case Strict:
		return "strict"
	case Lenient:
		return "lenient"
	case Off:
		return "off"
	}
	return fmt.Sprintf("Tier(%d)", int(t))
}

// MarshalText writes the tier's name.
func (t Tier) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads "strict", "standard", "lenient" or "off".
func (t *Tier) UnmarshalText(text []byte) error {
	for _, tier := range []Tier{Standard, Strict, Lenient, Off} {
		if string(text) == tier.String() {
			*t = tier
			return nil
		}
	}
	return fmt.Errorf("got tier %.40q, want strict, standard, lenient or off", text)
}
