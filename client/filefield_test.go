package client_test

import (
	"encoding/json"
	"errors"
	"os"
	"testing"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
)

// TestFileFieldGivenAsText gives fields that are files what is none.
func TestFileFieldGivenAsText(t *testing.T) {
	type request struct {
		Purpose string `json:"purpose"`
		File    any    `json:"file"`
	}
	opened, err := os.Open("go.mod")
	if err != nil {
		opened, err = os.Open("doc.go")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	with := func(file any) client.Params { return client.Params{"purpose": "batch", "file": file} }
	const (
		wrap   = `wrap it in client.File{Name: …, Body: …}, of a path with what os.Open returns as the Body`
		within = `which neither JSON nor a struct can hold: use client.Params with a client.File in it`
		bytes  = `createFile: /file: got bytes, want a file: wrap them in client.File{Name: …, Body: bytes.NewReader(…)}`
	)
	tests := map[string]struct {
		operation string
		params    any
		want      string
	}{
		"path":              {"createFile", with("train.jsonl"), "createFile: /file: got text, want a file: " + wrap},
		"bytes":             {"createFile", with([]byte("hello")), bytes},
		"bytes in an Input": {"createFile", client.Input{Body: with([]byte("hello"))}, bytes},
		"object":            {"createFile", with(client.Params{"name": "a"}), "createFile: /file: got an object, want a file: " + wrap},
		"JSON":              {"createFile", json.RawMessage(`{"purpose":"batch","file":"train.jsonl"}`), "createFile: /file: got text, want a file, " + within},
		"file in a struct":  {"createFile", request{"batch", opened}, "createFile: /file: got an object, want a file, " + within},
		"with another mistake": {
			"createFile",
			client.Params{"purpose": "bach", "file": "x"},
			"createFile: 2 problems\n  /file: got text, want a file: " + wrap + "\n" +
				`  /purpose: got "bach", want one of "batch", "assistants", "fine-tune", "vision", "user_data", "evals"; did you mean "batch"? (CreateFileRequest)`,
		},
		"list of paths": {
			"createImageEdit",
			client.Input{MediaType: "multipart/form-data", Body: client.Params{"prompt": "p", "image": []string{"a.png", "b.png"}}},
			`createImageEdit: /image: got a list, want a file: wrap each item in client.File{Name: …, Body: …}, of a path with what os.Open returns as the Body`,
		},
		"list of bytes": {
			"createImageEdit",
			client.Input{MediaType: "multipart/form-data", Body: client.Params{"prompt": "p", "image": [][]byte{{1}, {2}}}},
			`createImageEdit: /image: got a list of bytes, want files: wrap each in client.File{Name: …, Body: bytes.NewReader(…)}`,
		},
		"beside a file": {
			"createImageEdit",
			client.Params{"prompt": "p", "image": image, "mask": "mask.png"},
			`createImageEdit: /mask: got text, want a file: ` + wrap,
		},
		"null":          {"createImageEdit", client.Params{"prompt": "p", "image": image, "mask": nil}, `createImageEdit: /mask: got null, want a file; leave the field out to send none (CreateImageEditRequest)`},
		"file":          {"createFile", with(image), ""},
		"open file":     {"createFile", with(opened), ""},
		"list of files": {"createImageEdit", client.Params{"prompt": "p", "image": []client.File{image, image}}, ""},
	}
	c := newClient(t)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := c.Validate(test.operation, test.params)
			var invalid *schema.ValidationError
			switch {
			case test.want == "" && err != nil:
				t.Errorf("got %v, want no error", err)
			case test.want != "" && !errors.As(err, &invalid):
				t.Errorf("got %v, want %s", err, test.want)
			case test.want != "" && err.Error() != test.want:
				t.Errorf("\n got %v\nwant %s", err, test.want)
			}
		})
	}
}

// TestTextFieldWithAFormatIsNoFile has fields of a form that look like files by half.
func TestTextFieldWithAFormatIsNoFile(t *testing.T) {
	form := document(`{"/a":{"post":{"operationId":"send","requestBody":{"content":{"multipart/form-data":{"schema":{"type":"object","properties":{
		"binary":{"type":"string","format":"binary"},
		"media":{"type":["string","null"],"contentMediaType":"application/octet-stream"},
		"listed":{"type":"array","items":{"allOf":[{"type":"string","format":"binary"}]}},
		"either":{"anyOf":[{"type":"string","format":"binary"},{"type":"object","properties":{"url":{"type":"string"}}}]},
		"base64":{"type":"string","contentEncoding":"base64","contentMediaType":"application/octet-stream"},
		"text":{"type":"string","format":"date"}}}}}},"responses":{}}}}`)
	c := newClient(t, form, client.WithBaseURL("http://localhost/v1"))
	for name, want := range map[string]int{"binary": 1, "media": 1, "listed": 1, "either": 0, "base64": 0, "text": 0} {
		var value any = "2026-01-02"
		if name == "listed" {
			value = []any{value}
		}
		err := c.Validate("send", client.Params{name: value})
		var invalid *schema.ValidationError
		got := 0
		if errors.As(err, &invalid) {
			got = len(invalid.Problems)
		}
		if got != want {
			t.Errorf("%s: got %v, want %d problems", name, err, want)
		}
	}
}
