package clienttest_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/schema"
)

// kept is a server and a client whose responses must be valid.
func kept(t *testing.T, opts ...clienttest.Option) func(id string, params any) *client.Response {
	t.Helper()
	return calls(t, clienttest.NewServer(t, opts...))
}

func calls(t *testing.T, server *clienttest.Server) func(id string, params any) *client.Response {
	t.Helper()
	c := server.Client(client.WithResponseValidation(schema.Standard), client.WithMaxRetries(0))
	return func(id string, params any) *client.Response {
		t.Helper()
		r, err := c.Call(t.Context(), id, params)
		if err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		return r
	}
}

func fileOf(t *testing.T, r *client.Response) string {
	t.Helper()
	var b strings.Builder
	if _, err := r.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func is(t *testing.T, r *client.Response, want map[string]string) {
	t.Helper()
	for _, path := range slices.Sorted(maps.Keys(want)) {
		if got := r.Get(path).String(); got != want[path] {
			t.Errorf("%s: got %q, want %q in %.900s", path, got, want[path], r.Raw())
		}
	}
}

func TestFilesKeepTheirContent(t *testing.T) {
	call := kept(t)
	content := strings.Repeat("line\n", 1<<19) // longer than what is recorded
	file := call("createFile", client.Params{"purpose": "batch", "file": client.File{Name: "in.jsonl", Body: strings.NewReader(content)}})
	id := file.Get("id").String()
	is(t, file, map[string]string{"filename": "in.jsonl", "purpose": "batch", "bytes": "2621440"})
	if got := fileOf(t, call("downloadFile", client.Params{"file_id": id})); got != content {
		t.Errorf("got %d bytes, want the %d that were uploaded", len(got), len(content))
	}
	call("createFile", client.Params{"purpose": "assistants", "file": client.File{Name: "b.txt", Body: strings.NewReader("b")}})
	is(t, call("listFiles", client.Params{"purpose": "batch"}), map[string]string{"data.#": "1", "data.0.id": id, "has_more": "false"})
	is(t, call("listFiles", client.Params{"order": "asc", "limit": 1}), map[string]string{"data.#": "1", "data.0.id": id, "first_id": id, "last_id": id, "has_more": "true"})
	is(t, call("listFiles", client.Params{"order": "asc", "after": id}), map[string]string{"data.#": "1", "data.0.filename": "b.txt", "has_more": "false"})
}

func TestFilesAreListedByTheirPurpose(t *testing.T) {
	call := kept(t)
	for _, purpose := range []string{"fine-tune", "vision", "user_data", "evals"} {
		made := call("createFile", client.Params{"purpose": purpose, "file": client.File{Name: "b.jsonl", Body: strings.NewReader("{}")}})
		is(t, call("listFiles", client.Params{"purpose": purpose}), map[string]string{"data.#": "1", "data.0.id": made.Get("id").String(), "data.0.purpose": purpose})
	}
}

func TestBatchesRunTheirRequests(t *testing.T) {
	server := clienttest.NewServer(t)
	c := server.Client(client.WithResponseValidation(schema.Standard))
	call := func(id string, params any) *client.Response {
		t.Helper()
		r, err := c.Call(t.Context(), id, params)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	lines := `{"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"model":"m","messages":[{"role":"user","content":"Hi"}]}}
{"custom_id":"b","method":"POST","url":"/v1/chat/completions","body":{"model":"m","mesages":[]}}
not JSON
{"custom_id":"c","method":"POST","url":"/v1/embeddings","body":{}}
`
	server.Respond("createChatCompletion", clienttest.Answer{Output: clienttest.Say("Titan is a moon.")})
	file := call("createFile", client.Params{"purpose": "batch", "file": client.File{Name: "in.jsonl", Body: strings.NewReader(lines)}})
	batch := call("createBatch", client.Params{"input_file_id": file.Get("id").String(), "endpoint": "/v1/chat/completions", "completion_window": "24h", "metadata": map[string]any{"k": "v"}})
	is(t, batch, map[string]string{"status": "validating", "output_file_id": "", "metadata.k": "v", "input_file_id": file.Get("id").String()})
	id := client.Params{"batch_id": batch.Get("id").String()}
	is(t, call("retrieveBatch", id), map[string]string{"status": "in_progress", "output_file_id": ""})
	done := call("retrieveBatch", id)
	is(t, done, map[string]string{"status": "completed", "request_counts.total": "4", "request_counts.completed": "1", "request_counts.failed": "3"})
	is(t, call("retrieveBatch", id), map[string]string{"status": "completed", "output_file_id": done.Get("output_file_id").String()})

	output := fileOf(t, call("downloadFile", client.Params{"file_id": done.Get("output_file_id").String()}))
	if n := strings.Count(output, "\n"); n != 1 || gjson.Get(output, "custom_id").String() != "a" ||
		gjson.Get(output, "response.status_code").Int() != 200 || gjson.Get(output, "response.body.choices.0.message.content").String() != "Titan is a moon." {
		t.Errorf("got output %s", output)
	}
	failed := strings.Split(strings.TrimSpace(fileOf(t, call("downloadFile", client.Params{"file_id": done.Get("error_file_id").String()}))), "\n")
	for i, want := range []map[string]string{
		{"custom_id": "b", "response.status_code": "400", "response.body.error.type": "invalid_request_error"},
		{"error.code": "invalid_json_line"},
		{"custom_id": "c", "error.code": "mismatched_url"},
	} {
		if len(failed) != 3 {
			t.Fatalf("got %d lines of errors, want 3: %q", len(failed), failed)
		}
		for path, text := range want {
			if got := gjson.Get(failed[i], path).String(); got != text {
				t.Errorf("line %d: %s: got %q, want %q in %s", i+1, path, got, text, failed[i])
			}
		}
	}
	if n := len(server.Requests()); n != 7 {
		t.Errorf("%d requests are recorded, want the 7 that came over the network", n)
	}
}

func TestUploadsBecomeFiles(t *testing.T) {
	call := kept(t)
	upload := call("createUpload", client.Params{"filename": "a.txt", "purpose": "assistants", "bytes": 6, "mime_type": "text/plain"})
	is(t, upload, map[string]string{"status": "pending", "file": "", "filename": "a.txt", "bytes": "6"})
	id := upload.Get("id").String()
	var parts []string
	for _, text := range []string{"def", "abc"} {
		part := call("addUploadPart", client.Params{"upload_id": id, "data": client.File{Name: "p", Body: strings.NewReader(text)}})
		is(t, part, map[string]string{"upload_id": id})
		parts = append(parts, part.Get("id").String())
	}
	slices.Reverse(parts)
	done := call("completeUpload", client.Params{"upload_id": id, "part_ids": parts})
	is(t, done, map[string]string{"status": "completed", "file.filename": "a.txt", "file.bytes": "6", "file.purpose": "assistants"})
	file := client.Params{"file_id": done.Get("file.id").String()}
	is(t, call("retrieveFile", file), map[string]string{"filename": "a.txt"})
	if got := fileOf(t, call("downloadFile", file)); got != "abcdef" {
		t.Errorf("got %q, want the parts in the order of part_ids", got)
	}
}

func TestVectorStoresGetReady(t *testing.T) {
	call := kept(t)
	is(t, call("createVectorStore", client.Params{"name": "empty"}), map[string]string{"status": "completed", "name": "empty"})
	store := call("createVectorStore", client.Params{"name": "two", "file_ids": []string{"file-1", "file-2"}})
	is(t, store, map[string]string{"status": "in_progress", "file_counts.total": "2"})
	id := store.Get("id").String()
	is(t, call("getVectorStore", client.Params{"vector_store_id": id}), map[string]string{"status": "completed", "file_counts.completed": "2"})
	is(t, call("listVectorStoreFiles", client.Params{"vector_store_id": id}), map[string]string{"data.#": "2", "data.0.id": "file-2", "data.0.vector_store_id": id})
	batch := call("createVectorStoreFileBatch", client.Params{"vector_store_id": id, "file_ids": []string{"file-3"}})
	in := client.Params{"vector_store_id": id, "batch_id": batch.Get("id").String()}
	is(t, batch, map[string]string{"status": "in_progress", "vector_store_id": id})
	is(t, call("getVectorStoreFileBatch", in), map[string]string{"status": "completed", "file_counts.total": "1"})
	is(t, call("listFilesInVectorStoreBatch", in), map[string]string{"data.#": "1", "data.0.id": "file-3"})
	is(t, call("getVectorStore", client.Params{"vector_store_id": id}), map[string]string{"file_counts.total": "3"})
}

func TestResponsesAreStored(t *testing.T) {
	server := clienttest.NewServer(t)
	call := calls(t, server)
	r := call("createResponse", client.Params{"model": "m", "input": "Hi", "background": true})
	is(t, r, map[string]string{"status": "queued", "output.#": "0", "background": "true"})
	id := client.Params{"response_id": r.Get("id").String()}
	is(t, call("getResponse", id), map[string]string{"status": "in_progress", "output.#": "0"})
	is(t, call("getResponse", id), map[string]string{"status": "completed", "output.0.content.0.text": ownText})
	is(t, call("listInputItems", id), map[string]string{"data.#": "1", "data.0.role": "user", "data.0.content.0.text": "Hi"})

	r = call("createResponse", client.Params{"model": "m", "input": []any{
		map[string]any{"role": "system", "content": "Be brief."}, map[string]any{"role": "user", "content": "Hi"}, map[string]any{"role": "assistant", "content": "Hello"},
	}})
	is(t, call("listInputItems", client.Params{"response_id": r.Get("id").String(), "order": "asc"}), map[string]string{
		"data.#": "3", "data.0.role": "system", "data.0.content.0.text": "Be brief.", "data.2.role": "assistant", "data.2.content.0.type": "output_text",
	})

	c := server.Client(client.WithResponseValidation(schema.Standard))
	s, err := c.Stream(t.Context(), "createResponse", client.Params{"model": "other", "input": "Hi", "instructions": "Be brief.", "text": map[string]any{"format": map[string]any{"type": "json_object"}}})
	if err != nil {
		t.Fatal(err)
	}
	first, err := s.Final()
	if err != nil {
		t.Fatal(err)
	}
	again, err := c.Stream(t.Context(), "getResponse", client.Params{"response_id": gjson.GetBytes(first.Raw(), "id").String(), "stream": true})
	if err != nil {
		t.Fatal(err)
	}
	second, err := again.Final()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(first.Raw()), string(second.Raw())); diff != "" {
		t.Errorf("the stream of a stored response says something else:\n%s", diff)
	}

	r = call("createResponse", client.Params{"model": "m", "input": "Hi", "background": true})
	is(t, call("cancelResponse", client.Params{"response_id": r.Get("id").String()}), map[string]string{"status": "cancelled"})
	is(t, call("getResponse", client.Params{"response_id": r.Get("id").String()}), map[string]string{"status": "cancelled"})
}

func TestConversationsThreadsAndStoredChats(t *testing.T) {
	call := kept(t)
	conv := call("createConversation", client.Params{"items": []any{map[string]any{"type": "message", "role": "user", "content": "Hi"}}, "metadata": map[string]any{"a": "b"}})
	id := conv.Get("id").String()
	is(t, conv, map[string]string{"metadata.a": "b"})
	is(t, call("listConversationItems", client.Params{"conversation_id": id}), map[string]string{"data.#": "1", "data.0.content.0.text": "Hi"})
	more := call("createConversationItems", client.Params{"conversation_id": id, "items": []any{map[string]any{"type": "message", "role": "user", "content": "More"}}})
	is(t, more, map[string]string{"data.#": "1", "data.0.content.0.text": "More"})
	item := more.Get("data.0.id").String()
	is(t, call("getConversationItem", client.Params{"conversation_id": id, "item_id": item}), map[string]string{"content.0.text": "More"})
	is(t, call("deleteConversationItem", client.Params{"conversation_id": id, "item_id": item}), map[string]string{"id": id, "metadata.a": "b"})
	is(t, call("listConversationItems", client.Params{"conversation_id": id}), map[string]string{"data.#": "1"})

	thread := call("createThread", client.Params{"messages": []any{map[string]any{"role": "user", "content": "Hi"}}}).Get("id").String()
	run := call("createRun", client.Params{"thread_id": thread, "assistant_id": "asst_1"})
	is(t, run, map[string]string{"status": "completed", "thread_id": thread})
	is(t, call("getRun", client.Params{"thread_id": thread, "run_id": run.Get("id").String()}), map[string]string{"assistant_id": "asst_1"})
	is(t, call("listMessages", client.Params{"thread_id": thread, "order": "asc"}), map[string]string{
		"data.#": "2", "data.0.role": "user", "data.0.content.0.text.value": "Hi", "data.1.role": "assistant", "data.1.content.0.text.value": ownText,
	})
	run = call("createThreadAndRun", client.Params{"assistant_id": "asst_1", "thread": map[string]any{"messages": []any{map[string]any{"role": "user", "content": "Yo"}}}})
	thread = run.Get("thread_id").String()
	is(t, call("listRuns", client.Params{"thread_id": thread}), map[string]string{"data.#": "1", "data.0.id": run.Get("id").String()})
	is(t, call("listMessages", client.Params{"thread_id": thread, "order": "asc"}), map[string]string{"data.0.content.0.text.value": "Yo", "data.#": "2"})

	chat := call("createChatCompletion", client.Params{"model": "m", "store": true, "metadata": map[string]any{"a": "b"}, "messages": []any{map[string]any{"role": "user", "content": "Hi"}}})
	of := client.Params{"completion_id": chat.Get("id").String()}
	is(t, call("getChatCompletion", of), map[string]string{"id": chat.Get("id").String(), "metadata.a": "b"})
	is(t, call("listChatCompletions", client.Params{"metadata": map[string]any{"a": "c"}}), map[string]string{"data.#": "0"})
	is(t, call("getChatCompletionMessages", of), map[string]string{"data.#": "1", "data.0.content": "Hi"})
	is(t, call("updateChatCompletion", client.Params{"completion_id": chat.Get("id").String(), "metadata": map[string]any{"a": "c"}}), map[string]string{"metadata.a": "c"})
	is(t, call("listChatCompletions", client.Params{"metadata": map[string]any{"a": "c"}}), map[string]string{"data.#": "1"})
}

func TestStateOfIDsThatNobodyMade(t *testing.T) {
	for name, tt := range map[string]struct {
		opts       []clienttest.Option
		unknown    int // status
		empty      string
		afterwards string // items of the list once a file is there
	}{
		"lenient": {nil, 200, "1", "1"},
		"strict":  {[]clienttest.Option{clienttest.WithState(clienttest.StrictState)}, 404, "0", "1"},
		"none":    {[]clienttest.Option{clienttest.WithState(clienttest.NoState)}, 200, "1", "1"},
	} {
		t.Run(name, func(t *testing.T) {
			server := clienttest.NewServer(t, tt.opts...)
			c := server.Client(client.WithMaxRetries(0))
			for _, id := range []string{"retrieveFile", "deleteFile", "downloadFile"} {
				status := 200
				var refused *client.APIError
				if _, err := c.Call(t.Context(), id, client.Params{"file_id": "file-abc123"}); errors.As(err, &refused) {
					status = refused.StatusCode
				} else if err != nil {
					t.Fatal(err)
				}
				if status != tt.unknown {
					t.Errorf("%s: got %d, want %d", id, status, tt.unknown)
				}
			}
			list, err := c.Call(t.Context(), "listFiles", nil)
			if err != nil {
				t.Fatal(err)
			}
			is(t, list, map[string]string{"data.#": tt.empty})
			file, err := c.Call(t.Context(), "createFile", client.Params{"purpose": "batch", "file": client.File{Name: "a", Body: strings.NewReader("a")}})
			if err != nil {
				t.Fatal(err)
			}
			if list, err = c.Call(t.Context(), "listFiles", nil); err != nil {
				t.Fatal(err)
			}
			is(t, list, map[string]string{"data.#": tt.afterwards})
			if same := list.Get("data.0.id").String() == file.Get("id").String(); !same {
				t.Errorf("the list has the file that was made: %v", same)
			}
			server.Forget()
			if list, err = c.Call(t.Context(), "listFiles", nil); err != nil {
				t.Fatal(err)
			}
			is(t, list, map[string]string{"data.#": tt.empty})
			if _, err := c.Call(t.Context(), "retrieveModel", client.Params{"model": "m"}); err != nil {
				t.Errorf("a model, which no operation makes: %v", err)
			}
		})
	}
}
