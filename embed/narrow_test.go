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
	toChat, toResponses := requestTo("POST", "/chat/completions"), requestTo("POST", "/responses")
	toBeta := requestTo("POST", "/responses?beta=true")
	toRealtime := requestTo("POST", "/realtime/sessions")
	event := responseOf("POST", "/responses", 200, "text/event-stream")
	tests := map[string]struct {
		witness
		pointer string
	}{
		"function tool without name":                   {witness{schema: toBeta, instance: withTool(`{"type":"function","parameters":{}}`)}, "/tools/0"},
		"function tool with strict as text":            {witness{schema: toResponses, instance: withTool(`{"type":"function","name":"f","parameters":{},"strict":"yes"}`)}, "/tools/0/strict"},
		"image detail of another kind":                 {witness{schema: toResponses, instance: withInput(`{"role":"user","content":[{"type":"input_image","image_url":"https://example.com/a.png","detail":"best"}]}`)}, "/input/0/content/0/detail"},
		"image with a field misspelt":                  {witness{schema: toResponses, instance: withInput(`{"role":"user","content":[{"type":"input_image","image":"https://example.com/a.png"}]}`)}, "/input/0/content/0/image"},
		"metadata value of a list":                     {witness{schema: toChat, instance: chat(`"metadata":{"a":["b"]}`)}, "/metadata/a"},
		"metadata value of null":                       {witness{schema: toChat, instance: chat(`"metadata":{"a":null}`)}, "/metadata/a"},
		"metadata of text":                             {witness{schema: toChat, instance: chat(`"metadata":"a"`)}, "/metadata"},
		"tools as an object":                           {witness{schema: toChat, instance: chat(`"tools":{}`)}, "/tools"},
		"user as a number":                             {witness{schema: toChat, instance: chat(`"user":5`)}, "/user"},
		"tool_calls as text":                           {witness{schema: toChat, instance: message(`{"role":"assistant","content":"a","tool_calls":"b"}`)}, "/messages/0/tool_calls"},
		"annotations on a user's message":              {witness{schema: toChat, instance: message(`{"role":"user","content":"a","annotations":[]}`)}, "/messages/0/annotations"},
		"annotation of another kind":                   {witness{schema: toChat, instance: message(`{"role":"assistant","content":"a","annotations":[{"type":"b"}]}`)}, "/messages/0/annotations/0"},
		"name of a tool message as a number":           {witness{schema: toChat, instance: message(`{"role":"tool","tool_call_id":"a","content":"b","name":1}`)}, "/messages/0/name"},
		"tool message without its call":                {witness{schema: toChat, instance: message(`{"role":"tool","name":"a","content":"b"}`)}, "/messages/0"},
		"output message without content":               {witness{schema: toResponses, instance: withInput(`{"role":"assistant"}`)}, "/input/0"},
		"output text from a user":                      {witness{schema: toResponses, instance: withInput(`{"role":"user","content":[{"type":"output_text","text":"a"}]}`)}, "/input/0/content/0/type"},
		"output text without text":                     {witness{schema: toResponses, instance: withInput(`{"role":"assistant","content":[{"type":"output_text"}]}`)}, "/input/0/content/0"},
		"custom tool call of another status":           {witness{schema: toResponses, instance: withInput(`{"type":"custom_tool_call","call_id":"a","name":"b","input":"c","status":"lost"}`)}, "/input/0/status"},
		"run with a limit of 15":                       {witness{schema: requestTo("POST", "/threads/t/runs"), instance: `{"assistant_id":"a","max_completion_tokens":15}`}, "/max_completion_tokens"},
		"realtime session's model as a number":         {witness{schema: toRealtime, instance: `{"model":4}`}, "/model"},
		"realtime session with another field":          {witness{schema: toRealtime, instance: `{"modle":"gpt-realtime"}`}, "/modle"},
		"embedding of text in a list":                  {witness{schema: component("Embedding"), instance: `{"object":"embedding","index":0,"embedding":["AACAPw=="]}`}, "/embedding/0"},
		"error event that says nothing":                {witness{schema: event, instance: `{"type":"error","sequence_number":1}`}, ""},
		"error event with half an error":               {witness{schema: event, instance: `{"type":"error","sequence_number":1,"error":{"type":"a","code":"b"}}`}, "/error"},
		"obfuscation that is not text":                 {witness{schema: event, instance: `{"type":"response.output_text.delta","item_id":"a","output_index":0,"content_index":0,"delta":"b","sequence_number":1,"logprobs":[],"obfuscation":1}`}, "/obfuscation"},
		"batch completed at a time in words":           {witness{schema: component("Batch"), instance: `{"id":"a","object":"batch","endpoint":"/v1/b","input_file_id":"c","completion_window":"24h","status":"completed","created_at":1,"completed_at":"now"}`}, "/completed_at"},
		"completion finished for another reason":       {witness{schema: responseOf("POST", "/completions", 200, "text/event-stream"), instance: `{"id":"a","object":"text_completion","created":1,"model":"b","choices":[{"text":"a","index":0,"logprobs":null,"finish_reason":"tool_calls"}]}`}, "/choices/0/finish_reason"},
		"vector store that expires some day":           {witness{schema: component("VectorStoreObject"), instance: `{"id":"a","object":"vector_store","usage_bytes":0,"created_at":1,"status":"completed","last_active_at":1,"name":null,"file_counts":{"in_progress":0,"completed":0,"failed":0,"cancelled":0,"total":0},"metadata":{},"expires_after":{"days":1}}`}, "/expires_after"},
		"function tool with parameters as text":        {witness{schema: toResponses, instance: withTool(`{"type":"function","name":"f","parameters":"{}"}`)}, "/tools/0/parameters"},
		"function name with a dot":                     {witness{schema: toResponses, instance: withTool(`{"type":"function","name":"a.b"}`)}, "/tools/0/name"},
		"function name that is empty":                  {witness{schema: toBeta, instance: withTool(`{"type":"function","name":""}`)}, "/tools/0/name"},
		"function name with a slash, in a chat":        {witness{schema: toChat, instance: chat(`"tools":[{"type":"function","function":{"name":"get/weather"}}]`)}, "/tools/0/function/name"},
		"choice of a tool that there is not":           {witness{schema: toResponses, instance: `{"model":"a","input":"b","tool_choice":{"type":"web_find"}}`}, "/tool_choice/type"},
		"metadata value of a number":                   {witness{schema: toChat, instance: chat(`"metadata":{"a":3}`)}, "/metadata/a"},
		"metadata value of a boolean":                  {witness{schema: requestTo("POST", "/threads/t"), instance: `{"metadata":{"a":true}}`}, "/metadata/a"},
		"metadata value of a number, beta":             {witness{schema: toBeta, instance: `{"model":"a","input":"b","metadata":{"a":3}}`}, "/metadata/a"},
		"function call of another status":              {witness{schema: toResponses, instance: withInput(`{"type":"function_call","call_id":"a","name":"b","arguments":"{}","status":"lost"}`)}, "/input/0/status"},
		"function call with its ID null":               {witness{schema: toResponses, instance: withInput(`{"type":"function_call","call_id":null,"name":"b","arguments":"{}"}`)}, "/input/0/call_id"},
		"function call with its item's ID null":        {witness{schema: toResponses, instance: withInput(`{"type":"function_call","id":null,"call_id":"a","name":"b","arguments":"{}"}`)}, "/input/0/id"},
		"function call with its namespace null, beta":  {witness{schema: toBeta, instance: withInput(`{"type":"function_call","call_id":"a","name":"b","arguments":"{}","namespace":null}`)}, "/input/0/namespace"},
		"custom tool call with its status null":        {witness{schema: toResponses, instance: withInput(`{"type":"custom_tool_call","call_id":"a","name":"b","input":"c","status":null}`)}, "/input/0/status"},
		"reasoning with its status null":               {witness{schema: toResponses, instance: withInput(`{"type":"reasoning","id":"a","summary":[],"status":null}`)}, "/input/0/status"},
		"output of a call with its ID as a number":     {witness{schema: toResponses, instance: withInput(`{"type":"function_call_output","call_id":1,"output":"a"}`)}, "/input/0/call_id"},
		"output of a call with its ID empty":           {witness{schema: toResponses, instance: withInput(`{"type":"function_call_output","call_id":"","output":"a"}`)}, "/input/0/call_id"},
		"output of a call and nothing of it":           {witness{schema: toResponses, instance: withInput(`{"type":"function_call_output","call_id":"a"}`)}, "/input/0"},
		"user's message with a number as its ID":       {witness{schema: toResponses, instance: withInput(`{"type":"message","id":1,"role":"user","content":[{"type":"input_text","text":"a"}]}`)}, "/input/0/id"},
		"user's message with its author":               {witness{schema: toResponses, instance: withInput(`{"type":"message","id":"a","created_by":"b","role":"user","content":[{"type":"input_text","text":"a"}]}`)}, "/input/0/created_by"},
		"image without the ID of its call":             {witness{schema: toResponses, instance: withInput(`{"type":"image_generation_call"}`)}, "/input/0"},
		"image with its status and no result":          {witness{schema: toResponses, instance: withInput(`{"type":"image_generation_call","id":"a","status":"completed"}`)}, "/input/0"},
		"image with its result and no status":          {witness{schema: toBeta, instance: withInput(`{"type":"image_generation_call","id":"a","result":"aGk="}`)}, "/input/0"},
		"image of another quality":                     {witness{schema: toResponses, instance: withInput(`{"type":"image_generation_call","id":"a","quality":"best"}`)}, "/input/0/quality"},
		"generated image with a field misspelt":        {witness{schema: toResponses, instance: withInput(`{"type":"image_generation_call","id":"a","back_ground":"opaque"}`)}, "/input/0/back_ground"},
		"web search of another status":                 {witness{schema: toResponses, instance: withInput(`{"type":"web_search_call","id":"a","status":"lost"}`)}, "/input/0/status"},
		"web search without its status":                {witness{schema: toBeta, instance: withInput(`{"type":"web_search_call","id":"a"}`)}, "/input/0"},
		"web search with its action null":              {witness{schema: toResponses, instance: withInput(`{"type":"web_search_call","id":"a","status":"incomplete","action":null}`)}, "/input/0/action"},
		"MCP tools with an error of another kind":      {witness{schema: toResponses, instance: withInput(`{"type":"mcp_list_tools","id":"a","server_label":"b","tools":[],"error":{"type":"mcp_tool_execution_error","content":[]}}`)}, "/input/0/error"},
		"MCP tools with half an error":                 {witness{schema: toBeta, instance: withInput(`{"type":"mcp_list_tools","id":"a","server_label":"b","tools":[],"error":{"type":"http_error"}}`)}, "/input/0/error"},
		"approval without its request":                 {witness{schema: toResponses, instance: withInput(`{"type":"mcp_approval_response","approve":true}`)}, "/input/0"},
		"approval that is neither yes nor no":          {witness{schema: toBeta, instance: withInput(`{"type":"mcp_approval_response","approval_request_id":"a"}`)}, "/input/0"},
		"approval with the phantom":                    {witness{schema: toResponses, instance: withInput(`{"type":"mcp_approval_response","approval_request_id":"a","approve":true,"request_id":"b"}`)}, "/input/0/request_id"},
		"screenshot of another kind":                   {witness{schema: toResponses, instance: withInput(`{"type":"computer_call_output","call_id":"a","output":{"type":"output_image"}}`)}, "/input/0/output/type"},
		"reference to an item without its ID":          {witness{schema: component("RealtimeClientEvent"), instance: `{"type":"response.create","response":{"input":[{"type":"item_reference"}]}}`}, "/response/input/0"},
		"item of a conversation that is a reference":   {witness{schema: component("RealtimeClientEvent"), instance: `{"type":"conversation.item.create","item":{"type":"item_reference","id":"a"}}`}, "/item/type"},
		"output of a session with its voice null":      {witness{schema: component("RealtimeClientEvent"), instance: `{"type":"session.update","session":{"type":"realtime","audio":{"output":{"voice":null}}}}`}, "/session/audio/output/voice"},
		"noise reduction of no kind":                   {witness{schema: component("RealtimeClientEvent"), instance: `{"type":"session.update","session":{"type":"realtime","audio":{"input":{"noise_reduction":{"type":null}}}}}`}, "/session/audio/input/noise_reduction/type"},
		"session with its audio's input null":          {witness{schema: component("RealtimeClientEvent"), instance: `{"type":"session.update","session":{"type":"realtime","audio":{"input":null}}}`}, "/session/audio/input"},
		"transcription of a session as text":           {witness{schema: component("RealtimeClientEvent"), instance: `{"type":"session.update","session":{"type":"transcription","audio":{"input":{"transcription":"off"}}}}`}, "/session/audio/input/transcription"},
		"tracing of another kind":                      {witness{schema: component("RealtimeSessionCreateRequest"), instance: `{"tracing":"off"}`}, "/tracing"},
		"turn detection as text, in the beta":          {witness{schema: component("RealtimeSessionCreateRequest"), instance: `{"turn_detection":"off"}`}, "/turn_detection"},
		"speed of a session null, in the beta":         {witness{schema: component("RealtimeSessionCreateRequest"), instance: `{"speed":null}`}, "/speed"},
		"conversation of a response as a number":       {witness{schema: component("RealtimeServerEvent"), instance: `{"type":"response.done","event_id":"a","response":{"id":"b","conversation_id":1}}`}, "/response/conversation_id"},
		"transcription session created without secret": {witness{schema: component("RealtimeTranscriptionSessionCreateResponse"), instance: `{"input_audio_format":"pcm16"}`}, "/"},
		"transcription session in an event misspelt":   {witness{schema: component("RealtimeBetaServerEvent"), instance: `{"type":"transcription_session.updated","event_id":"a","session":{"input_format":"pcm16"}}`}, "/session/input_format"},
		"project with its geography as a number":       {witness{schema: requestTo("POST", "/organization/projects"), instance: `{"name":"a","geography":1}`}, "/geography"},
		"project with another field":                   {witness{schema: requestTo("POST", "/organization/projects"), instance: `{"name":"a","geografy":"EU"}`}, "/geografy"},
		"file batch with an empty list":                {witness{schema: requestTo("POST", "/vector_stores/v/file_batches"), instance: `{"file_ids":[]}`}, "/file_ids"},
		"upload of another purpose":                    {witness{schema: requestTo("POST", "/uploads"), instance: `{"filename":"a","purpose":"user-data","bytes":1,"mime_type":"text/plain"}`}, "/purpose"},
		"skill with files that are a number":           {witness{schema: component("CreateSkillBody"), instance: `{"files":1}`}, "/files"},
		"choice without its reason to have finished":   {witness{schema: responseOf("POST", "/chat/completions", 200, "application/json"), instance: `{"id":"a","object":"chat.completion","created":1,"model":"b","choices":[{"index":0,"message":{"role":"assistant","content":"c","refusal":null}}]}`}, "/choices/0"},
		"line of batch output without its request":     {witness{schema: component("BatchRequestOutput"), instance: `{"id":"a","response":null,"error":null}`}, "/"},
		"line of batch output with its status as text": {witness{schema: component("BatchRequestOutput"), instance: `{"id":"a","custom_id":"b","response":{"status_code":"200","body":{}}}`}, "/response/status_code"},
		"line of batch output with an error as text":   {witness{schema: component("BatchRequestOutput"), instance: `{"id":"a","custom_id":"b","error":"expired"}`}, "/error"},
		"line of batch output with another field":      {witness{schema: component("BatchRequestOutput"), instance: `{"id":"a","custom_id":"b","respons":{}}`}, "/respons"},
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
