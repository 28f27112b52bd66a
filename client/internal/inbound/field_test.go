package inbound

import (
	"strings"
	"testing"

	"github.com/opcall/opcall/internal/jsonvalue"
	"github.com/opcall/opcall/internal/style"
)

func TestBracketsAreJoined(t *testing.T) {
	text, integer := &style.Shape{Type: jsonvalue.String}, &style.Shape{Type: jsonvalue.Integer}
	list := func(items *style.Shape) *style.Shape { return &style.Shape{Type: jsonvalue.Array, Items: items} }
	record := func(properties map[string]*style.Shape) *style.Shape {
		return &style.Shape{Type: jsonvalue.Object, Properties: properties}
	}
	shape := record(map[string]*style.Shape{
		"n": integer, "tags": list(text), "either": {Type: jsonvalue.String | jsonvalue.Array, Items: text},
		"point": record(map[string]*style.Shape{"x": integer, "tags": list(text), "0": text}),
		"list":  list(record(map[string]*style.Shape{"x": integer, "y": integer, "tags": list(text)})),
		"odd[]": text,
		"map":   {Type: jsonvalue.Object, Additional: integer},
	})
	tests := map[string]struct {
		form string // name=text, separated by &
		want string // JSON, or a part of the error after "error: "
	}{
		"items":                    {"tags[]=a&tags[]=b", `{"tags":["a","b"]}`},
		"one item":                 {"either[]=a", `{"either":["a"]}`},
		"no brackets":              {"either=a", `{"either":"a"}`},
		"numbered items":           {"tags[1]=b&tags[0]=a", `{"tags":["a","b"]}`},
		"ten numbered items":       {"tags[10]=c&tags[9]=b&tags[0]=a", `{"tags":["a","b","c"]}`},
		"numbers that are members": {"point[0]=a", `{"point":{"0":"a"}}`},
		"members":                  {"point[x]=1&n=2&point[tags][]=a&point[tags][]=b", `{"point":{"x":1,"tags":["a","b"]},"n":2}`},
		"any members":              {"map[a b]=1&map[c]=x", `{"map":{"a b":1,"c":"x"}}`},
		"list of objects":          {"list[][x]=1&list[][y]=2&list[][x]=3", `{"list":[{"x":1,"y":2},{"x":3}]}`},
		"lists in a list":          {"list[][tags][]=a&list[][tags][]=b", `{"list":[{"tags":["a","b"]}]}`},
		"name with brackets":       {"odd[]=a", `{"odd[]":"a"}`},
		"unknown name":             {"what[ever]=1", `{"what":{"ever":"1"}}`},
		"texts and objects":        {"list[]=1&list[][x]=2", `{"list":["1",{"x":2}]}`},
		"object, then a text":      {"list[][x]=1&list[]=2", `{"list":[{"x":1},"2"]}`},
		"brackets within brackets": {"tags[a[b]=1", `{"tags[a[b]":"1"}`},
		"brackets without end":     {"tags[=a", `{"tags[":"a"}`},
		"brackets alone":           {"[x]=a", `{"[x]":"a"}`},
		"text after brackets":      {"tags[]x=a", `{"tags[]x":"a"}`},
		"value and items":          {"tags=a&tags[]=b", "error: /tags: got two of a single value, an array and an object under one name"},
		"too deep":                 {"map[a][b][c][d][e][f][g][h]=1", "error: nested more than 8 levels"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var fields []formField
			for pair := range strings.SplitSeq(tt.form, "&") {
				field, value, _ := strings.Cut(pair, "=")
				fields = append(fields, formField{name: field, text: value})
			}
			got, err := joinFields(fields, shape, true)
			if fragment, ok := strings.CutPrefix(tt.want, "error: "); ok {
				if err == nil || !strings.Contains(err.Error(), fragment) {
					t.Errorf("got %s, %v, want an error with %q", got, err, fragment)
				}
				return
			}
			if err != nil || string(got) != tt.want {
				t.Errorf("got %s, %v, want %s", got, err, tt.want)
			}
		})
	}
}
