package internal_test

import (
	"testing"

	"github.com/opcall/opcall/internal/jsonscan"
)

func TestSetMemberReplacesEveryMemberOfThatName(t *testing.T) {
	tests := map[string]struct{ object, want string }{
		"empty":              {`{}`, `{"a":1}`},
		"white space":        {"{ \n}", `{"a":1}`},
		"behind all others":  {`{ "b": 2 }`, `{ "b": 2,"a":1}`},
		"in place":           {`{"a":0,"b":2}`, `{"a":1,"b":2}`},
		"twice":              {`{"a":0,"b":2,"a":3}`, `{"a":1,"b":2}`},
		"with an escape":     {`{"\u0061":0}`, `{"a":1}`},
		"an object as value": {`{"b":{"a":0}}`, `{"b":{"a":0},"a":1}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := jsonscan.SetMember(tt.object, "a", "1"); got != tt.want {
				t.Errorf("%s: got %s, want %s", tt.object, got, tt.want)
			}
		})
	}
}

func TestObjectOfNoMembersIsNotNil(t *testing.T) {
	if o := jsonscan.ReadObject(`{}`); o == nil || o.String() != `{}` {
		t.Errorf("got %#v, want an empty object", o)
	}
}
