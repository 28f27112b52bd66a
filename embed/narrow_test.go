package embed_test

import (
	"strings"
	"testing"
)

// An erratum makes one thing valid and nothing beside it: each of these stands
// next to what one allows, and is refused at the pointer given.
func TestErrataAreNarrow(t *testing.T) {
	t.Parallel()
	chat := func(rest string) string {
		return `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],` + rest + `}`
	}
	message := func(text string) string { return `{"model":"gpt-4o","messages":[` + text + `]}` }
	input := func(item string) string { return `{"model":"gpt-4o","input":[` + item + `]}` }
	tool := func(text string) string { return `{"model":"gpt-4o","input":"hi","tools":[` + text + `]}` }
	toChat, toResponses := requestTo("POST", "/chat/completions"), requestTo("POST", "/responses")
	toBeta := requestTo("POST", "/responses?beta=true")
	toRealtime := requestTo("POST", "/realtime/sessions")
	event := answerOf("POST", "/responses", 200, "text/event-stream")
	tests := map[string]struct {
		witness
		pointer string
	}{
		"function tool without parameters":       {witness{schema: toResponses, instance: tool(`{"type":"function","name":"f"}`)}, "/tools/0"},
		"function tool without name":             {witness{schema: toBeta, instance: tool(`{"type":"function","parameters":{}}`)}, "/tools/0"},
		"function tool with strict as text":      {witness{schema: toResponses, instance: tool(`{"type":"function","name":"f","parameters":{},"strict":"yes"}`)}, "/tools/0/strict"},
		"image detail of another kind":           {witness{schema: toResponses, instance: input(`{"role":"user","content":[{"type":"input_image","image_url":"https://example.com/a.png","detail":"best"}]}`)}, "/input/0/content/0/detail"},
		"image with a field misspelt":            {witness{schema: toResponses, instance: input(`{"role":"user","content":[{"type":"input_image","image":"https://example.com/a.png"}]}`)}, "/input/0/content/0/image"},
		"metadata value of a list":               {witness{schema: toChat, instance: chat(`"metadata":{"a":["b"]}`)}, "/metadata/a"},
		"metadata value of null":                 {witness{schema: toChat, instance: chat(`"metadata":{"a":null}`)}, "/metadata/a"},
		"metadata of text":                       {witness{schema: toChat, instance: chat(`"metadata":"a"`)}, "/metadata"},
		"tools as an object":                     {witness{schema: toChat, instance: chat(`"tools":{}`)}, "/tools"},
		"user as a number":                       {witness{schema: toChat, instance: chat(`"user":5`)}, "/user"},
		"tool_calls as text":                     {witness{schema: toChat, instance: message(`{"role":"assistant","content":"a","tool_calls":"b"}`)}, "/messages/0/tool_calls"},
		"annotations on a user's message":        {witness{schema: toChat, instance: message(`{"role":"user","content":"a","annotations":[]}`)}, "/messages/0/annotations"},
		"annotation of another kind":             {witness{schema: toChat, instance: message(`{"role":"assistant","content":"a","annotations":[{"type":"b"}]}`)}, "/messages/0/annotations/0"},
		"name of a tool message as a number":     {witness{schema: toChat, instance: message(`{"role":"tool","tool_call_id":"a","content":"b","name":1}`)}, "/messages/0/name"},
		"tool message without its call":          {witness{schema: toChat, instance: message(`{"role":"tool","name":"a","content":"b"}`)}, "/messages/0"},
		"output message without content":         {witness{schema: toResponses, instance: input(`{"role":"assistant"}`)}, "/input/0"},
		"output text from a user":                {witness{schema: toResponses, instance: input(`{"role":"user","content":[{"type":"output_text","text":"a"}]}`)}, "/input/0/content/0/type"},
		"output text without text":               {witness{schema: toResponses, instance: input(`{"role":"assistant","content":[{"type":"output_text"}]}`)}, "/input/0/content/0"},
		"custom tool call of another status":     {witness{schema: toResponses, instance: input(`{"type":"custom_tool_call","call_id":"a","name":"b","input":"c","status":"lost"}`)}, "/input/0/status"},
		"run with a limit of 15":                 {witness{schema: requestTo("POST", "/threads/t/runs"), instance: `{"assistant_id":"a","max_completion_tokens":15}`}, "/max_completion_tokens"},
		"realtime session's model as a number":   {witness{schema: toRealtime, instance: `{"model":4}`}, "/model"},
		"realtime session with another field":    {witness{schema: toRealtime, instance: `{"modle":"gpt-realtime"}`}, "/modle"},
		"embedding of text in a list":            {witness{schema: component("Embedding"), instance: `{"object":"embedding","index":0,"embedding":["AACAPw=="]}`}, "/embedding/0"},
		"error event that says nothing":          {witness{schema: event, instance: `{"type":"error","sequence_number":1}`}, ""},
		"error event with half an error":         {witness{schema: event, instance: `{"type":"error","sequence_number":1,"error":{"type":"a","code":"b"}}`}, "/error"},
		"obfuscation that is no text":            {witness{schema: event, instance: `{"type":"response.output_text.delta","item_id":"a","output_index":0,"content_index":0,"delta":"b","sequence_number":1,"logprobs":[],"obfuscation":1}`}, "/obfuscation"},
		"batch completed at a time in words":     {witness{schema: component("Batch"), instance: `{"id":"a","object":"batch","endpoint":"/v1/b","input_file_id":"c","completion_window":"24h","status":"completed","created_at":1,"completed_at":"now"}`}, "/completed_at"},
		"completion finished for another reason": {witness{schema: answerOf("POST", "/completions", 200, "text/event-stream"), instance: `{"id":"a","object":"text_completion","created":1,"model":"b","choices":[{"text":"a","index":0,"logprobs":null,"finish_reason":"tool_calls"}]}`}, "/choices/0/finish_reason"},
		"vector store that expires some day":     {witness{schema: component("VectorStoreObject"), instance: `{"id":"a","object":"vector_store","usage_bytes":0,"created_at":1,"status":"completed","last_active_at":1,"name":null,"file_counts":{"in_progress":0,"completed":0,"failed":0,"cancelled":0,"total":0},"metadata":{},"expires_after":{"days":1}}`}, "/expires_after"},
	}
	document := openBuiltIn(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := tt.schema(document)
			if s == nil {
				t.Fatal("the description has no place for it")
			}
			list := problems(s, tt.instance)
			if len(list) == 0 {
				t.Fatalf("accepted: %s", tt.instance)
			}
			if !strings.HasPrefix(list[0], tt.pointer) {
				t.Errorf("%s\n got %q\nwant a problem at %q", tt.instance, list, tt.pointer)
			}
		})
	}
}
