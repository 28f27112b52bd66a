package style_test

import (
	"encoding/json"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/internal/jsonvalue"
	"github.com/opcall/opcall/internal/style"
)

var (
	locations = []string{"query", "path", "header", "cookie"}
	styles    = []string{"", "simple", "label", "matrix", "form", "spaceDelimited", "pipeDelimited", "deepObject"}
)

// The bits that a fuzzer chooses the fields of a Param with.
const (
	bitsLocation = 0x003
	bitsStyle    = 0x01c
	bitExplode   = 0x020
	bitNoExplode = 0x040
	bitReserved  = 0x080
	bitJSON      = 0x100
	bitBrackets  = 0x200
	bitPlus      = 0x400
	bitSlash     = 0x800
)

func paramOf(name string, bits uint16) style.Param {
	p := style.Param{
		Name:          name,
		In:            locations[bits&bitsLocation],
		Style:         styles[bits&bitsStyle>>2],
		AllowReserved: bits&bitReserved != 0,
		JSON:          bits&bitJSON != 0,
		Brackets:      bits&bitBrackets != 0,
	}
	switch {
	case p.In != "path": // of all others it is an error
	case bits&bitPlus != 0:
		p.Operator = "+"
	case bits&bitSlash != 0:
		p.Operator = "/"
	}
	switch {
	case bits&bitExplode != 0:
		p.Explode = new(true)
	case bits&bitNoExplode != 0:
		p.Explode = new(false)
	}
	return p
}

func bitsOf(p style.Param) (bits uint16) {
	for i, in := range locations {
		if in == p.In {
			bits |= uint16(i)
		}
	}
	for i, name := range styles {
		if name == p.Style {
			bits |= uint16(i) << 2
		}
	}
	for bit, set := range map[uint16]bool{
		bitExplode:   p.Explode != nil && *p.Explode,
		bitNoExplode: p.Explode != nil && !*p.Explode,
		bitReserved:  p.AllowReserved,
		bitJSON:      p.JSON,
		bitBrackets:  p.Brackets,
		bitPlus:      p.Operator == "+",
		bitSlash:     p.Operator == "/",
	} {
		if set {
			bits |= bit
		}
	}
	return bits
}

// readSeeds gives the cases of a file to add.
func readSeeds(f *testing.F, file string, add func(wireCase)) {
	f.Helper()
	var cases []wireCase
	if err := readJSON(file, &cases); err != nil {
		f.Fatal(err)
	}
	for _, c := range cases {
		add(c)
	}
}

// FuzzRoundTrip checks that a value is either refused or comes back as it was, and that what is written keeps to the
// characters of its location.
func FuzzRoundTrip(f *testing.F) {
	readSeeds(f, "testdata/cases.json", func(c wireCase) {
		f.Add(c.Param.Name, bitsOf(c.Param), string(c.Value))
	})
	f.Fuzz(func(t *testing.T, name string, bits uint16, text string) {
		checkRoundTrip(t, paramOf(name, bits), text)
	})
}

// checkRoundTrip reports whether the value was written.
func checkRoundTrip(t *testing.T, p style.Param, text string) bool {
	t.Helper()
	v := gjson.Parse(text)
	wire, written, err := encode(p, v)
	if err != nil {
		if n := len(err.Error()); n > 1024 {
			t.Fatalf("got a message of %d bytes: %s", n, err)
		}
		return false
	}
	checkCharacters(t, p, wire)
	if !json.Valid([]byte(text)) || (p.AllowReserved || p.Operator == "+") && strings.Contains(text, "%") {
		return written
	}
	shape := shapeOf(v)
	got, found, err := decode(p, wire, written, shape)
	if err != nil || found != written {
		t.Fatalf("%+v: decode %q, written for %s: got found %t, error %v", p, wire, text, found, err)
	}
	if !written {
		return false
	}
	want := []byte(text)
	if !p.JSON {
		want = appendExpected(nil, v, shape)
	}
	if !cmp.Equal(tokens(t, got), tokens(t, want)) {
		t.Fatalf("%+v: decode %q, written for %s: got %s, want %s", p, wire, text, got, want)
	}
	return true
}

// TestRoundTripKeepsTheValue runs the property of FuzzRoundTrip over values that a fuzzer seldom reaches: well-formed ones, nested,
// full of delimiters.
func TestRoundTripKeepsTheValue(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	written := make(map[string]int)
	rounds := 200_000
	if testing.Short() {
		rounds = 40_000
	}
	for range rounds {
		p := paramOf(pick(r, names), uint16(r.Uint32()))
		if _, err := p.Resolve(); err != nil {
			continue
		}
		if checkRoundTrip(t, p, string(appendRandom(nil, r, 3))) {
			kind := p.In + " " + p.Style
			switch {
			case p.JSON:
				kind = p.In + " json"
			case p.Brackets:
				kind = p.In + " brackets"
			case p.Operator != "":
				kind = p.In + " " + p.Operator
			}
			written[kind]++
		}
	}
	for _, kind := range []string{
		"path simple", "path label", "path matrix", "path json", "path +", "path /", "query form", "query spaceDelimited", "query pipeDelimited",
		"query deepObject", "query brackets", "query json", "header simple", "header json", "cookie form", "cookie json",
	} {
		if written[kind] < rounds/2000 {
			t.Errorf("got %d values through %s, want %d for the test to mean something", written[kind], kind, rounds/2000)
		}
	}
}

