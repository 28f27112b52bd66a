package style_test

import (
	"fmt"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/internal/jsonvalue"
	"github.com/opcall/opcall/internal/style"
)

func ExampleParam_AppendQuery() {
	query := []byte("beta=true")
	for _, arg := range []struct {
		param style.Param
		value string
	}{
		{style.Param{Name: "limit", In: "query"}, `20`},
		{style.Param{Name: "include[]", In: "query", Brackets: true}, `["logprobs", "usage"]`},
		{style.Param{Name: "after", In: "query"}, `null`},
		{style.Param{Name: "effective_at", In: "query", Style: "deepObject"}, `{"gte": 1739096063}`},
	} {
		var err error
		if query, err = arg.param.AppendQuery(query, gjson.Parse(arg.value)); err != nil {
			fmt.Println(err)
		}
	}
	fmt.Println(string(query))
	// Output: beta=true&limit=20&include%5B%5D=logprobs&include%5B%5D=usage&effective_at%5Bgte%5D=1739096063
}

func ExampleParam_DecodeQuery() {
	p := style.Param{Name: "ids", In: "query", Explode: new(false)}
	shape := &style.Shape{Type: jsonvalue.Array, Items: &style.Shape{Type: jsonvalue.Integer}}
	value, found, err := p.DecodeQuery("limit=20&ids=1,2,x", shape)
	fmt.Println(string(value), found, err)
	// Output: [1,2,"x"] true <nil>
}

func ExampleError() {
	p := style.Param{Name: "X-Tags", In: "header"}
	_, _, err := p.Header(gjson.Parse(`["red", "green, blue"]`))
	fmt.Println(err)
	// Output: header parameter "X-Tags" (simple) at "/1": got ',' inside an item, which is read as a delimiter; describe the parameter with content: application/json
}
