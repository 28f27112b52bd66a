package overlay_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema/internal/overlay"
)

func actions(list ...string) string {
	return `{"overlay":"1.0.0","info":{},"actions":[` + strings.Join(list, ",") + `]}`
}

func TestApplyUpdatesAndRemovesWhatIsSelected(t *testing.T) {
	t.Parallel()
	const document = `{"i":{"t":"x"},"l":[{"a":1}],"p":{"/a":{"get":{"id":1},"put":{"id":2}},"/b":{"get":{"id":3}}},"s":"text"}`
	for name, c := range map[string]struct{ actions, want string }{
		"objects merge":                       {`{"target":"$.i","update":{"t":"y","u":{"v":[1.50]}}}`, `{"i":{"t":"y","u":{"v":[1.50]}},"l":[{"a":1}],"p":{"/a":{"get":{"id":1},"put":{"id":2}},"/b":{"get":{"id":3}}},"s":"text"}`},
		"deep":                                {`{"target":"$","update":{"p":{"/a":{"get":{"x":true}}}}}`, `{"i":{"t":"x"},"l":[{"a":1}],"p":{"/a":{"get":{"id":1,"x":true},"put":{"id":2}},"/b":{"get":{"id":3}}},"s":"text"}`},
		"item":                                {`{"target":"$.l","update":{"b":2}}`, `{"i":{"t":"x"},"l":[{"a":1},{"b":2}],"p":{"/a":{"get":{"id":1},"put":{"id":2}},"/b":{"get":{"id":3}}},"s":"text"}`},
		"list":                                {`{"target":"$","update":{"l":[2,3]}}`, `{"i":{"t":"x"},"l":[{"a":1},2,3],"p":{"/a":{"get":{"id":1},"put":{"id":2}},"/b":{"get":{"id":3}}},"s":"text"}`},
		"scalar":                              {`{"target":"$.s","update":5}`, `{"i":{"t":"x"},"l":[{"a":1}],"p":{"/a":{"get":{"id":1},"put":{"id":2}},"/b":{"get":{"id":3}}},"s":5}`},
		"many":                                {`{"target":"$.p.*.get","update":{"d":1}}`, `{"i":{"t":"x"},"l":[{"a":1}],"p":{"/a":{"get":{"id":1,"d":1},"put":{"id":2}},"/b":{"get":{"id":3,"d":1}}},"s":"text"}`},
		"twice is once":                       {`{"target":"$['l','l']","update":7}`, `{"i":{"t":"x"},"l":[{"a":1},7],"p":{"/a":{"get":{"id":1},"put":{"id":2}},"/b":{"get":{"id":3}}},"s":"text"}`},
		"remove":                              {`{"target":"$.p['/a'].put","remove":true},{"target":"$.l[0]","remove":true},{"target":"$.i","remove":true}`, `{"l":[],"p":{"/a":{"get":{"id":1}},"/b":{"get":{"id":3}}},"s":"text"}`},
		"remove false":                        {`{"target":"$.i","remove":false}`, document},
		"later see earlier":                   {`{"target":"$.i","update":{"q":{"r":1}}},{"target":"$.i.q","update":{"z":2}},{"target":"$.i[?@.z]","update":{"w":3}},{"target":"$.i.q.r","remove":true}`, `{"i":{"t":"x","q":{"z":2,"w":3}},"l":[{"a":1}],"p":{"/a":{"get":{"id":1},"put":{"id":2}},"/b":{"get":{"id":3}}},"s":"text"}`},
		"indexes after removal":               {`{"target":"$.l","update":[2,3]},{"target":"$.l[0]","remove":true},{"target":"$.l[0]","remove":true}`, `{"i":{"t":"x"},"l":[3],"p":{"/a":{"get":{"id":1},"put":{"id":2}},"/b":{"get":{"id":3}}},"s":"text"}`},
		"filter sees changes":                 {`{"target":"$.l[0]","update":{"b":{"c":1}}},{"target":"$[?@[0].b == $.l[0].b]","remove":true}`, `{"i":{"t":"x"},"p":{"/a":{"get":{"id":1},"put":{"id":2}},"/b":{"get":{"id":3}}},"s":"text"}`},
		"nothing selected":                    {`{"target":"$.none","remove":true,"update":{"a":1}}`, document},
		"one overlay's values are not shared": {`{"target":"$.p.*.get","update":{"n":{}}},{"target":"$.p['/a'].get.n","update":{"m":1}}`, `{"i":{"t":"x"},"l":[{"a":1}],"p":{"/a":{"get":{"id":1,"n":{"m":1}},"put":{"id":2}},"/b":{"get":{"id":3,"n":{}}}},"s":"text"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, err := overlay.Parse(actions(c.actions))
			if err != nil {
				t.Fatal(err)
			}
			for range 2 { // an overlay can be applied again
				if got, _, err := o.Apply(document); err != nil || got != c.want {
					t.Errorf("after %s\n got %s, %v\nwant %s", c.actions, got, err, c.want)
				}
			}
		})
	}
}

func TestInvalidOverlayNamesItsAction(t *testing.T) {
	t.Parallel()
	good := `{"target":"$.a","update":{}}`
	for name, c := range map[string]struct {
		text   string
		action int
		want   string
	}{
		"no version":      {`{"actions":[` + good + `]}`, -1, "no version"},
		"version 2":       {`{"overlay":"2.0","actions":[` + good + `]}`, -1, `version "2.0"`},
		"no actions":      {`{"overlay":"1.0.0","actions":[ ]}`, -1, "no actions"},
		"actions no list": {`{"overlay":"1.0.0","actions":{}}`, -1, "no actions"},
		"action a string": {actions(good, `"x"`), 1, "an object"},
		"no target":       {actions(good, `{"update":{}}`), 1, "has no target"},
		"bad target":      {actions(good, good, `{"target":"$.[","update":{}}`), 2, `"$.[" is not a JSONPath`},
		"copy":            {actions(`{"target":"$.a","copy":"$.b"}`), 0, "Overlay 1.1"},
		"remove a string": {actions(`{"target":"$.a","remove":"yes"}`), 0, "true or false"},
		"remove all":      {actions(good, `{"target":"$","remove":true}`), 1, "whole document"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, err := overlay.Parse(c.text)
			if err == nil {
				_, _, err = o.Apply(`{"a":{}}`)
			}
			var overlayErr *overlay.Error
			if !errors.As(err, &overlayErr) || overlayErr.Action != c.action || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want action %d and %q", err, c.action, c.want)
			}
		})
	}
}

// None of these ends in a lifetime unless the work is counted.
func TestOverlayIsBoundedByItsSize(t *testing.T) {
	t.Parallel()
	var wide strings.Builder
	wide.WriteString(`{"a":"` + strings.Repeat("x", 500) + `"`)
	for i := range 200 {
		fmt.Fprintf(&wide, `,"k%d":{"a":{"b":{"c":[1,2,{"d":3}]}}}`, i)
	}
	wide.WriteString("}")
	nested := strings.Repeat(`{"a":`, 900) + "1" + strings.Repeat("}", 900)
	for name, c := range map[string]struct {
		document, action string
		times            int
		want             string
	}{
		"descendants of descendants": {nested, `{"target":"$` + strings.Repeat("..*", 20) + `","update":1}`, 1, "visits more"},
		"deep descendants":           {nested, `{"target":"$` + strings.Repeat("..a", 10) + `","update":1}`, 1, "visits more"},
		"names twice":                {`{"a":1}`, `{"target":"$` + strings.Repeat("[*,*]", 3) + strings.Repeat(`['x','x']`, 40) + `","update":1}`, 0, ""},
		"self-like selectors":        {nested, `{"target":"$` + strings.Repeat("['a','a']", 60) + `","update":1}`, 1, "visits more"},
		"filters in filters":         {nested, `{"target":"$..[?@..[?@..[?@..[?@..[?@..z]]]]]","update":1}`, 1, "visits more"},
		"filters of the root":        {wide.String(), `{"target":"$..[?count($..*) == count($..*)]","update":1}`, 1, "visits more"},
		"comparisons":                {wide.String(), `{"target":"$..[?$ == $]","update":1}`, 1, "visits more"},
		"patterns":                   {wide.String(), `{"target":"$..[?search($.a, '(x+x+)+y{1,99}')]","update":1}`, 50, "visits more"},
		"many actions":               {wide.String(), `{"target":"$..*..*"}`, 1000, "visits more"},
		"doubling":                   {`{"a":{}}`, `{"target":"$..*","update":{"x":{},"y":{}}}`, 60, "visits more"},
		"doubling of long values":    {`{"a":{}}`, `{"target":"$..*","update":{"x":{"t":"` + strings.Repeat("x", 1000) + `"},"y":{}}}`, 40, "grows to more"},
		"lists that double":          {`{"a":[[]]}`, `{"target":"$.a","update":[["` + strings.Repeat("x", 100) + `"]]},{"target":"$.a[*]","update":[` + strings.Repeat(`"xxxxxxxx",`, 1000) + `1]}`, 60, "grows to more"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if testing.Short() && (name == "lists that double" || name == "doubling") {
				t.Skip("long: run without -short; long values double in it too")
			}
			o, err := overlay.Parse(actions(strings.TrimSuffix(strings.Repeat(c.action+",", max(1, c.times)), ",")))
			if err != nil {
				t.Fatal(err)
			}
			got, _, err := o.Apply(c.document)
			if c.want == "" {
				if err != nil {
					t.Errorf("got %v", err)
				}
				return
			}
			var overlayErr *overlay.Error
			if !errors.As(err, &overlayErr) || overlayErr.Action < 0 || !strings.Contains(err.Error(), c.want) || len(err.Error()) > 400 {
				t.Errorf("%d bytes became %d, %v; want an error of an action with %q", len(c.document), len(got), err, c.want)
			}
		})
	}
}

func FuzzApply(f *testing.F) {
	f.Add(`{"a":[1,{"b":2}]}`, actions(`{"target":"$..b","update":{"c":1}},{"target":"$.a[0]","remove":true}`))
	f.Fuzz(func(t *testing.T, document, text string) {
		if jsonscan.Check(document, 100) != nil || jsonscan.CheckUnique(text, 100) != nil {
			return
		}
		o, err := overlay.Parse(text)
		if err != nil {
			return
		}
		got, _, err := o.Apply(document)
		if err == nil && jsonscan.Check(got, 10_000) != nil {
			t.Errorf("%s under %s becomes %s, which is not JSON", document, text, got)
		}
	})
}

func TestActionThatSelectsNothingIsListed(t *testing.T) {
	t.Parallel()
	o, err := overlay.Parse(`{"overlay":"1.0.0","actions":[{"target":"$.a","update":{"c":1}},{"target":"$.b","update":{}},{"target":"$.a.c","remove":true},{"target":"$.a.c","remove":true}]}`)
	if err != nil {
		t.Fatal(err)
	}
	text, unmatched, err := o.Apply(`{"a":{}}`)
	want := []overlay.Unmatched{{Action: 1, Target: "$.b"}, {Action: 3, Target: "$.a.c"}}
	if err != nil || text != `{"a":{}}` || !slices.Equal(unmatched, want) {
		t.Errorf("got %s, %v, %v; want %v", text, unmatched, err, want)
	}
}
