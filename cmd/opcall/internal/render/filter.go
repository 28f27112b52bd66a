package render

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/itchyny/gojq"
	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/internal/near"
	"github.com/opcall/opcall/schema"
)

// result is what a filter makes of a value: JSON, or a string that is written as it is.
type result struct {
	json []byte
	text string
	bare bool
}

// filter takes results out of a value. The zero filter takes all of it.
type filter struct {
	path    string
	program *gojq.Code
}

func newFilter(path, program string) (filter, error) {
	f := filter{path: path}
	if program == "" {
		return f, nil
	}
	if path != "" {
		return f, errors.New("--select and --jq are two ways to say the same; give one of them")
	}
	query, err := gojq.Parse(program)
	if err != nil {
		return f, fmt.Errorf("--jq: %w", err)
	}
	f.program, err = gojq.Compile(query)
	if err != nil {
		return f, fmt.Errorf("--jq: %w", err)
	}
	return f, nil
}

func (f filter) all() bool { return f.path == "" && f.program == nil }

// apply returns what the filter takes out of a JSON text. The value, which may be the zero
// Value, is the same seen through its schema: it knows a name that leads nowhere.
func (f filter) apply(ctx context.Context, text []byte, value schema.Value) ([]result, error) {
	if f.program != nil {
		return f.run(ctx, text)
	}
	found := gjson.GetBytes(text, f.path)
	if !found.Exists() {
		if wrong := value.Misspelling(f.path); wrong.Name != "" && !wrong.Index {
			return nil, fmt.Errorf("--select: %.80q leads nowhere: there is no %.80q%s", f.path, wrong.Name, near.Question(wrong.Nearest))
		}
		return nil, nil
	}
	if found.Type == gjson.String {
		return []result{{text: found.String(), bare: true}}, nil
	}
	return []result{{json: []byte(found.Raw)}}, nil
}

// run runs the jq program. Strings are written without quotes, as by jq -r.
func (f filter) run(ctx context.Context, text []byte) ([]result, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var input any
	if err := decoder.Decode(&input); err != nil {
		return nil, err
	}
	var results []result
	for iter := f.program.RunWithContext(ctx, input); ; {
		v, ok := iter.Next()
		if !ok {
			return results, nil
		}
		switch v := v.(type) {
		case error:
			if halt := (*gojq.HaltError)(nil); errors.As(v, &halt) && halt.Value() == nil {
				return results, nil
			}
			return results, fmt.Errorf("--jq: %w", v)
		case string:
			results = append(results, result{text: v, bare: true})
		default:
			out, err := gojq.Marshal(v)
			if err != nil {
				return results, fmt.Errorf("--jq: %w", err)
			}
			results = append(results, result{json: out})
		}
	}
}
