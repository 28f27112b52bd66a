package clienttest

import (
	"fmt"
	"math"
	"slices"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/near"
)

// reader reads the members of a file of cases. A member of another kind than the wanted one is
// an error, since a case that was read in part would be one that nobody wrote.
type reader struct{ place string }

func (r reader) errorf(format string, args ...any) error {
	return fmt.Errorf("%s: %s", r.place, fmt.Sprintf(format, args...))
}

func (r reader) in(name string) reader { return reader{r.place + "." + name} }

// known refuses members that nothing reads.
func (r reader) known(v gjson.Result, names ...string) error {
	if !v.IsObject() {
		return r.errorf("got %s, want an object", jsonscan.TypeName(v.Raw))
	}
	for name := range v.Map() {
		if !slices.Contains(names, name) {
			return r.errorf("unknown member %.60q%s", name, near.Question(near.Names(name, names, 2)))
		}
	}
	return nil
}

// wrong is the error for a member of another kind.
func (r reader) wrong(v gjson.Result, name, want string) error {
	if raw := v.Get(name); raw.IsObject() || raw.IsArray() {
		return r.errorf("%s: got %s, want %s", name, jsonscan.TypeName(raw.Raw), want)
	}
	return r.errorf("%s: got %.40s, want %s", name, v.Get(name).Raw, want)
}

// object returns the members of a member that is an object, none where it is absent.
func (r reader) object(v gjson.Result, name string) (map[string]gjson.Result, error) {
	if member := v.Get(name); member.Exists() && !member.IsObject() {
		return nil, r.wrong(v, name, "an object")
	}
	return v.Get(name).Map(), nil
}

// text returns a member that is a text, a number or a truth value, "" where it is absent.
func (r reader) text(v gjson.Result, name string) (string, error) {
	member := v.Get(name)
	if member.Exists() && !isScalar(member) {
		return "", r.wrong(v, name, "a text")
	}
	return member.String(), nil
}

func isScalar(v gjson.Result) bool { return v.Type != gjson.Null && v.Type != gjson.JSON }

// flag returns a member that is true or false, false where it is absent.
func (r reader) flag(v gjson.Result, name string) (bool, error) {
	member := v.Get(name)
	if member.Exists() && !member.IsBool() {
		return false, r.wrong(v, name, "true or false")
	}
	return member.Bool(), nil
}

// number returns a member that is a whole number from least to most. It reports false where it
// is absent.
func (r reader) number(v gjson.Result, name string, least, most int64, want string) (n int64, given bool, err error) {
	member := v.Get(name)
	if !member.Exists() {
		return 0, false, nil
	}
	if n = member.Int(); member.Type != gjson.Number || member.Num != math.Trunc(member.Num) || n < least || n > most {
		return 0, false, r.wrong(v, name, want)
	}
	return n, true, nil
}

// isControl reports whether a character cannot be in the value of a header (RFC 9110 §5.5).
func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }
