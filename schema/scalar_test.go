package schema_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/schema"
)

func TestValueAccessorsReadExactlyOrSayWhy(t *testing.T) {
	t.Parallel()
	const (
		noInt   = "want an integer of 64 bits"
		noFloat = "want a number that a float64 can hold"
		noTime  = "want a time: seconds since 1970, or a date-time such as 2026-01-02T15:04:05Z"
	)
	accessors := map[string]func(schema.Value) (any, error){
		"int64":   func(v schema.Value) (any, error) { return v.Int64() },
		"float64": func(v schema.Value) (any, error) { return v.Float64() },
		"bool":    func(v schema.Value) (any, error) { return v.Bool() },
		"number":  func(v schema.Value) (any, error) { return v.Number() },
		"time": func(v schema.Value) (any, error) {
			at, err := v.Time()
			return at.Format(time.RFC3339Nano), err
		},
	}
	tests := []struct{ accessor, text, want string }{ // want is the result, or the error after "! "
		{"int64", `0`, "0"},
		{"int64", `-12`, "-12"},
		{"int64", `3.0`, "3"},
		{"int64", `3e2`, "300"},
		{"int64", `9223372036854775807`, "9223372036854775807"},
		{"int64", `9223372036854775808`, "! /x: got number 9223372036854775808, " + noInt},
		{"int64", `1.5`, "! /x: got number 1.5, " + noInt},
		{"int64", `1e2000000000`, "! /x: got number 1e2000000000, " + noInt},
		{"int64", `"12"`, `! /x: got string "12", ` + noInt},
		{"int64", `null`, "! /x: got null, " + noInt},

		{"float64", `1.5`, "1.5"},
		{"float64", `1741476542`, "1.741476542e+09"},
		{"float64", `1e999`, "! /x: got number 1e999, " + noFloat},
		{"float64", `true`, "! /x: got boolean true, " + noFloat},

		{"number", `1.50`, "1.50"},
		{"number", `1e999`, "1e999"},
		{"number", `{"a":1}`, "! /x: got an object, want a number"},

		{"bool", `true`, "true"},
		{"bool", `false`, "false"},
		{"bool", `0`, "! /x: got number 0, want a boolean"},
		{"bool", `[true]`, "! /x: got an array, want a boolean"},

		{"time", `0`, "1970-01-01T00:00:00Z"},
		{"time", `1741476542`, "2025-03-08T23:29:02Z"},
		{"time", `1741476542.000000001`, "2025-03-08T23:29:02.000000001Z"},
		{"time", `-0.5`, "1969-12-31T23:59:59.5Z"},
		{"time", `1.5e9`, "2017-07-14T02:40:00Z"},
		{"time", `253402300799`, "9999-12-31T23:59:59Z"},
		{"time", `253402300800`, "! /x: got number 253402300800, " + noTime},
		{"time", `1e999999999`, "! /x: got number 1e999999999, " + noTime},
		{"time", strings.Repeat("9", 5000), "! /x: got number " + strings.Repeat("9", 60) + "…, " + noTime},
		{"time", `"2026-01-02T15:04:05.5+02:00"`, "2026-01-02T13:04:05.5Z"},
		{"time", `"2026-01-02"`, "2026-01-02T00:00:00Z"},
		{"time", `"yesterday"`, `! /x: got string "yesterday", ` + noTime + `: parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006"`},
		{"time", `null`, "! /x: got null, " + noTime},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%s of %.20s", tt.accessor, tt.text), func(t *testing.T) {
			t.Parallel()
			result, err := accessors[tt.accessor](decoded(t, "Response", `{"x":`+tt.text+`}`).Get("x"))
			got := fmt.Sprint(result)
			if err != nil {
				var valueErr *schema.ValueError
				if !errors.As(err, &valueErr) || valueErr.Pointer != "/x" {
					t.Errorf("error is %T (%v), want a *ValueError at /x", err, err)
				}
				got = "! " + err.Error()
			}
			if got != tt.want {
				t.Errorf("%s of %.40s:\n got %s\nwant %s", tt.accessor, tt.text, got, tt.want)
			}
		})
	}
}

func TestMissingValueNamesItsPath(t *testing.T) {
	t.Parallel()
	v := decoded(t, "Response", `{"usage":{}}`)
	tests := map[string]struct {
		value schema.Value
		want  string
	}{
		"path":            {v.Get("usage.total_tokens"), `there is no value at "usage.total_tokens", want an integer of 64 bits`},
		"path from there": {v.Get("model.name").Get("length"), `there is no value at "model.name.length", want an integer of 64 bits`},
		"misspelt":        {v.Get("staus"), `there is no value at "staus", want an integer of 64 bits; did you mean "status"?`},
		"misspelt, deep":  {v.Get("usage.totl_tokens.x"), `there is no value at "usage.totl_tokens.x", want an integer of 64 bits; did you mean "total_tokens"?`},
		"misspelt, then":  {v.Get("staus").Get("x"), `there is no value at "staus.x", want an integer of 64 bits; did you mean "status"?`},
		"nothing near":    {v.Get("frobnicate"), `there is no value at "frobnicate", want an integer of 64 bits`},
		"the zero Value":  {schema.Value{}, `there is no value at "", want an integer of 64 bits`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := tt.value.Int64()
			if err == nil || err.Error() != tt.want {
				t.Errorf("Int64: got %v, want %s", err, tt.want)
			}
			if tt.value.String() != "" || tt.value.Raw() != nil || tt.value.Exists() || tt.value.Schema() != "" {
				t.Errorf("got %q, raw %q, schema %q, want nothing", tt.value.String(), tt.value.Raw(), tt.value.Schema())
			}
			if err := tt.value.Decode(new(any)); err == nil {
				t.Error("Decode: got no error")
			}
		})
	}
}

func TestValueDecodesIntoGoValues(t *testing.T) {
	t.Parallel()
	v := decoded(t, "Response", valueText)
	var call struct{ Name, Arguments string }
	if err := v.Get("output.0").Decode(&call); err != nil || call.Name != "locate" || call.Arguments != `{"a":1}` {
		t.Errorf("Decode into a struct: got %+v, %v", call, err)
	}
	var usage any
	if err := v.Get("usage").Decode(&usage); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(any(map[string]any{"input_tokens": json.Number("36")}), usage); diff != "" {
		t.Errorf("Decode into an any (-want +got):\n%s", diff)
	}
	var wrong struct{ Name int }
	err := v.Get("output.0").Decode(&wrong)
	var cause *json.UnmarshalTypeError
	if !errors.As(err, &cause) {
		t.Errorf("Decode of a string into an int: got %T (%v), want an error that wraps *json.UnmarshalTypeError", err, err)
	}
	if want := "/output/0: got an object, want what fits a *struct { Name int }: json: "; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("Decode of a string into an int:\n got %v\nwant %s…", err, want)
	}
	if err := v.Decode(io.Discard); err == nil {
		t.Error("Decode into what is not a pointer: got no error")
	}
}
