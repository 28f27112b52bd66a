package openai

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/tidwall/gjson"
)

// OutputMessage is an item of the type "message": text for the user.
type OutputMessage struct {
	Role        string
	Phase       string // "commentary" or "final_answer", where the model says so
	Text        string
	Refusal     string
	Annotations []Annotation
	Logprobs    []Logprob
}

// Message is the item as a message.
func (i Item) Message() *OutputMessage {
	if i.Type != "message" {
		return nil
	}
	item := i.fields()
	m := &OutputMessage{Role: item.Get("role").String(), Phase: item.Get("phase").String()}
	var text, refusal strings.Builder
	joinContents(&text, item, "output_text", "text")
	joinContents(&refusal, item, "refusal", "refusal")
	m.Text, m.Refusal = text.String(), refusal.String()
	item.Get("content").ForEach(func(_, part gjson.Result) bool {
		m.Annotations = append(m.Annotations, annotationsOf(part.Get("annotations"))...)
		m.Logprobs = append(m.Logprobs, logprobsOf(part.Get("logprobs"))...)
		return true
	})
	return m
}

// ToolCall is the item as a call of a function or a custom tool: "function_call",
// "custom_tool_call".
func (i Item) ToolCall() *ToolCall {
	item := i.fields()
	switch i.Type {
	case "function_call":
		return &ToolCall{
			ID: item.Get("call_id").String(), Type: "function",
			Function: FunctionCall{Name: item.Get("name").String(), Arguments: item.Get("arguments").String()},
		}
	case "custom_tool_call":
		return &ToolCall{
			ID: item.Get("call_id").String(), Type: "custom",
			Custom: CustomCall{Name: item.Get("name").String(), Input: item.Get("input").String()},
		}
	}
	return nil
}

// Reasoning is an item of the type "reasoning".
type Reasoning struct {
	Summary   []string
	Content   []string // the reasoning itself, which few models show
	Encrypted string   // encrypted_content, where Include asked for it
}

// Reasoning is the item as reasoning.
func (i Item) Reasoning() *Reasoning {
	if i.Type != "reasoning" {
		return nil
	}
	item := i.fields()
	return &Reasoning{
		Summary: stringsOf(item.Get("summary.#.text")), Content: stringsOf(item.Get("content.#.text")),
		Encrypted: item.Get("encrypted_content").String(),
	}
}

// WebSearch is an item of the type "web_search_call".
type WebSearch struct {
	Action  string   // "search", "open_page", "find_in_page"
	Queries []string // of a search
	URL     string   // of a page
	Sources []string // addresses, where Include asked for them
}

// WebSearch is the item as a web search.
func (i Item) WebSearch() *WebSearch {
	if i.Type != "web_search_call" {
		return nil
	}
	action := i.fields().Get("action")
	s := &WebSearch{
		Action: action.Get("type").String(), Queries: stringsOf(action.Get("queries")),
		URL: action.Get("url").String(), Sources: stringsOf(action.Get("sources.#.url")),
	}
	if query := action.Get("query").String(); query != "" && len(s.Queries) == 0 {
		s.Queries = []string{query}
	}
	return s
}

// FileSearch is an item of the type "file_search_call".
type FileSearch struct {
	Queries []string
	Results []FileSearchResult // where Include asked for them
}

// FileSearchResult is a passage that a file search found.
type FileSearchResult struct {
	FileID   string
	Filename string
	Score    float64
	Text     string
	Raw      json.RawMessage // all of it
}

// FileSearch is the item as a file search.
func (i Item) FileSearch() *FileSearch {
	if i.Type != "file_search_call" {
		return nil
	}
	item := i.fields()
	s := &FileSearch{Queries: stringsOf(item.Get("queries"))}
	for _, r := range item.Get("results").Array() {
		s.Results = append(s.Results, FileSearchResult{
			FileID: r.Get("file_id").String(), Filename: r.Get("filename").String(),
			Score: r.Get("score").Float(), Text: r.Get("text").String(), Raw: json.RawMessage(r.Raw),
		})
	}
	return s
}

// CodeInterpreter is an item of the type "code_interpreter_call".
type CodeInterpreter struct {
	ContainerID string
	Code        string
	Logs        string   // what it wrote, where Include asked for it
	Images      []string // addresses of images that it made
}

// CodeInterpreter is the item as a run of code.
func (i Item) CodeInterpreter() *CodeInterpreter {
	if i.Type != "code_interpreter_call" {
		return nil
	}
	item := i.fields()
	return &CodeInterpreter{
		ContainerID: item.Get("container_id").String(), Code: item.Get("code").String(),
		Logs:   strings.Join(stringsOf(item.Get("outputs.#.logs")), ""),
		Images: stringsOf(item.Get("outputs.#.url")),
	}
}

// Image is the image of an item of the type "image_generation_call", as its file
// format has it. It is nil for an item of another type, and where there is no
// image yet; the error is that of an image that cannot be decoded.
func (i Item) Image() ([]byte, error) {
	result := i.fields().Get("result").String()
	if i.Type != "image_generation_call" || result == "" {
		return nil, nil
	}
	image, err := base64.StdEncoding.DecodeString(result)
	if err != nil {
		return nil, fmt.Errorf("image of item %.100q: %w", i.ID, err)
	}
	return image, nil
}

// MCP is an item of the type "mcp_call", "mcp_list_tools" or
// "mcp_approval_request".
type MCP struct {
	Server    string
	Name      string // of the tool
	Arguments string // JSON text
	Output    string
	Error     string   // text, or JSON where the server sent an object
	Tools     []string // names, of a list of tools
}

// MCP is the item as one of a remote MCP server.
func (i Item) MCP() *MCP {
	switch i.Type {
	case "mcp_call", "mcp_list_tools", "mcp_approval_request":
	default:
		return nil
	}
	item := i.fields()
	return &MCP{
		Server: item.Get("server_label").String(), Name: item.Get("name").String(), Arguments: item.Get("arguments").String(),
		Output: item.Get("output").String(), Error: item.Get("error").String(), Tools: stringsOf(item.Get("tools.#.name")),
	}
}

func (i Item) fields() gjson.Result { return gjson.ParseBytes(i.Raw) }

func stringsOf(list gjson.Result) []string {
	var out []string
	for _, s := range list.Array() {
		out = append(out, s.String())
	}
	return out
}
