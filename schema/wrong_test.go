package schema_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/opcall/opcall/schema"
)

// wrong is a text with mistakes, as people make them: the body of an operation's
// request, an instance of a component, or the payload of a webhook.
type wrong struct{ name, of, body string }

// validate returns the error of the text.
func (w wrong) validate(doc *schema.Document) error { return w.validateText(doc, []byte(w.body)) }

func (w wrong) validateText(doc *schema.Document, text []byte) error {
	if w.of == "webhook" {
		_, err := doc.ValidateWebhook(text)
		return err
	}
	if op, err := doc.Operation(w.of); err == nil {
		return op.RequestBody.Content[0].Schema.Validate(text)
	}
	return doc.Validate(w.of, text)
}

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

	{"output text without text", "createResponse", `{"model":"gpt-4o","input":[{"role":"assistant","content":[{"type":"output_text"}]}]}`},
	{"output text misspelt", "createResponse", `{"model":"gpt-4o","input":[{"role":"assistant","content":[{"type":"output_text","txt":"hi"}]}]}`},
	{"output text a number", "createResponse", `{"model":"gpt-4o","input":[{"type":"message","role":"assistant","content":[{"type":"output_text","text":7}]}]}`},
	{"annotation type typo", "createResponse", `{"model":"gpt-4o","input":[{"type":"message","role":"assistant","content":[{"type":"output_text","text":"hi","annotations":[{"type":"url_cite"}]}]}]}`},
	{"annotation half", "createResponse", `{"model":"gpt-4o","input":[{"type":"message","id":"msg_1","status":"completed","role":"assistant","content":[{"type":"output_text","text":"hi","annotations":[{"type":"url_citation","start_index":0}]}]}]}`},
	{"output type typo", "createResponse", `{"model":"gpt-4o","input":[{"type":"message","id":"msg_1","status":"completed","role":"assistant","content":[{"type":"output_txt","text":"hi"}]}]}`},
	{"input text in an output message", "createResponse", `{"model":"gpt-4o","input":[{"type":"message","id":"msg_1","status":"completed","role":"assistant","content":[{"type":"input_text","text":"hi"}]}]}`},
	{"refusal without refusal", "createResponse", `{"model":"gpt-4o","input":[{"role":"assistant","content":[{"type":"refusal"}]}]}`},
	{"output text of a user", "createResponse", `{"model":"gpt-4o","input":[{"role":"user","content":[{"type":"output_text","text":"hi"}]}]}`},
	{"input text without text", "createResponse", `{"model":"gpt-4o","input":[{"role":"user","content":[{"type":"input_text"}]}]}`},
	{"second part image url a number", "createResponse", `{"model":"gpt-4o","input":[{"role":"user","content":[{"type":"input_text","text":"a"},{"type":"input_image","image_url":7}]}]}`},
	{"file part field", "createResponse", `{"model":"gpt-4o","input":[{"role":"user","content":[{"type":"input_file","file":"x"}]}]}`},
	{"message field misspelt", "createResponse", `{"model":"gpt-4o","input":[{"role":"user","content":"hi","nme":"x"}]}`},
	{"message with a name", "createResponse", `{"model":"gpt-4o","input":[{"type":"message","role":"user","content":"hi","name":"x"}]}`},
	{"typed message without content", "createResponse", `{"model":"gpt-4o","input":[{"type":"message","role":"user"}]}`},
	{"message without content", "createResponse", `{"model":"gpt-4o","input":[{"role":"user"}]}`},
	{"message without role", "createResponse", `{"model":"gpt-4o","input":[{"content":"hi"}]}`},
	{"item a string", "createResponse", `{"model":"gpt-4o","input":["hi"]}`},
	{"tool output part without text", "createResponse", `{"model":"gpt-4o","input":[{"type":"function_call_output","call_id":"c","output":[{"type":"input_text"}]}]}`},
	{"tool output part of chat", "createResponse", `{"model":"gpt-4o","input":[{"type":"function_call_output","call_id":"c","output":[{"type":"text","text":"hi"}]}]}`},
	{"tool output image detail", "createResponse", `{"model":"gpt-4o","input":[{"type":"function_call_output","call_id":"c","output":[{"type":"input_image","detail":"hgh"}]}]}`},
	{"call id misspelt", "createResponse", `{"model":"gpt-4o","input":[{"type":"function_call_output","callid":"c","output":"x"}]}`},
	{"custom tool output file id", "createResponse", `{"model":"gpt-4o","input":[{"type":"custom_tool_call_output","call_id":"c","output":[{"type":"input_file","fileid":"x"}]}]}`},
	{"screenshot type", "createResponse", `{"model":"gpt-4o","input":[{"type":"computer_call_output","call_id":"c","output":{"type":"screenshot"}}]}`},
	{"action typo", "createResponse", `{"model":"gpt-4o","input":[{"type":"computer_call","id":"i","call_id":"c","status":"completed","pending_safety_checks":[],"action":{"type":"clik","x":1,"y":2,"button":"left"}}]}`},
	{"action button", "createResponse", `{"model":"gpt-4o","input":[{"type":"computer_call","id":"i","call_id":"c","status":"completed","pending_safety_checks":[],"action":{"type":"click","x":1,"y":2,"button":"lft"}}]}`},
	{"action without y", "createResponse", `{"model":"gpt-4o","input":[{"type":"computer_call","id":"i","call_id":"c","status":"completed","pending_safety_checks":[],"action":{"type":"click","x":1,"button":"left"}}]}`},
	{"shell command a string", "createResponse", `{"model":"gpt-4o","input":[{"type":"local_shell_call","id":"i","call_id":"c","status":"completed","action":{"type":"exec","command":"ls","env":{}}}]}`},
	{"summary type", "createResponse", `{"model":"gpt-4o","input":[{"type":"reasoning","id":"rs","summary":[{"type":"summary"}]}]}`},
	{"reasoning without id", "createResponse", `{"model":"gpt-4o","input":[{"type":"reasoning","summary":"x"}]}`},
	{"search action typo", "createResponse", `{"model":"gpt-4o","input":[{"type":"web_search_call","id":"w","status":"completed","action":{"type":"serch","query":"x"}}]}`},
	{"search action field", "createResponse", `{"model":"gpt-4o","input":[{"type":"web_search_call","id":"w","status":"completed","action":{"type":"search","qery":"x"}}]}`},
	{"mcp call empty", "createResponse", `{"model":"gpt-4o","input":[{"type":"mcp_call","id":"w"}]}`},
	{"output message status", "createResponse", `{"model":"gpt-4o","input":[{"id":"msg_1","role":"assistant","content":[{"type":"output_text","text":"hi","annotations":[]}],"type":"message","status":"compleated"}]}`},
	{"arguments an object", "createResponse", `{"model":"gpt-4o","input":[{"type":"function_call","call_id":"c","name":"f","arguments":{"a":1}}]}`},
	{"reference without id", "createResponse", `{"model":"gpt-4o","input":[{"type":"item_reference"}]}`},
	{"reference id a number", "createResponse", `{"model":"gpt-4o","input":[{"type":"item_reference","id":7}]}`},
	{"type misspelt", "createResponse", `{"model":"gpt-4o","input":[{"tipe":"function_call","call_id":"c","name":"f","arguments":"{}"}]}`},
	{"function tool name misspelt", "createResponse", `{"model":"gpt-4o","input":"hi","tools":[{"type":"function","nam":"f","parameters":{},"strict":true}]}`},
	{"function parameters a string", "createResponse", `{"model":"gpt-4o","input":"hi","tools":[{"type":"function","name":"f","parameters":"x","strict":true}]}`},
	{"mcp url a number", "createResponse", `{"model":"gpt-4o","input":"hi","tools":[{"type":"mcp","server_label":"x","server_url":7}]}`},
	{"mcp without label", "createResponse", `{"model":"gpt-4o","input":"hi","tools":[{"type":"mcp","server_url":"x"}]}`},
	{"mcp approval", "createResponse", `{"model":"gpt-4o","input":"hi","tools":[{"type":"mcp","server_label":"l","server_url":"x","require_approval":"nevr"}]}`},
	{"search context size", "createResponse", `{"model":"gpt-4o","input":"hi","tools":[{"type":"web_search","search_context_size":"hgh"}]}`},
	{"user location type", "createResponse", `{"model":"gpt-4o","input":"hi","tools":[{"type":"web_search","user_location":{"type":"approx"}}]}`},
	{"filter type", "createResponse", `{"model":"gpt-4o","input":"hi","tools":[{"type":"file_search","vector_store_ids":["a"],"filters":{"type":"eqq","key":"k","value":1}}]}`},
	{"nested filter", "createResponse", `{"model":"gpt-4o","input":"hi","tools":[{"type":"file_search","vector_store_ids":["a"],"filters":{"type":"and","filters":[{"type":"eq","key":"k"}]}}]}`},
	{"container type", "createResponse", `{"model":"gpt-4o","input":"hi","tools":[{"type":"code_interpreter","container":{"type":"atuo"}}]}`},
	{"container file ids", "createResponse", `{"model":"gpt-4o","input":"hi","tools":[{"type":"code_interpreter","container":{"type":"auto","file_ids":"x"}}]}`},
	{"grammar syntax", "createResponse", `{"model":"gpt-4o","input":"hi","tools":[{"type":"custom","name":"c","format":{"type":"grammar","syntax":"ebnf","definition":"x"}}]}`},
	{"tool without type", "createResponse", `{"model":"gpt-4o","input":"hi","tools":[{"name":"f"}]}`},
	{"tools an object", "createResponse", `{"model":"gpt-4o","input":"hi","tools":{"type":"function"}}`},
	{"responses tool choice typo", "createResponse", `{"model":"gpt-4o","input":"hi","tool_choice":"atuo"}`},
	{"responses tool choice without name", "createResponse", `{"model":"gpt-4o","input":"hi","tool_choice":{"type":"function"}}`},
	{"responses tool choice as in chat", "createResponse", `{"model":"gpt-4o","input":"hi","tool_choice":{"type":"function","function":{"name":"f"}}}`},
	{"responses tool choice type typo", "createResponse", `{"model":"gpt-4o","input":"hi","tool_choice":{"type":"fnction","name":"f"}}`},
	{"allowed tools mode", "createResponse", `{"model":"gpt-4o","input":"hi","tool_choice":{"type":"allowed_tools","mode":"aut","tools":[]}}`},
	{"mcp choice without label", "createResponse", `{"model":"gpt-4o","input":"hi","tool_choice":{"type":"mcp"}}`},
	{"responses tool choice without type", "createResponse", `{"model":"gpt-4o","input":"hi","tool_choice":{"name":"f"}}`},
	{"text format without name", "createResponse", `{"model":"gpt-4o","input":"hi","text":{"format":{"type":"json_schema","schema":{}}}}`},
	{"text format as in chat", "createResponse", `{"model":"gpt-4o","input":"hi","text":{"format":{"type":"json_schema","json_schema":{"name":"a","schema":{}}}}}`},
	{"verbosity", "createResponse", `{"model":"gpt-4o","input":"hi","text":{"verbosity":"hi"}}`},
	{"conversation id misspelt", "createResponse", `{"model":"gpt-4o","input":"hi","conversation":{"di":"x"}}`},
	{"prompt variable a number", "createResponse", `{"model":"gpt-4o","input":"hi","prompt":{"id":"p","variables":{"a":7}}}`},
	{"prompt without id", "createResponse", `{"model":"gpt-4o","input":"hi","prompt":{"version":"1"}}`},
	{"image in a system message", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"system","content":[{"type":"image_url","image_url":{"url":"x"}}]}]}`},
	{"developer part without text", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"developer","content":[{"type":"text"}]}]}`},
	{"refusal part without refusal", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"assistant","content":[{"type":"refusal"}]}]}`},
	{"assistant part of responses", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"assistant","content":[{"type":"output_text","text":"x"}]}]}`},
	{"assistant part field", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"assistant","content":[{"type":"text","text":"x","cache":1}]}]}`},
	{"image in a tool message", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"tool","tool_call_id":"c","content":[{"type":"image_url","image_url":{"url":"x"}}]}]}`},
	{"tool part misspelt", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"tool","tool_call_id":"c","content":[{"type":"text","txt":"x"}]}]}`},
	{"audio format", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"x","format":"ogg"}}]}]}`},
	{"file id misspelt", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":[{"type":"file","file":{"fileid":"x"}}]}]}`},
	{"file id not wrapped", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":[{"type":"file","file_id":"x"}]}]}`},
	{"part a string", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":["hi"]}]}`},
	{"function message without name", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"function","content":"x"}]}`},
	{"tool call type", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"assistant","tool_calls":[{"id":"c","type":"fn","function":{"name":"f","arguments":"x"}}]}]}`},
	{"custom call without input", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"assistant","tool_calls":[{"id":"c","type":"custom","custom":{"name":"f"}}]}]}`},
	{"tool call without id", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"assistant","tool_calls":[{"type":"function","function":{"name":"f","arguments":"x"}}]}]}`},
	{"tool call without type", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"assistant","tool_calls":[{"id":"c","function":{"name":"f","arguments":"x"}}]}]}`},
	{"audio without id", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"assistant","audio":{}}]}`},
	{"tool call id of a user", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":"hi","tool_call_id":"x"}]}`},
	{"custom format typo", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"tools":[{"type":"custom","custom":{"name":"c","format":{"type":"grammer"}}}]}`},
	{"grammar half", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"tools":[{"type":"custom","custom":{"name":"c","format":{"type":"grammar","grammar":{"syntax":"lark"}}}}]}`},
	{"chat tool without type", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"tools":[{"name":"f"}]}`},
	{"parameters a list", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"tools":[{"type":"function","function":{"name":"f","parameters":[]}}]}`},
	{"chat tool choice type", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"tool_choice":{"type":"fn","function":{"name":"f"}}}`},
	{"chat tool choice without type", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"tool_choice":{"function":{"name":"f"}}}`},
	{"chat allowed tools mode", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"x","tools":[]}}}`},
	{"json schema missing", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"response_format":{"type":"json_schema"}}`},
	{"json schema without type", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"response_format":{"json_schema":{"name":"x"}}}`},
	{"strict a string", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"response_format":{"type":"json_schema","json_schema":{"name":"x","strict":"yes"}}}`},
	{"stream option misspelt", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"stream_options":{"include_usag":true}}`},
	{"audio without format", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"audio":{"voice":"alloy"}}`},
	{"modality", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"modalities":["txt"]}`},
	{"function call misspelt", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"function_call":{"nam":"x"}}`},
	{"prediction without content", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"prediction":{"type":"content"}}`},
	{"logit bias", "createChatCompletion", `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"logit_bias":{"50256":"x"}}`},
	{"session type typo", "create-realtime-client-secret", `{"session":{"type":"realtme"}}`},
	{"session without type", "create-realtime-client-secret", `{"session":{"model":"gpt-realtime"}}`},
	{"session field misspelt", "create-realtime-client-secret", `{"session":{"type":"realtime","modle":"gpt-realtime"}}`},
	{"transcription model a number", "create-realtime-client-secret", `{"session":{"type":"transcription","audio":{"input":{"transcription":{"model":7}}}}}`},
	{"voice in a transcription session", "create-realtime-client-secret", `{"session":{"type":"transcription","voice":"x"}}`},
	{"realtime voice a number", "create-realtime-client-secret", `{"session":{"type":"realtime","audio":{"output":{"voice":7}}}}`},
	{"realtime rate", "create-realtime-client-secret", `{"session":{"type":"realtime","audio":{"input":{"format":{"type":"audio/pcm","rate":8000}}}}}`},
	{"realtime format", "create-realtime-client-secret", `{"session":{"type":"realtime","audio":{"input":{"format":{"type":"pcm16"}}}}}`},
	{"realtime tool type", "create-realtime-client-secret", `{"session":{"type":"realtime","tools":[{"type":"fn"}]}}`},
	{"realtime mcp", "create-realtime-client-secret", `{"session":{"type":"realtime","tools":[{"type":"mcp"}]}}`},
	{"threshold misspelt", "create-realtime-client-secret", `{"session":{"type":"realtime","audio":{"input":{"turn_detection":{"type":"server_vad","treshold":0.5}}}}}`},
	{"turn detection without type", "create-realtime-client-secret", `{"session":{"type":"realtime","audio":{"input":{"turn_detection":{"threshold":0.5}}}}}`},
	{"infinite tokens", "create-realtime-client-secret", `{"session":{"type":"realtime","max_output_tokens":"infinite"}}`},
	{"tracing", "create-realtime-client-secret", `{"session":{"type":"realtime","tracing":"yes"}}`},
	{"client event typo", "RealtimeClientEvent", `{"type":"session.updat","session":{"type":"realtime"}}`},
	{"session of an event", "RealtimeClientEvent", `{"type":"session.update","session":{"type":"realtim"}}`},
	{"realtime part", "RealtimeClientEvent", `{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"text","text":"x"}]}}`},
	{"realtime role", "RealtimeClientEvent", `{"type":"conversation.item.create","item":{"type":"message","role":"usr","content":[]}}`},
	{"realtime output without call id", "RealtimeClientEvent", `{"type":"conversation.item.create","item":{"type":"function_call_output","output":"x"}}`},
	{"append without audio", "RealtimeClientEvent", `{"type":"input_audio_buffer.append"}`},
	{"realtime response modality", "RealtimeClientEvent", `{"type":"response.create","response":{"output_modalities":["x"]}}`},
	{"webhook typo", "webhook", `{"id":"evt_1","object":"event","created_at":1741476542,"type":"response.complete","data":{"id":"x"}}`},
	{"webhook without data", "webhook", `{"id":"evt_1","object":"event","created_at":1741476542,"type":"response.completed","data":{}}`},
	{"webhook time", "webhook", `{"id":"evt_1","object":"event","created_at":"x","type":"response.completed","data":{"id":"x"}}`},
	{"webhook without id", "webhook", `{"object":"event","created_at":1,"type":"batch.failed","data":{"id":"x"}}`},
	{"webhook type misspelt", "webhook", `{"id":"evt_1","object":"event","created_at":1741476542,"typ":"response.completed","data":{"id":"x"}}`},
	{"webhook header", "webhook", `{"id":"evt_1","object":"event","created_at":1,"type":"realtime.call.incoming","data":{"call_id":"x","sip_headers":[{"nam":"a","value":"b"}]}}`},
	{"image edit without image", "createImageEdit", `{"prompt":"x"}`},
	{"image edit background", "createImageEdit", `{"image":"x","prompt":"x","background":"none"}`},
	{"image variation size", "createImageVariation", `{"image":"x","size":"1x1"}`},
	{"image background", "createImage", `{"prompt":"a","background":"transparant"}`},
	{"prompt misspelt", "createImage", `{"promt":"a"}`},
	{"translation without model", "createTranslation", `{"file":"x"}`},
	{"translation format", "createTranslation", `{"file":"x","model":"whisper-1","response_format":"xml"}`},
	{"chunking type", "createTranscription", `{"file":"x","model":"whisper-1","chunking_strategy":{"type":"server_vd"}}`},
	{"chunking a string", "createTranscription", `{"file":"x","model":"whisper-1","chunking_strategy":"server"}`},
	{"transcription include", "createTranscription", `{"file":"x","model":"whisper-1","include":["logprob"]}`},
	{"speech without input", "createSpeech", `{"model":"tts-1","voice":"alloy"}`},
	{"speech voice object", "createSpeech", `{"model":"tts-1","input":"x","voice":{"name":"x"}}`},
	{"embedding of lists of strings", "createEmbedding", `{"model":"m","input":[["a"]]}`},
	{"embedding of half tokens", "createEmbedding", `{"model":"m","input":[[1,2],[3,"x"]]}`},
	{"embedding model misspelt", "createEmbedding", `{"modle":"m","input":"x"}`},
	{"file without purpose", "createFile", `{"file":"x"}`},
	{"file purpose", "createFile", `{"file":"x","purpose":"finetune"}`},
	{"file expiry", "createFile", `{"file":"x","purpose":"batch","expires_after":{"anchor":"created_at","seconds":1}}`},
	{"batch without window", "createBatch", `{"input_file_id":"f","endpoint":"/v1/responses"}`},
	{"batch file", "createBatch", `{"input_file":"f","endpoint":"/v1/responses","completion_window":"24h"}`},
	{"batch expiry", "createBatch", `{"input_file_id":"f","endpoint":"/v1/responses","completion_window":"24h","output_expires_after":{"anchor":"created","seconds":3600}}`},
	{"store file", "createVectorStoreFile", `{"file":"x"}`},
	{"store chunking type", "createVectorStoreFile", `{"file_id":"x","chunking_strategy":{"type":"fixed"}}`},
	{"store attribute a list", "createVectorStoreFile", `{"file_id":"x","attributes":{"a":[1]}}`},
	{"store files a string", "createVectorStoreFileBatch", `{"file_ids":"x"}`},
	{"search query a number", "searchVectorStore", `{"query":7}`},
	{"search filter", "searchVectorStore", `{"query":"x","filters":{"type":"eq","key":"a","vale":1}}`},
	{"search ranker", "searchVectorStore", `{"query":"x","ranking_options":{"ranker":"x"}}`},
	{"message text object", "createMessage", `{"role":"user","content":[{"type":"text","text":{"value":"x"}}]}`},
	{"message image a string", "createMessage", `{"role":"user","content":[{"type":"image_url","image_url":"x"}]}`},
	{"message role", "createMessage", `{"role":"usr","content":"hi"}`},
	{"attachment tool", "createMessage", `{"role":"user","content":"hi","attachments":[{"file_id":"x","tools":[{"type":"function"}]}]}`},
	{"run search results", "createRun", `{"assistant_id":"a","tools":[{"type":"file_search","file_search":{"max_num_results":99}}]}`},
	{"run format", "createRun", `{"assistant_id":"a","response_format":{"type":"json"}}`},
	{"thread store chunking", "createThread", `{"tool_resources":{"file_search":{"vector_stores":[{"file_ids":["a"],"chunking_strategy":{"type":"atuo"}}]}}}`},
	{"thread message without content", "createThreadAndRun", `{"assistant_id":"a","thread":{"messages":[{"role":"user"}]}}`},
	{"tool output a number", "submitToolOuputsToRun", `{"tool_outputs":[{"tool_call_id":"c","output":7}]}`},
	{"assistant tool as in responses", "createAssistant", `{"model":"gpt-4o","tools":[{"type":"function","name":"f"}]}`},
	{"assistant resource misspelt", "createAssistant", `{"model":"gpt-4o","tool_resources":{"code_interpreter":{"fileids":["x"]}}}`},
	{"moderation part", "createModeration", `{"input":[{"type":"image"}]}`},
	{"moderation text misspelt", "createModeration", `{"input":[{"type":"text","txt":"x"}]}`},
	{"moderation a number", "createModeration", `{"input":7}`},
	{"dpo beta", "createFineTuningJob", `{"model":"m","training_file":"f","method":{"type":"dpo","dpo":{"hyperparameters":{"beta":"x"}}}}`},
	{"integration typo", "createFineTuningJob", `{"model":"m","training_file":"f","integrations":[{"type":"wandbb","wandb":{"project":"x"}}]}`},
	{"data source typo", "createEval", `{"name":"e","data_source_config":{"type":"customm"},"testing_criteria":[]}`},
	{"grader typo", "createEval", `{"name":"e","data_source_config":{"type":"custom","item_schema":{}},"testing_criteria":[{"type":"string_chek","name":"n"}]}`},
	{"grader operation", "createEval", `{"name":"e","data_source_config":{"type":"custom","item_schema":{}},"testing_criteria":[{"type":"string_check","name":"n","input":"x","reference":"y","operation":"equal"}]}`},
	{"container name misspelt", "createContainer", `{"nme":"x"}`},
	{"conversation item typo", "createConversation", `{"items":[{"type":"mesage","role":"user","content":"x"}]}`},
	{"conversation metadata", "createConversation", `{"metadata":7}`},
	{"video seconds", "createVideo", `{"prompt":"x","seconds":"5"}`},
	{"upload bytes", "createUpload", `{"filename":"a","purpose":"batch","bytes":"1","mime_type":"t"}`},
	{"upload parts", "completeUpload", `{"part_ids":"x"}`},
	{"response status", "Response", `{"id":"resp_1","object":"response","created_at":1,"status":"complete","model":"m","output":[]}`},
	{"event type typo", "ResponseStreamEvent", `{"type":"response.output_text.delt","item_id":"msg_1","output_index":0,"content_index":0,"delta":"In","sequence_number":7,"logprobs":[]}`},
	{"event type misspelt", "ResponseStreamEvent", `{"tipe":"response.output_text.delta","item_id":"msg_1","output_index":0,"content_index":0,"delta":"In","sequence_number":7,"logprobs":[]}`},
	{"event item typo", "ResponseStreamEvent", `{"type":"response.output_item.added","output_index":0,"sequence_number":1,"item":{"type":"function_cal","id":"x"}}`},
	{"event item name", "ResponseStreamEvent", `{"type":"response.output_item.added","output_index":0,"sequence_number":1,"item":{"type":"function_call","id":"x","call_id":"c","name":7,"arguments":""}}`},
	{"event part field", "ResponseStreamEvent", `{"type":"response.content_part.added","item_id":"m","output_index":0,"content_index":0,"sequence_number":1,"part":{"type":"output_text","txt":""}}`},
}

// TestWrongRequestsGetOneLinePerMistake writes what a person reads who made a mistake: one line for each, none for anything
// else, with the place, what is there, what is wanted, and the component that
// says so. The difference to the golden file is for review, line by line.
func TestWrongRequestsGetOneLinePerMistake(t *testing.T) {
	t.Parallel()
	doc := builtin(t)
	var b strings.Builder
	for _, w := range wrongs {
		var invalid *schema.ValidationError
		if err := w.validate(doc); !errors.As(err, &invalid) {
			t.Errorf("%s: %s %s: got %v, want a *ValidationError", w.name, w.of, w.body, err)
			continue
		}
		fmt.Fprintf(&b, "-- %s --\n%s %s\n", w.name, w.of, w.body)
		for _, p := range invalid.Problems {
			fmt.Fprintf(&b, "    %s\n", p)
		}
	}
	golden(t, "wrong.golden", b.String())
}

// A caller reads the next body into the same bytes while it still has the error of the
// last one, and validates the next one before it prints the error.
func TestProblemsKeepNothingOfTheInstance(t *testing.T) {
	t.Parallel()
	doc := builtin(t)
	for _, w := range wrongs {
		text := []byte(w.body)
		var invalid *schema.ValidationError
		if !errors.As(w.validateText(doc, text), &invalid) {
			t.Errorf("%s: not refused", w.name)
			continue
		}
		before := fmt.Sprintf("%s %+v", invalid, invalid.Problems)
		for i := range text {
			text[i] = '?'
		}
		_ = doc.Validate("CreateResponse", `{"modl":"m","input":[{"rol":"user","contents":"a"},{"type":"mesage"}],"tools":[7]}`)
		if after := fmt.Sprintf("%s %+v", invalid, invalid.Problems); after != before {
			t.Errorf("%s: an error has changed with the bytes of its instance:\n%s\nwas\n%s", w.name, after, before)
		}
	}
}

// BenchmarkWrong is the cost of all these verdicts, per text.
func BenchmarkWrong(b *testing.B) {
	doc := openBuiltin(b)
	b.ReportAllocs()
	for b.Loop() {
		for _, w := range wrongs {
			if w.validate(doc) == nil {
				b.Fatal(w.name)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(wrongs)), "ns/text")
}
