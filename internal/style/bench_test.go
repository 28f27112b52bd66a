package style_test

import (
	"testing"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/internal/jsonvalue"
	"github.com/opcall/opcall/internal/style"
)

func BenchmarkAppendQuery(b *testing.B) {
	for _, bench := range []struct {
		name  string
		param style.Param
		value string
	}{
		{"string", style.Param{Name: "after", In: "query"}, `"batch_67d450cdead081908bbdb386922e1d14"`},
		{"brackets", style.Param{Name: "include[]", In: "query", Brackets: true}, `["step_details.tool_calls[*].file_search.results[*].content","logprobs","usage"]`},
		{"deepObject", style.Param{Name: "effective_at", In: "query", Style: "deepObject"}, `{"gte":1739096063,"lt":1739099999}`},
	} {
		v := gjson.Parse(bench.value)
		b.Run(bench.name+"/new", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := bench.param.AppendQuery(nil, v); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(bench.name+"/reused", func(b *testing.B) {
			b.ReportAllocs()
			var dst []byte
			for b.Loop() {
				var err error
				if dst, err = bench.param.AppendQuery(dst[:0], v); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkPath(b *testing.B) {
	p := style.Param{Name: "file_id", In: "path"}
	v := gjson.Parse(`"file-GFRkZJmvdZaYXHtGr2Zcyq"`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Path(v); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeQuery(b *testing.B) {
	p := style.Param{Name: "include[]", In: "query", Brackets: true}
	shape := &style.Shape{Type: jsonvalue.Array, Items: &style.Shape{Type: jsonvalue.String}}
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := p.DecodeQuery("limit=20&include%5B%5D=logprobs&include%5B%5D=usage&order=asc", shape); err != nil {
			b.Fatal(err)
		}
	}
}
