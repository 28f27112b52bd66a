package accumulate_test

import "testing"

// chatChunk is a chunk with these choices.
func chatChunk(choices string) string {
	return `{"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[` + choices + `]}`
}

func chatDelta(delta string) string {
	return chatChunk(`{"index":0,"delta":` + delta + `,"finish_reason":null}`)
}

func chatStop(reason string) string {
	return chatChunk(`{"index":0,"delta":{},"finish_reason":"` + reason + `"}`)
}

// completionOf is a completion with these choices.
func completionOf(choices string) string {
	return `{"id":"c1","object":"chat.completion","created":1,"model":"m","choices":[` + choices + `]}`
}

func chatMessage(message, reason string) string {
	return completionOf(`{"index":0,"message":` + message + `,"finish_reason":"` + reason + `","logprobs":null}`)
}

func TestChatChunksAddUpToTheirCompletion(t *testing.T) {
	runSums(t, operationOf(t, "createChatCompletion"), map[string]sumCase{
		"text in pieces": {
			[]string{chatDelta(`{"role":"assistant","content":""}`), chatDelta(`{"content":"He"}`), chatDelta(`{"content":"llo"}`), chatStop("stop")},
			chatMessage(`{"role":"assistant","content":"Hello","refusal":null}`, "stop"), nil,
		},
		"a repeated piece is text, a repeated role is not": {
			[]string{chatDelta(`{"role":"assistant","content":"ha"}`), chatDelta(`{"role":"assistant","content":"ha"}`), chatStop("stop")},
			chatMessage(`{"role":"assistant","content":"haha","refusal":null}`, "stop"), nil,
		},
		"no role at all": {
			[]string{chatDelta(`{"content":"x"}`), chatStop("stop")},
			chatMessage(`{"content":"x","role":"assistant","refusal":null}`, "stop"), nil,
		},
		"escapes stay, halves of a character are joined": {
			[]string{chatDelta(`{"role":"assistant","content":"\u00e9\n\ud83d"}`), chatDelta(`{"content":"\ude00\"\\"}`), chatStop("stop")},
			chatMessage(`{"role":"assistant","content":"\u00e9\n\ud83d\ude00\"\\","refusal":null}`, "stop"), nil,
		},
		"refusal": {
			[]string{chatDelta(`{"role":"assistant","content":null,"refusal":""}`), chatDelta(`{"refusal":"I "}`), chatDelta(`{"refusal":"won't"}`), chatStop("stop")},
			chatMessage(`{"role":"assistant","content":null,"refusal":"I won't"}`, "stop"), nil,
		},
		"parallel tool calls, interleaved": {
			[]string{
				chatDelta(`{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}}]}`),
				chatDelta(`{"tool_calls":[{"index":1,"id":"b","type":"function","function":{"name":"g","arguments":"{"}}]}`),
				chatDelta(`{"tool_calls":[{"index":0,"function":{"arguments":"[1"}},{"index":1,"function":{"arguments":"}"}}]}`),
				chatDelta(`{"tool_calls":[{"index":0,"function":{"arguments":"]"}}]}`), chatStop("tool_calls"),
			},
			chatMessage(`{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"[1]"}},`+
				`{"id":"b","type":"function","function":{"name":"g","arguments":"{}"}}],"refusal":null}`, "tool_calls"), nil,
		},
		"parallel tool calls without IDs, all at index 0": {
			[]string{
				chatDelta(`{"role":"assistant","tool_calls":[{"index":0,"id":"","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]}`),
				chatDelta(`{"tool_calls":[{"index":0,"id":"","type":"function","function":{"name":"f","arguments":"{\"a\":2}"}}]}`), chatStop("tool_calls"),
			},
			chatMessage(`{"role":"assistant","tool_calls":[{"id":"","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}},`+
				`{"id":"","type":"function","function":{"name":"f","arguments":"{\"a\":2}"}}],"content":null,"refusal":null}`, "tool_calls"), nil,
		},
		"a name in every delta, without IDs": {
			[]string{
				chatDelta(`{"role":"assistant","tool_calls":[{"index":0,"id":"","type":"function","function":{"name":"f","arguments":"{\"a\":"}}]}`),
				chatDelta(`{"tool_calls":[{"index":0,"id":"","type":"function","function":{"name":"f","arguments":"\"}\"}"}}]}`),
				chatDelta(`{"tool_calls":[{"index":0,"id":"","type":"function","function":{"name":"f","arguments":""}}]}`), chatStop("tool_calls"),
			},
			chatMessage(`{"role":"assistant","tool_calls":[{"id":"","type":"function","function":{"name":"f","arguments":"{\"a\":\"}\"}"}}],"content":null,"refusal":null}`, "tool_calls"), nil,
		},
		"the message so far beside each delta": {
			[]string{
				chatChunk(`{"index":0,"message":{"role":"assistant","content":"Ti"},"delta":{"role":"assistant","content":"Ti"},"finish_reason":null}`),
				chatChunk(`{"index":0,"delta":{"content":"tan"},"message":{"role":"assistant","content":"Titan"},"finish_reason":"stop"}`),
			},
			chatMessage(`{"role":"assistant","content":"Titan","refusal":null}`, "stop"), nil,
		},
		"tool calls from the third on, out of order": {
			[]string{
				chatDelta(`{"role":"assistant","tool_calls":[{"index":900000,"id":"b","type":"function","function":{"name":"g","arguments":"1"}}]}`),
				chatDelta(`{"tool_calls":[{"index":2,"id":"a","type":"function","function":{"name":"f","arguments":"2"}}]}`), chatStop("tool_calls"),
			},
			chatMessage(`{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"2"}},`+
				`{"id":"b","type":"function","function":{"name":"g","arguments":"1"}}],"content":null,"refusal":null}`, "tool_calls"), nil,
		},
		"tool calls without indexes": {
			[]string{
				chatDelta(`{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{"}},{"id":"b","function":{"name":"f","arguments":"["}}]}`),
				chatDelta(`{"tool_calls":[{"function":{"arguments":"]"}}]}`),
				chatDelta(`{"tool_calls":[{"id":"a","function":{"arguments":"}"}}]}`), chatStop("tool_calls"),
			},
			chatMessage(`{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},`+
				`{"id":"b","function":{"name":"f","arguments":"[]"},"type":"function"}],"content":null,"refusal":null}`, "tool_calls"), nil,
		},
		"tool calls that all have the index 0": {
			[]string{
				chatDelta(`{"role":"assistant","tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]}`),
				chatDelta(`{"tool_calls":[{"index":0,"id":"b","type":"function","function":{"name":"f","arguments":"["}}]}`),
				chatDelta(`{"tool_calls":[{"index":0,"function":{"arguments":"]"}}]}`), chatStop("tool_calls"),
			},
			chatMessage(`{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},`+
				`{"id":"b","type":"function","function":{"name":"f","arguments":"[]"}}],"content":null,"refusal":null}`, "tool_calls"), nil,
		},
		"a tool call with another ID in every delta": {
			[]string{
				chatDelta(`{"role":"assistant","tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{"}}]}`),
				chatDelta(`{"tool_calls":[{"index":0,"id":"b","function":{"arguments":"}"}}]}`), chatStop("tool_calls"),
			},
			chatMessage(`{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}],"content":null,"refusal":null}`, "tool_calls"), nil,
		},
		"a tool call that repeats its name, and one with a name in pieces": {
			[]string{
				chatDelta(`{"role":"assistant","tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"find","arguments":"{"}},{"index":1,"id":"b","type":"function","function":{"name":"fi"}}]}`),
				chatDelta(`{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"find","arguments":"}"}},{"index":1,"function":{"name":"nd","arguments":"1"}}]}`), chatStop("tool_calls"),
			},
			chatMessage(`{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"find","arguments":"{}"}},`+
				`{"id":"b","type":"function","function":{"name":"find","arguments":"1"}}],"content":null,"refusal":null}`, "tool_calls"), nil,
		},
		"two deltas of one tool call in a chunk": {
			[]string{
				chatDelta(`{"role":"assistant","tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{"}},{"index":0,"function":{"arguments":"}"}}]}`), chatStop("tool_calls"),
			},
			chatMessage(`{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}],"content":null,"refusal":null}`, "tool_calls"), nil,
		},
		"custom tool call": {
			[]string{
				chatDelta(`{"role":"assistant","tool_calls":[{"index":0,"id":"a","type":"custom","custom":{"name":"sql","input":"SELECT"}}]}`),
				chatDelta(`{"tool_calls":[{"index":0,"custom":{"input":" 1"}}]}`), chatStop("tool_calls"),
			},
			chatMessage(`{"role":"assistant","tool_calls":[{"id":"a","type":"custom","custom":{"name":"sql","input":"SELECT 1"}}],"content":null,"refusal":null}`, "tool_calls"), nil,
		},
		"function call of former models": {
			[]string{
				chatDelta(`{"role":"assistant","content":null,"function_call":{"name":"f","arguments":""}}`),
				chatDelta(`{"function_call":{"arguments":"{"}}`), chatDelta(`{"function_call":{"arguments":"}"}}`), chatStop("function_call"),
			},
			chatMessage(`{"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"},"refusal":null}`, "function_call"), nil,
		},
		"choices in any order, each with its end": {
			[]string{
				chatChunk(`{"index":2,"delta":{"role":"assistant","content":"c"},"finish_reason":"length"}`),
				chatChunk(`{"index":0,"delta":{"role":"assistant","content":"a"},"finish_reason":null},{"index":2,"delta":{},"finish_reason":null}`),
				chatStop("stop"),
			},
			completionOf(`{"index":0,"message":{"role":"assistant","content":"a","refusal":null},"finish_reason":"stop","logprobs":null},` +
				`{"index":2,"message":{"role":"assistant","content":"c","refusal":null},"finish_reason":"length","logprobs":null}`), nil,
		},
		"choices without indexes": {
			[]string{chatChunk(`{"delta":{"role":"assistant","content":"a"},"finish_reason":null}`), chatChunk(`{"delta":{"content":"b"},"finish_reason":"stop"}`)},
			chatMessage(`{"role":"assistant","content":"ab","refusal":null}`, "stop"), nil,
		},
		"logprobs are appended": {
			[]string{
				chatChunk(`{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":{"content":[],"refusal":null},"finish_reason":null}`),
				chatChunk(`{"index":0,"delta":{"content":"a"},"logprobs":{"content":[{"token":"a","logprob":-1,"bytes":null,"top_logprobs":[]}],"refusal":null},"finish_reason":null}`),
				chatChunk(`{"index":0,"delta":{"refusal":"b"},"logprobs":{"content":null,"refusal":[{"token":"b","logprob":-2,"bytes":[98],"top_logprobs":[]}]},"finish_reason":null}`),
				chatChunk(`{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}`),
			},
			completionOf(`{"index":0,"message":{"role":"assistant","content":"a","refusal":"b"},"logprobs":{"content":[{"token":"a","logprob":-1,"bytes":null,"top_logprobs":[]}],` +
				`"refusal":[{"token":"b","logprob":-2,"bytes":[98],"top_logprobs":[]}]},"finish_reason":"stop"}`), nil,
		},
		"audio": {
			[]string{
				chatDelta(`{"role":"assistant","content":null,"refusal":null,"audio":{"id":"audio_1","transcript":"Yes"}}`),
				chatDelta(`{"audio":{"transcript":", sir"}}`), chatDelta(`{"audio":{"data":"AAAA"}}`), chatDelta(`{"audio":{"data":"//8="}}`), chatDelta(`{"audio":{"data":"AQ=="}}`),
				chatDelta(`{"audio":{"expires_at":7}}`), chatStop("stop"),
			},
			chatMessage(`{"role":"assistant","content":null,"refusal":null,"audio":{"id":"audio_1","transcript":"Yes, sir","data":"AAAA//8B","expires_at":7}}`, "stop"), nil,
		},
		"usage, fingerprint, tier": {
			[]string{
				`{"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","service_tier":"auto","system_fingerprint":null,"choices":[{"index":0,"delta":{"role":"assistant","content":"x"},"finish_reason":"stop"}],"usage":null,"obfuscation":"ab"}`,
				`{"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","service_tier":"default","system_fingerprint":"fp","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}`,
			},
			`{"id":"c1","object":"chat.completion","created":1,"model":"m","service_tier":"default","system_fingerprint":"fp","choices":[{"index":0,"message":{"role":"assistant","content":"x","refusal":null},` +
				`"finish_reason":"stop","logprobs":null}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}`, nil,
		},
		"a first chunk that says nothing": {
			[]string{
				`{"id":"","object":"","created":0,"model":"","choices":[],"error":null,"prompt_filter_results":[{"prompt_index":0}]}`,
				chatDelta(`{"role":"assistant","content":"x"}`), chatStop("stop"),
			},
			`{"id":"c1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"x","refusal":null},` +
				`"finish_reason":"stop","logprobs":null}],"prompt_filter_results":[{"prompt_index":0}]}`,
			[]string{`/prompt_filter_results: unknown field`},
		},
		"unknown fields at every level": {
			[]string{
				`{"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","x_top":{"a":1},"choices":[{"index":0,"x_choice":"one","delta":{"role":"assistant","reasoning_content":"Let ","x_list":[{"index":3,"text":"a"},"b"],"x_number":1},"finish_reason":null}]}`,
				`{"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","x_top":{},"choices":[{"index":0,"x_choice":"two","delta":{"content":"x","reasoning_content":"me","x_list":[{"index":3,"text":"b"},"c"],"x_number":2},"finish_reason":"stop"}]}`,
			},
			`{"id":"c1","object":"chat.completion","created":1,"model":"m","x_top":{"a":1},"choices":[{"index":0,"x_choice":"two","message":{"role":"assistant","reasoning_content":"Let me",` +
				`"x_list":[{"index":3,"text":"ab"},"b","c"],"x_number":2,"content":"x","refusal":null},"finish_reason":"stop","logprobs":null}]}`,
			[]string{`/choices/0/message/reasoning_content: unknown`, `/choices/0/message/x_list: unknown`, `/choices/0/message/x_number: unknown`, `/choices/0/x_choice: unknown`, `/x_top: unknown`},
		},
		"annotations": {
			[]string{
				chatDelta(`{"role":"assistant","content":"see"}`),
				chatDelta(`{"annotations":[{"type":"url_citation","url_citation":{"start_index":0,"end_index":3,"url":"https://a.example","title":"A"}}]}`),
				chatDelta(`{"annotations":[{"type":"url_citation","url_citation":{"start_index":1,"end_index":3,"url":"https://b.example","title":"B"}}]}`), chatStop("stop"),
			},
			chatMessage(`{"role":"assistant","content":"see","annotations":[{"type":"url_citation","url_citation":{"start_index":0,"end_index":3,"url":"https://a.example","title":"A"}},`+
				`{"type":"url_citation","url_citation":{"start_index":1,"end_index":3,"url":"https://b.example","title":"B"}}],"refusal":null}`, "stop"), nil,
		},
		"a completion that was not streamed": {
			[]string{chatMessage(`{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"b","type":"function","function":{"name":"f","arguments":"{}"}}],"refusal":null}`, "tool_calls")},
			chatMessage(`{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"b","type":"function","function":{"name":"f","arguments":"{}"}}],"refusal":null}`, "tool_calls"), nil,
		},
		"cut off": {
			[]string{chatDelta(`{"role":"assistant","content":"He"}`)},
			completionOf(`{"index":0,"message":{"role":"assistant","content":"He","refusal":null},"finish_reason":null,"logprobs":null}`),
			[]string{`/choices/0/finish_reason: got null`},
		},
		"members of odd types": {
			[]string{chatDelta(`null`), chatDelta(`{"role":null,"content":{"a":"b"},"tool_calls":null,"audio":null}`), chatDelta(`{"role":"assistant","content":"x"}`), chatStop("stop")},
			chatMessage(`{"role":"assistant","content":"x","audio":null,"refusal":null}`, "stop"), nil,
		},
	})
}

