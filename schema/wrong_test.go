package schema_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/opcall/opcall/schema"
)

// wrong is one request with mistakes, as people make them.
type wrong struct{ name, operation, body string }

var wrongs = []wrong{
	{"wrong role", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"usr","content":"hi"}]}`},
	{"role of another API", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"human","content":"hi"}]}`},
	{"missing role", "createChatCompletion", `{"model":"gpt-4o","messages":[{"content":"hi"}]}`},
	{"misspelt role key", "createChatCompletion", `{"model":"gpt-4o","messages":[{"rol":"user","content":"hi"}]}`},
	{"missing model", "createChatCompletion", `{"messages":[{"role":"user","content":"hi"}]}`},
	{"missing messages", "createChatCompletion", `{"model":"gpt-4o"}`},
	{"prompt in place of messages", "createChatCompletion", `{"model":"gpt-4o","prompt":"hi"}`},
	{"no messages", "createChatCompletion", `{"model":"gpt-4o","messages":[]}`},
	{"messages a string", "createChatCompletion", `{"model":"gpt-4o","messages":"hi"}`},
	{"message a string", "createChatCompletion", `{"model":"gpt-4o","messages":["hi"]}`},
	{"missing content", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user"}]}`},
	{"content null", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":null}]}`},
	{"content a number", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":7}]}`},
	{"content an object", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":{"type":"text","text":"hi"}}]}`},
	{"missing text in a part", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":[{"type":"text"}]}]}`},
	{"misspelt text in a part", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":[{"type":"text","txt":"hi"}]}]}`},
	{"part of the responses API", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":[{"type":"input_text","text":"hi"}]}]}`},
	{"part without type", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":[{"text":"hi"}]}]}`},
	{"image url a string", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":[{"type":"image_url","image_url":"https://example.com/a.png"}]}]}`},
	{"image detail", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://example.com/a.png","detail":"hi"}}]}]}`},
	{"temperature 3", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"temperature":3}`},
	{"temperature a string", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"temperature":"0.7"}`},
	{"max_tokens a fraction", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"max_tokens":1.5}`},
	{"misspelt field", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"temprature":0.5}`},
	{"field of another vendor", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"top_k":40}`},
	{"camel case", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"maxTokens":40}`},
	{"n 0", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"n":0}`},
	{"stop a number", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"stop":7}`},
	{"five stops", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"stop":["a","b","c","d","e"]}`},
	{"bad service tier", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"service_tier":"slow"}`},
	{"tool type typo", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"tools":[{"type":"fuction","function":{"name":"f"}}]}`},
	{"tool without function", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"tools":[{"type":"function"}]}`},
	{"tool as in responses", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"tools":[{"type":"function","name":"f","parameters":{}}]}`},
	{"tool without name", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"tools":[{"type":"function","function":{"description":"d"}}]}`},
	{"tool choice typo", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"tool_choice":"atuo"}`},
	{"tool choice by name", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"tool_choice":{"type":"function","name":"f"}}`},
	{"tool message without id", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"tool","content":"42"}]}`},
	{"tool arguments an object", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":{"a":1}}}]}]}`},
	{"response format a string", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"response_format":"json_object"}`},
	{"response format typo", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"response_format":{"type":"json"}}`},
	{"json schema without name", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"response_format":{"type":"json_schema","json_schema":{"schema":{"type":"object"}}}}`},
	{"json schema not wrapped", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"response_format":{"type":"json_schema","schema":{"type":"object"}}}`},
	{"metadata a list", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"metadata":["a"]}`},
	{"metadata nested", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"metadata":{"a":{"b":1}}}`},
	{"stream a string", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"stream":"true"}`},
	{"three mistakes", "createChatCompletion", `{"model":7,"messages":[{"role":"user","content":"hi"},{"role":"assistent","content":"hi"}],"temperature":-1}`},
	{"a list", "createChatCompletion", `[{"role":"user","content":"hi"}]`},
	{"truncated", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}`},
	{"key twice", "createChatCompletion", `{"model":"gpt-4o","messages":[],"model":"gpt-4o"}`},

	{"chat part in a responses body", "createResponse", `{"model":"gpt-4o","input":[{"role":"user","content":[{"type":"text","text":"hi"}]}]}`},
	{"chat image in a responses body", "createResponse", `{"model":"gpt-4o","input":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://example.com/a.png"}}]}]}`},
	{"messages in a responses body", "createResponse", `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}]}`},
	{"responses role", "createResponse", `{"model":"gpt-4o","input":[{"role":"usr","content":"hi"}]}`},
	{"responses tool role", "createResponse", `{"model":"gpt-4o","input":[{"role":"tool","content":"hi"}]}`},
	{"input a number", "createResponse", `{"model":"gpt-4o","input":7}`},
	{"input an object", "createResponse", `{"model":"gpt-4o","input":{"role":"user","content":"hi"}}`},
	{"item type typo", "createResponse", `{"model":"gpt-4o","input":[{"type":"function_cal_output","call_id":"c","output":"42"}]}`},
	{"call without call id", "createResponse", `{"model":"gpt-4o","input":[{"type":"function_call","name":"f","arguments":"{}"}]}`},
	{"output a number", "createResponse", `{"model":"gpt-4o","input":[{"type":"function_call_output","call_id":"c","output":42}]}`},
	{"chat tool in a responses body", "createResponse", `{"model":"gpt-4o","input":"hi","tools":[{"type":"function","function":{"name":"f","parameters":{}}}]}`},
	{"unknown tool", "createResponse", `{"model":"gpt-4o","input":"hi","tools":[{"type":"web_serch"}]}`},
	{"file search without store", "createResponse", `{"model":"gpt-4o","input":"hi","tools":[{"type":"file_search"}]}`},
	{"file search store a string", "createResponse", `{"model":"gpt-4o","input":"hi","tools":[{"type":"file_search","vector_store_ids":"vs_1"}]}`},
	{"code interpreter without container", "createResponse", `{"model":"gpt-4o","input":"hi","tools":[{"type":"code_interpreter"}]}`},
	{"max_tokens in a responses body", "createResponse", `{"model":"gpt-4o","input":"hi","max_tokens":10}`},
	{"response_format in a responses body", "createResponse", `{"model":"gpt-4o","input":"hi","response_format":{"type":"json_object"}}`},
	{"text format unwrapped", "createResponse", `{"model":"gpt-4o","input":"hi","text":{"type":"json_object"}}`},
	{"text format typo", "createResponse", `{"model":"gpt-4o","input":"hi","text":{"format":{"type":"json_scheme","name":"a","schema":{}}}}`},
	{"effort", "createResponse", `{"model":"gpt-4o","input":"hi","reasoning":{"effort":"hgih"}}`},
	{"include", "createResponse", `{"model":"gpt-4o","input":"hi","include":["reasoning.encrypted_contents"]}`},
	{"include a string", "createResponse", `{"model":"gpt-4o","input":"hi","include":"reasoning.encrypted_content"}`},
	{"truncation", "createResponse", `{"model":"gpt-4o","input":"hi","truncation":"yes"}`},
	{"deep mistake", "createResponse", `{"model":"gpt-4o","input":[{"type":"message","role":"user","content":[{"type":"input_image","detail":"hgh","image_url":"https://example.com/a.png"}]}]}`},

	{"embedding without input", "createEmbedding", `{"model":"text-embedding-3-small"}`},
	{"embedding of an object", "createEmbedding", `{"model":"text-embedding-3-small","input":{"text":"a"}}`},
	{"embedding of mixed tokens", "createEmbedding", `{"model":"text-embedding-3-small","input":[1,"a"]}`},
	{"embedding of nothing", "createEmbedding", `{"model":"text-embedding-3-small","input":[]}`},
	{"embedding format", "createEmbedding", `{"model":"text-embedding-3-small","input":"a","encoding_format":"base46"}`},
	{"embedding dimensions", "createEmbedding", `{"model":"text-embedding-3-small","input":"a","dimensions":0}`},
	{"image size", "createImage", `{"prompt":"a cat","model":"gpt-image-1","size":1024}`},
	{"image format", "createImage", `{"prompt":"a cat","model":"gpt-image-1","output_format":"jpg"}`},
	{"image count", "createImage", `{"prompt":"a cat","n":11}`},
	{"image quality", "createImage", `{"prompt":"a cat","quality":"ultra"}`},
	{"image without prompt", "createImage", `{"model":"gpt-image-1"}`},
	{"transcription without file", "createTranscription", `{"model":"whisper-1"}`},
	{"transcription format", "createTranscription", `{"file":"data","model":"whisper-1","response_format":"jsn"}`},
	{"transcription granularity", "createTranscription", `{"file":"data","model":"whisper-1","timestamp_granularities":["words"]}`},
	{"speech voice", "createSpeech", `{"model":"tts-1","input":"hi","voice":7}`},
	{"speech speed", "createSpeech", `{"model":"tts-1","input":"hi","voice":"alloy","speed":5}`},
	{"speech format", "createSpeech", `{"model":"tts-1","input":"hi","voice":"alloy","response_format":"mp4"}`},
	{"batch window", "createBatch", `{"input_file_id":"file-1","endpoint":"/v1/chat/completions","completion_window":"48h"}`},
	{"batch endpoint", "createBatch", `{"input_file_id":"file-1","endpoint":"/v1/chat/completion","completion_window":"24h"}`},
	{"fine-tuning without file", "createFineTuningJob", `{"model":"gpt-4o-mini"}`},
	{"fine-tuning epochs", "createFineTuningJob", `{"model":"gpt-4o-mini","training_file":"file-1","hyperparameters":{"n_epochs":"three"}}`},
	{"fine-tuning method", "createFineTuningJob", `{"model":"gpt-4o-mini","training_file":"file-1","method":{"type":"sft"}}`},
	{"fine-tuning integration", "createFineTuningJob", `{"model":"gpt-4o-mini","training_file":"file-1","integrations":[{"type":"wandb"}]}`},
	{"assistant without model", "createAssistant", `{"name":"a"}`},
	{"assistant tool", "createAssistant", `{"model":"gpt-4o","tools":[{"type":"retrieval"}]}`},
	{"assistant resources", "createAssistant", `{"model":"gpt-4o","tool_resources":{"file_search":{"vector_store_ids":["a","b"]}}}`},
	{"assistant format", "createAssistant", `{"model":"gpt-4o","response_format":"json"}`},
	{"thread role", "createThread", `{"messages":[{"role":"system","content":"hi"}]}`},
	{"thread content", "createThread", `{"messages":[{"role":"user","content":[{"type":"image_file"}]}]}`},
	{"run without assistant", "createRun", `{"model":"gpt-4o"}`},
	{"run truncation", "createRun", `{"assistant_id":"asst_1","truncation_strategy":{"type":"last"}}`},
	{"vector store expiry", "createVectorStore", `{"expires_after":{"anchor":"created_at","days":7}}`},
	{"vector store chunking", "createVectorStore", `{"file_ids":["file-1"],"chunking_strategy":{"type":"static","static":{"max_chunk_size_tokens":50,"chunk_overlap_tokens":10}}}`},
	{"moderation without input", "createModeration", `{"model":"omni-moderation-latest"}`},
	{"moderation image", "createModeration", `{"input":[{"type":"image_url","image_url":"https://example.com/a.png"}]}`},
	{"realtime turn detection", "create-realtime-client-secret", `{"session":{"type":"realtime","audio":{"input":{"turn_detection":{"type":"vad"}}}}}`},
	{"realtime modality", "create-realtime-client-secret", `{"session":{"type":"realtime","output_modalities":["voice"]}}`},
	{"completion without prompt", "createCompletion", `{"model":"gpt-3.5-turbo-instruct"}`},
	{"upload purpose", "createUpload", `{"filename":"a","purpose":"finetune","bytes":1,"mime_type":"text/plain"}`},
	{"eval without source", "createEval", `{"name":"e"}`},
	{"conversation item", "createConversationItems", `{"items":[{"type":"message","role":"user","content":[{"type":"text","text":"hi"}]}]}`},
}

// What a person reads who made a mistake: one line for each, none for anything
// else, with the place, what is there, what is wanted, and the component that
// says so. The difference to the golden file is for review, line by line.
func TestWrongRequests(t *testing.T) {
	t.Parallel()
	doc := builtin(t)
	var b strings.Builder
	for _, w := range wrongs {
		op, err := doc.Operation(w.operation)
		if err != nil {
			t.Fatal(err)
		}
		err = op.RequestBody.Content[0].Schema.Validate(w.body, schema.WithSubject(w.operation))
		var invalid *schema.ValidationError
		if !errors.As(err, &invalid) {
			t.Errorf("%s: %s %s: got %v, want a *ValidationError", w.name, w.operation, w.body, err)
			continue
		}
		fmt.Fprintf(&b, "-- %s --\n%s %s\n", w.name, w.operation, w.body)
		for _, p := range invalid.Problems {
			fmt.Fprintf(&b, "    %s\n", p)
		}
	}
	golden(t, "wrong.golden", b.String())
}
