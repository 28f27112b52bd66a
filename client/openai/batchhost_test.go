package openai_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// batchHost is the batches of a fileHost. They are done when they are made, unless looks
// says otherwise.
type batchHost struct {
	looks  int                                          // at a batch until it is done
	finish func(b *hostedBatch, lines []map[string]any) // what becomes of a batch; nil for success
}

type hostedBatch struct {
	ID, Endpoint, Input, Status, Output, Errors string
	Metadata                                    map[string]string
	Problems                                    []any
	looked                                      int
	lines                                       []map[string]any
	out, errs                                   strings.Builder
}

func (h *fileHost) handleBatches(handle func(string, func(*http.Request) (int, any))) {
	handle("POST /batches", h.createBatch)
	handle("GET /batches", h.listBatches)
	handle("GET /batches/{id}", h.retrieveBatch)
	handle("POST /batches/{id}/cancel", h.cancelBatch)
}

func (b *hostedBatch) json() map[string]any {
	object := map[string]any{
		"id": b.ID, "object": "batch", "endpoint": b.Endpoint, "input_file_id": b.Input, "completion_window": "24h", "status": b.Status,
		"created_at": 1 << 40, "output_file_id": nil, "error_file_id": nil, "metadata": b.Metadata, "errors": nil,
	}
	if b.Output != "" {
		object["output_file_id"] = b.Output
	}
	if b.Errors != "" {
		object["error_file_id"] = b.Errors
	}
	if b.Problems != nil {
		object["errors"] = map[string]any{"object": "list", "data": b.Problems}
	}
	return object
}

func (h *fileHost) createBatch(req *http.Request) (int, any) {
	var body struct {
		Input    string `json:"input_file_id"`
		Endpoint string
		Metadata map[string]string
	}
	if err := json.NewDecoder(req.Body).Decode(&body); err != nil {
		return 400, err.Error()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	file := h.files[body.Input]
	if file == nil || file.Purpose != "batch" {
		return 400, "no such file"
	}
	b := &hostedBatch{ID: h.id("batch_"), Endpoint: body.Endpoint, Input: body.Input, Metadata: body.Metadata, Status: "validating"}
	for text := range strings.Lines(string(file.Content)) {
		var line map[string]any
		if err := json.Unmarshal([]byte(text), &line); err != nil || line["url"] != body.Endpoint {
			return 400, fmt.Sprintf("%v: %s", err, text)
		}
		b.lines = append(b.lines, line)
	}
	h.batches[b.ID] = b
	return 200, b.json()
}

func (h *fileHost) listBatches(*http.Request) (int, any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	data := []any{}
	for _, id := range slices.Sorted(maps.Keys(h.batches)) {
		data = append(data, h.batches[id].json())
	}
	return 200, map[string]any{"object": "list", "data": data, "has_more": false}
}

func (h *fileHost) retrieveBatch(req *http.Request) (int, any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	b := h.batches[req.PathValue("id")]
	if b == nil {
		return 404, "no such batch"
	}
	if b.looked++; b.looked > h.looks && (b.Status == "validating" || b.Status == "cancelling") {
		h.carryOut(b)
	}
	return 200, b.json()
}

func (h *fileHost) cancelBatch(req *http.Request) (int, any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	b := h.batches[req.PathValue("id")]
	switch {
	case b == nil:
		return 404, "no such batch"
	case b.Status != "validating":
		return 409, "the batch is " + b.Status
	}
	b.Status = "cancelling"
	return 200, b.json()
}

// carryOut finishes a batch. Results come in the reverse order of the calls.
func (h *fileHost) carryOut(b *hostedBatch) {
	if b.Status = map[string]string{"validating": "completed", "cancelling": "cancelled"}[b.Status]; h.finish != nil {
		h.finish(b, b.lines)
	} else {
		for _, line := range slices.Backward(b.lines) {
			h.succeed(b, line)
		}
	}
	if b.out.Len() > 0 {
		b.Output = h.keep(b.ID+"_output.jsonl", "batch_output", []byte(b.out.String())).ID
	}
	if b.errs.Len() > 0 {
		b.Errors = h.keep(b.ID+"_error.jsonl", "batch_output", []byte(b.errs.String())).ID
	}
}

// succeed writes the result of a call, which repeats what was asked for.
func (h *fileHost) succeed(b *hostedBatch, line map[string]any) {
	body := map[string]any{"object": "list", "model": "m", "data": []any{}, "usage": map[string]any{"prompt_tokens": 1, "total_tokens": 1}}
	if b.Endpoint == "/v1/chat/completions" {
		messages := line["body"].(map[string]any)["messages"].([]any)
		body = map[string]any{
			"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": []any{map[string]any{
				"index": 0, "finish_reason": "stop", "logprobs": nil,
				"message": map[string]any{"role": "assistant", "content": messages[0].(map[string]any)["content"], "refusal": nil},
			}},
		}
	}
	b.line(&b.out, line["custom_id"], map[string]any{"status_code": 200, "request_id": "req_1", "body": body}, nil)
}

// refuse writes the error of a call, with the status of a response or without.
func (b *hostedBatch) refuse(line map[string]any, status int, code, message string) {
	problem := map[string]any{"code": code, "message": message}
	if status == 0 {
		b.line(&b.errs, line["custom_id"], nil, problem)
		return
	}
	b.line(&b.errs, line["custom_id"], map[string]any{"status_code": status, "request_id": "req_2", "body": map[string]any{"error": problem}}, nil)
}

func (b *hostedBatch) line(to *strings.Builder, id any, response, problem map[string]any) {
	line := map[string]any{"id": "batch_req_1", "custom_id": id, "response": nil, "error": nil}
	if response != nil {
		line["response"] = response
	}
	if problem != nil {
		line["error"] = problem
	}
	text, _ := json.Marshal(line)
	to.Write(append(text, '\n'))
}