func TestAccumulateCompletion(t *testing.T) {
	chunk := func(choices string) string {
		return `{"id":"c1","object":"text_completion","created":1,"model":"m","choices":[` + choices + `]}`
	}
	runSums(t, operationOf(t, "createCompletion"), map[string]sumCase{
		"text and logprobs of two choices": {
			[]string{
				chunk(`{"text":"a","index":0,"logprobs":{"tokens":["a"],"token_logprobs":[-1.5],"top_logprobs":[{"a":-1.5}],"text_offset":[0]},"finish_reason":null}`),
				chunk(`{"text":"x","index":1,"logprobs":null,"finish_reason":"length"}`),
				chunk(`{"text":"b","index":0,"logprobs":{"tokens":["b"],"token_logprobs":[-2],"top_logprobs":[{"b":-2}],"text_offset":[1]},"finish_reason":"stop"}`),
				`{"id":"c1","object":"text_completion","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}`,
			},
			`{"id":"c1","object":"text_completion","created":1,"model":"m","choices":[{"text":"ab","index":0,"logprobs":{"tokens":["a","b"],"token_logprobs":[-1.5,-2],"top_logprobs":[{"a":-1.5},{"b":-2}],"text_offset":[0,1]},"finish_reason":"stop"},` +
				`{"text":"x","index":1,"logprobs":null,"finish_reason":"length"}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}`, nil,
		},
		"no text": {
			[]string{chunk(`{"index":0,"finish_reason":"stop"}`)},
			chunk(`{"index":0,"finish_reason":"stop","text":"","logprobs":null}`), nil,
		},
	})
}
