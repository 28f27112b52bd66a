package yamltext

import (
	"math/big"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
)

// maxDigits bounds the hexadecimal and octal numbers that are converted.
const maxDigits = 1000

// scalar writes a scalar: by its tag where it has one, a plain one by the core
// schema (YAML 1.2 §10.3.2), any other as a string.
func (w *writer) scalar(n *node) error {
	tag := shortTag(n.tag)
	if tag == "" || tag == "!" {
		if !n.plain || tag == "!" {
			w.dst = jsonscan.AppendString(w.dst, n.value)
			return nil
		}
		tag = resolve(n.value)
	}
	switch tag {
	case "null":
		if resolve(n.value) == "null" {
			w.dst = append(w.dst, "null"...)
			return nil
		}
	case "bool":
		if resolve(n.value) == "bool" {
			w.dst = append(w.dst, strings.ToLower(n.value)...)
			return nil
		}
	case "int", "float":
		switch resolve(n.value) {
		case "int", "float":
			text, ok := number(n.value)
			if !ok {
				return w.fail(n, "got number %.40q, which JSON cannot write", n.value)
			}
			w.dst = append(w.dst, text...)
			return nil
		}
	default:
		w.dst = jsonscan.AppendString(w.dst, n.value)
		return nil
	}
	return w.fail(n, "got %.40q with the tag %.40q, which it cannot have", n.value, n.tag)
}

// shortTag is a tag without what says that it is one of YAML's own.
func shortTag(tag string) string {
	tag = strings.TrimPrefix(tag, "tag:yaml.org,2002:")
	return strings.TrimPrefix(tag, "!!")
}

// resolve returns the tag of a plain scalar in the core schema: null, bool,
// int, float or str.
func resolve(s string) string {
	switch s {
	case "", "~", "null", "Null", "NULL":
		return "null"
	case "true", "True", "TRUE", "false", "False", "FALSE":
		return "bool"
	}
	if rest, ok := strings.CutPrefix(s, "0x"); ok && rest != "" && strings.Trim(rest, "0123456789abcdefABCDEF") == "" {
		return "int"
	}
	if rest, ok := strings.CutPrefix(s, "0o"); ok && rest != "" && strings.Trim(rest, "01234567") == "" {
		return "int"
	}
	unsigned := s
	if s[0] == '-' || s[0] == '+' {
		unsigned = s[1:]
	}
	switch unsigned {
	case ".inf", ".Inf", ".INF":
		return "float"
	case ".nan", ".NaN", ".NAN":
		if unsigned == s {
			return "float"
		}
		return "str"
	}
	return decimal(unsigned)
}

// decimal tells an integer and a floating-point number from a string.
func decimal(s string) string {
	whole := digits(s)
	rest := s[whole:]
	if rest == "" && whole > 0 {
		return "int"
	}
	fraction := 0
	if strings.HasPrefix(rest, ".") {
		fraction = digits(rest[1:])
		rest = rest[1+fraction:]
	}
	if whole+fraction == 0 {
		return "str"
	}
	if rest != "" && rest[0]|0x20 == 'e' {
		rest = rest[1:]
		if rest != "" && (rest[0] == '-' || rest[0] == '+') {
			rest = rest[1:]
		}
		exponent := digits(rest)
		if exponent == 0 {
			return "str"
		}
		rest = rest[exponent:]
	}
	if rest != "" {
		return "str"
	}
	return "float"
}

// digits returns how many decimal digits s begins with.
func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

// number writes a number of the core schema as JSON does: the same digits where
// it is decimal.
func number(s string) (string, bool) {
	if strings.HasPrefix(s, "0x") || strings.HasPrefix(s, "0o") {
		n, ok := new(big.Int), len(s) <= maxDigits
		if ok {
			_, ok = n.SetString(s, 0)
		}
		return n.String(), ok
	}
	sign := ""
	if s[0] == '-' || s[0] == '+' {
		sign = strings.TrimPrefix(s[:1], "+")
		s = s[1:]
	}
	whole, rest := s[:digits(s)], s[digits(s):]
	if whole = strings.TrimLeft(whole, "0"); whole == "" {
		whole = "0"
	}
	if strings.HasPrefix(rest, ".") && digits(rest[1:]) == 0 {
		if strings.HasPrefix(rest[1:], "i") || strings.HasPrefix(rest[1:], "I") || strings.HasPrefix(rest[1:], "n") || strings.HasPrefix(rest[1:], "N") {
			return "", false
		}
		rest = rest[1:] // "1." and "1.e5"
	}
	return sign + whole + rest, true
}