var (
	names = []string{"a", "b", "a[]", "a b", "ä", "a=b", "a&b", "a.b", "a[b]", "=", "+"}
	texts = []string{
		"", "a", ".", "..", "a.b", "a,b", "a;b", "a=b", "a|b", "a b", " ", "a+b",
		"a/b", "%41", "%", "[]", "a]b[", "&#?", "é", "5", "true", "null", "\n\x01\x7f", "\\", "\"",
	}
	bare = []string{"null", "true", "false", "0", "-1.50", "1e+5", "12345678901234567890"}
)

func pick(r *rand.Rand, list []string) string { return list[r.IntN(len(list))] }

// appendRandom writes a JSON value with at most the given levels of arrays and objects.
func appendRandom(dst []byte, r *rand.Rand, levels int) []byte {
	kind := r.IntN(6)
	if levels == 0 {
		kind %= 3
	}
	switch kind {
	case 0:
		return append(dst, pick(r, bare)...)
	case 1, 2:
		return appendQuoted(dst, pick(r, texts))
	case 3:
		dst = append(dst, '[')
		for i := range r.IntN(4) {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendRandom(dst, r, levels-1-r.IntN(levels))
		}
		return append(dst, ']')
	}
	dst = append(dst, '{')
	for i, at := range r.Perm(len(names))[:r.IntN(4)] {
		if i > 0 {
			dst = append(dst, ',')
		}
		name := names[at]
		if i == 0 && r.IntN(2) == 0 {
			name = "id" // so that objects in an array begin alike
		}
		dst = append(appendQuoted(dst, name), ':')
		dst = appendRandom(dst, r, levels-1-r.IntN(levels))
	}
	return append(dst, '}')
}

func appendQuoted(dst []byte, text string) []byte {
	quoted, _ := json.Marshal(text) // no string fails
	return append(dst, quoted...)
}

func checkCharacters(t *testing.T, p style.Param, wire string) {
	t.Helper()
	for i := range len(wire) {
		if c := wire[i]; c < ' ' || c > '~' || p.In != "header" && c == ' ' {
			t.Fatalf("%+v: got %q in %q", p, c, wire)
		}
	}
	switch p.In {
	case "path":
		if p.Operator != "" {
			for segment := range strings.SplitSeq(wire, "/") {
				if segment == "." || segment == ".." {
					t.Fatalf("got path %q", wire)
				}
			}
			wire = strings.ReplaceAll(wire, "/", "")
		}
		if wire == "" || wire == "." || wire == ".." || strings.ContainsAny(wire, "/?#") {
			t.Fatalf("got path segment %q", wire)
		}
		if _, err := url.PathUnescape(wire); err != nil {
			t.Fatalf("got path segment %q: %v", wire, err)
		}
	case "query":
		if strings.ContainsAny(wire, "#+[]|") || strings.HasPrefix(wire, "&") || strings.HasSuffix(wire, "&") {
			t.Fatalf("got query %q", wire)
		}
	case "cookie":
		if strings.ContainsAny(wire, `; "\`) {
			t.Fatalf("got cookie %q", wire)
		}
	}
}

// appendExpected writes v as decoding by shape gives it back: without undefined members, and with strings for all scalars
// that stand where the shape saw a string too.
func appendExpected(dst []byte, v gjson.Result, s *style.Shape) []byte {
	switch {
	case v.IsArray():
		dst = append(dst, '[')
		for _, item := range v.All() {
			if dst[len(dst)-1] != '[' {
				dst = append(dst, ',')
			}
			dst = appendExpected(dst, item, s.Items)
		}
		return append(dst, ']')
	case v.IsObject():
		dst = append(dst, '{')
		for name, member := range v.All() {
			if leavesNoTrace(member) {
				continue
			}
			if dst[len(dst)-1] != '{' {
				dst = append(dst, ',')
			}
			dst = append(append(dst, name.Raw...), ':')
			dst = appendExpected(dst, member, s.Properties[name.Str])
		}
		return append(dst, '}')
	case v.Type != gjson.String && s.Type&jsonvalue.String != 0:
		return append(append(append(dst, '"'), v.Raw...), '"')
	}
	return append(dst, v.Raw...)
}

func leavesNoTrace(v gjson.Result) bool {
	if v.IsObject() {
		for _, member := range v.All() {
			if !leavesNoTrace(member) {
				return false
			}
		}
		return true
	}
	return v.Type == gjson.Null || v.IsArray() && len(v.Array()) == 0
}

// FuzzDecodeQuery holds that no input makes a decoder panic or return what is not JSON.
func FuzzDecodeQuery(f *testing.F) {
	for _, file := range []string{"testdata/cases.json", "testdata/decode.json"} {
		readSeeds(f, file, func(c wireCase) {
			f.Add(c.Param.Name, bitsOf(c.Param), c.Wire, string(c.Shape))
		})
	}
	f.Fuzz(func(t *testing.T, name string, bits uint16, wire, schema string) {
		var shape *style.Shape
		if json.Valid([]byte(schema)) {
			shape = schemaShape([]byte(schema))
		}
		p := paramOf(name, bits)
		value, found, err := decode(p, wire, true, shape)
		if err == nil && found && (!json.Valid(value) || !utf8.Valid(value)) {
			t.Fatalf("%+v: decode %q: got %q, which is not JSON", p, wire, value)
		}
	})
}
