package clienttest_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/schema"
)

func refusalOf(t *testing.T, err error) *client.APIError {
	t.Helper()
	var refused *client.APIError
	if !errors.As(err, &refused) {
		t.Fatalf("got %v, want a refusal of the server", err)
	}
	return refused
}

func upload(call func(string, any) *client.Response, text string) string {
	return call("createFile", client.Params{"purpose": "batch", "file": client.File{Name: "a.jsonl", Body: strings.NewReader(text)}}).Get("id").String()
}

func TestResponsesAddTheirItemsToTheConversation(t *testing.T) {
	server := clienttest.NewServer(t)
	call := calls(t, server)
	conv := call("createConversation", client.Params{"items": []any{map[string]any{"role": "user", "content": "First"}}})
	is(t, conv, map[string]string{"metadata": ""})
	id := conv.Get("id").String()
	r := call("createResponse", client.Params{"model": "m", "input": "Hi", "conversation": id})
	is(t, r, map[string]string{"conversation.id": id})
	call("createResponse", client.Params{"model": "m", "store": false, "conversation": map[string]any{"id": id}, "input": []any{
		map[string]any{"role": "user", "content": "Weather?"},
		map[string]any{"type": "function_call", "call_id": "call_1", "name": "weather", "arguments": "{}"},
		map[string]any{"type": "function_call_output", "call_id": "call_1", "output": "rain"},
	}})
	s, err := server.Client().Stream(t.Context(), "createResponse", client.Params{"model": "m", "input": "Bye", "conversation": id})
	if err != nil {
		t.Fatal(err)
	}
	final, err := s.Final()
	if err != nil {
		t.Fatal(err)
	}
	if got := gjson.GetBytes(final.Raw(), "conversation.id").String(); got != id {
		t.Errorf("the stream has conversation %q, want %q", got, id)
	}
	list := call("listConversationItems", client.Params{"conversation_id": id, "order": "asc", "limit": 50})
	var got []string
	for _, item := range gjson.GetBytes(list.Raw(), "data").Array() {
		got = append(got, item.Get("type").String()+" "+item.Get("role").String()+" "+item.Get("content.0.text").String())
	}
	want := []string{
		"message user First", "message user Hi", "message assistant " + ownText, "message user Weather?", "function_call  ", "function_call_output  ",
		"message assistant " + ownText, "message user Bye", "message assistant " + ownText,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("items (-want +got):\n%s", diff)
	}
	item := r.Get("output.0.id").String()
	is(t, call("getConversationItem", client.Params{"conversation_id": id, "item_id": item}), map[string]string{"content.0.text": ownText})
}

func TestReferencesToWhatWasDeletedAreRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		gone  func(call func(string, any) *client.Response) (id string)
		op    string
		in    func(id string) client.Params
		param string
	}{
		"previous response": {
			func(call func(string, any) *client.Response) string {
				id := call("createResponse", client.Params{"model": "m", "input": "x"}).Get("id").String()
				call("deleteResponse", client.Params{"response_id": id})
				return id
			},
			"createResponse",
			func(id string) client.Params {
				return client.Params{"model": "m", "input": "x", "previous_response_id": id}
			},
			"previous_response_id",
		},
		"conversation": {
			func(call func(string, any) *client.Response) string {
				id := call("createConversation", client.Params{}).Get("id").String()
				call("deleteConversation", client.Params{"conversation_id": id})
				return id
			},
			"createResponse",
			func(id string) client.Params {
				return client.Params{"model": "m", "input": "x", "conversation": map[string]any{"id": id}}
			},
			"conversation",
		},
		"file of a batch": {
			func(call func(string, any) *client.Response) string {
				id := upload(call, "{}")
				call("deleteFile", client.Params{"file_id": id})
				return id
			},
			"createBatch",
			func(id string) client.Params {
				return client.Params{"input_file_id": id, "endpoint": "/v1/responses", "completion_window": "24h"}
			},
			"input_file_id",
		},
		"one of several files": {
			func(call func(string, any) *client.Response) string {
				id := upload(call, "{}")
				call("deleteFile", client.Params{"file_id": id})
				return id
			},
			"createVectorStore",
			func(id string) client.Params { return client.Params{"file_ids": []string{"file-1", id}} },
			"file_ids",
		},
		"assistant": {
			func(call func(string, any) *client.Response) string {
				id := call("createAssistant", client.Params{"model": "m"}).Get("id").String()
				call("deleteAssistant", client.Params{"assistant_id": id})
				return id
			},
			"createThreadAndRun",
			func(id string) client.Params { return client.Params{"assistant_id": id} },
			"assistant_id",
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := clienttest.NewServer(t)
			id := tt.gone(calls(t, server))
			_, err := server.Client(client.WithMaxRetries(0)).Call(t.Context(), tt.op, tt.in(id))
			if refused := refusalOf(t, err); refused.StatusCode != 404 || refused.Param != tt.param {
				t.Errorf("got %d for %q, want 404 for %q", refused.StatusCode, refused.Param, tt.param)
			}
			strict := clienttest.NewServer(t, clienttest.WithState(clienttest.StrictState))
			_, err = strict.Client(client.WithMaxRetries(0)).Call(t.Context(), tt.op, tt.in("made_up"))
			if refused := refusalOf(t, err); refused.StatusCode != 404 || refused.Param != tt.param {
				t.Errorf("strict: got %d for %q, want 404 for %q", refused.StatusCode, refused.Param, tt.param)
			}
			if _, err := clienttest.NewServer(t).Client().Call(t.Context(), tt.op, tt.in("made_up")); err != nil {
				t.Errorf("lenient, an ID that nobody made: %v", err)
			}
		})
	}
}

func TestWhatIsOverCannotBeCancelled(t *testing.T) {
	server := clienttest.NewServer(t)
	call := calls(t, server)
	c := server.Client(client.WithMaxRetries(0))
	refused := func(op string, in client.Params) {
		t.Helper()
		_, err := c.Call(t.Context(), op, in)
		if r := refusalOf(t, err); r.StatusCode != 400 || r.Code != "invalid_status" {
			t.Errorf("%s: got %d %s, want 400 invalid_status", op, r.StatusCode, r.Code)
		}
	}
	response := client.Params{"response_id": call("createResponse", client.Params{"model": "m", "input": "x"}).Get("id").String()}
	refused("cancelResponse", response)
	is(t, call("getResponse", response), map[string]string{"status": "completed"})

	batch := client.Params{"batch_id": call("createBatch", client.Params{"input_file_id": "file-1", "endpoint": "/v1/responses", "completion_window": "24h"}).Get("id").String()}
	call("retrieveBatch", batch)
	is(t, call("retrieveBatch", batch), map[string]string{"status": "completed"})
	refused("cancelBatch", batch)

	up := client.Params{"upload_id": call("createUpload", client.Params{"filename": "a", "purpose": "assistants", "bytes": 1, "mime_type": "text/plain"}).Get("id").String()}
	is(t, call("cancelUpload", up), map[string]string{"status": "cancelled"})
	refused("cancelUpload", up)
	refused("completeUpload", client.Params{"upload_id": up["upload_id"], "part_ids": []string{}})
	refused("addUploadPart", client.Params{"upload_id": up["upload_id"], "data": client.File{Name: "p", Body: strings.NewReader("x")}})

	job := client.Params{"fine_tuning_job_id": call("createFineTuningJob", client.Params{"model": "m", "training_file": "file-1"}).Get("id").String()}
	is(t, call("resumeFineTuningJob", job), map[string]string{"status": "running"})
	is(t, call("cancelFineTuningJob", job), map[string]string{"status": "cancelled"})
	refused("pauseFineTuningJob", job)
}

func TestActionsNameTheStatus(t *testing.T) {
	call := kept(t)
	project := client.Params{"project_id": call("create-project", client.Params{"name": "p"}).Get("id").String()}
	is(t, call("archive-project", project), map[string]string{"status": "archived", "name": "p"})
	is(t, call("retrieve-project", project), map[string]string{"status": "archived"})
	session := call("CreateChatSessionMethod", client.Params{"workflow": map[string]any{"id": "wf_1"}, "user": "u"})
	is(t, call("CancelChatSessionMethod", client.Params{"session_id": session.Get("id").String()}), map[string]string{"status": "cancelled"})
}

func TestRunsAreThoseOfTheirAssistant(t *testing.T) {
	call := kept(t)
	is(t, call("createAssistant", client.Params{"model": "m"}), map[string]string{"instructions": "", "tools.#": "0", "name": ""})
	assistant := call("createAssistant", client.Params{"model": "gpt-5", "instructions": "Be brief.", "tools": []any{
		map[string]any{"type": "function", "function": map[string]any{"name": "weather", "parameters": map[string]any{"type": "object"}}},
	}}).Get("id").String()
	thread := call("createThread", client.Params{}).Get("id").String()
	run := call("createRun", client.Params{"thread_id": thread, "assistant_id": assistant, "tool_choice": "required"})
	is(t, run, map[string]string{
		"status": "requires_action", "model": "gpt-5", "instructions": "Be brief.", "tools.0.function.name": "weather", "max_prompt_tokens": "",
		"required_action.submit_tool_outputs.tool_calls.0.function.name": "weather",
	})
	of := client.Params{"thread_id": thread, "run_id": run.Get("id").String()}
	is(t, call("listRunSteps", of), map[string]string{"data.#": "1", "data.0.type": "tool_calls", "data.0.status": "in_progress"})
	done := call("submitToolOuputsToRun", client.Params{"thread_id": thread, "run_id": of["run_id"], "tool_outputs": []any{
		map[string]any{"tool_call_id": "call_test_1", "output": "rain"},
	}})
	is(t, done, map[string]string{"id": run.Get("id").String(), "status": "completed", "assistant_id": assistant, "model": "gpt-5", "required_action": ""})
	is(t, call("getRun", of), map[string]string{"status": "completed"})
	steps := call("listRunSteps", client.Params{"thread_id": thread, "run_id": of["run_id"], "order": "asc"})
	is(t, steps, map[string]string{
		"data.#": "2", "data.0.status": "completed", "data.0.step_details.tool_calls.0.function.output": "rain", "data.1.type": "message_creation",
	})
	message := steps.Get("data.1.step_details.message_creation.message_id").String()
	is(t, call("getMessage", client.Params{"thread_id": thread, "message_id": message}), map[string]string{"content.0.text.value": ownText})
	is(t, call("getRunStep", client.Params{"thread_id": thread, "run_id": of["run_id"], "step_id": steps.Get("data.0.id").String()}), map[string]string{"type": "tool_calls"})
}

func TestFileCountsAreThoseOfTheFiles(t *testing.T) {
	call := kept(t)
	counts := func(n, ready int) map[string]string {
		return map[string]string{
			"file_counts.total": fmt.Sprint(n), "file_counts.in_progress": fmt.Sprint(n - ready), "file_counts.completed": fmt.Sprint(ready),
			"file_counts.failed": "0", "file_counts.cancelled": "0",
		}
	}
	store := call("createVectorStore", client.Params{"file_ids": []string{"file-1", "file-2"}})
	is(t, store, counts(2, 0))
	of := client.Params{"vector_store_id": store.Get("id").String()}
	is(t, call("getVectorStore", of), counts(2, 2))
	is(t, call("listVectorStoreFiles", of), map[string]string{"data.0.status": "completed", "data.1.status": "completed"})
	batch := call("createVectorStoreFileBatch", client.Params{"vector_store_id": of["vector_store_id"], "file_ids": []string{"file-3"}})
	is(t, batch, counts(1, 0))
	in := client.Params{"vector_store_id": of["vector_store_id"], "batch_id": batch.Get("id").String()}
	is(t, call("listFilesInVectorStoreBatch", in), map[string]string{"data.0.status": "in_progress"})
	is(t, call("getVectorStoreFileBatch", in), counts(1, 1))
	is(t, call("listVectorStoreFiles", client.Params{"vector_store_id": of["vector_store_id"], "filter": "completed"}), map[string]string{"data.#": "3"})
	call("deleteVectorStoreFile", client.Params{"vector_store_id": of["vector_store_id"], "file_id": "file-1"})
	is(t, call("getVectorStore", of), counts(2, 2))
}

func TestBatchRefusesLinesOfTheSameName(t *testing.T) {
	call := kept(t)
	line := func(id, method string) string {
		return fmt.Sprintf(`{"custom_id":%q,"method":%q,"url":"/v1/chat/completions","body":{"model":"m","messages":[{"role":"user","content":"Hi"}]}}`, id, method)
	}
	file := upload(call, strings.Join([]string{line("a", "POST"), line("a", "POST"), line("b", "GET")}, "\n"))
	batch := client.Params{"batch_id": call("createBatch", client.Params{"input_file_id": file, "endpoint": "/v1/chat/completions", "completion_window": "24h"}).Get("id").String()}
	call("retrieveBatch", batch)
	// All who look at it when it gets ready see its results.
	results := make([]string, 8)
	var all sync.WaitGroup
	for i := range results {
		all.Go(func() { results[i] = call("retrieveBatch", batch).Get("output_file_id").String() })
	}
	all.Wait()
	if results = slices.Compact(results); len(results) != 1 || results[0] == "" {
		t.Fatalf("got output files %q, want one", results)
	}
	done := call("retrieveBatch", batch)
	is(t, done, map[string]string{"request_counts.completed": "1", "request_counts.failed": "2"})
	var got []string
	for text := range strings.Lines(fileOf(t, call("downloadFile", client.Params{"file_id": done.Get("error_file_id").String()}))) {
		got = append(got, gjson.Get(text, "custom_id").String()+" "+gjson.Get(text, "error.code").String())
	}
	if diff := cmp.Diff([]string{"a duplicate_custom_id", "b invalid_method"}, got); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
}

func TestListsOfSamplesHaveWhatIsAskedFor(t *testing.T) {
	call := kept(t)
	is(t, call("listFiles", client.Params{"purpose": "batch"}), map[string]string{"data.#": "1", "data.0.purpose": "batch", "object": "list"})
}

// TestPagesCanBeDeletedWhileTheyAreRead deletes each object of a page before it asks for the
// next one, as programs that clean up do.
func TestPagesCanBeDeletedWhileTheyAreRead(t *testing.T) {
	server := clienttest.NewServer(t)
	call := calls(t, server)
	for range 5 {
		upload(call, "{}")
	}
	c := server.Client(client.WithResponseValidation(schema.Standard))
	deleted := 0
	for file, err := range c.Items(t.Context(), "listFiles", client.Params{"limit": 2}) {
		if err != nil {
			t.Fatal(err)
		}
		call("deleteFile", client.Params{"file_id": file.Get("id").String()})
		deleted++
	}
	if deleted != 5 {
		t.Errorf("%d files were deleted, want 5", deleted)
	}
	is(t, call("listFiles", nil), map[string]string{"data.#": "0", "has_more": "false"})
}

func TestAssignmentsHaveWhatTheyAssign(t *testing.T) {
	call := kept(t)
	group := call("create-group", client.Params{"name": "g"}).Get("id").String()
	role := call("create-role", client.Params{"role_name": "r", "permissions": []string{"p"}}).Get("id").String()
	is(t, call("assign-group-role", client.Params{"group_id": group, "role_id": role}), map[string]string{
		"role.id": role, "role.name": "r", "role.permissions.0": "p", "group.id": group, "group.name": "g",
	})
	of := client.Params{"group_id": group}
	is(t, call("list-group-role-assignments", of), map[string]string{"data.#": "1", "data.0.id": role, "data.0.name": "r"})
	is(t, call("retrieve-group-role", client.Params{"group_id": group, "role_id": role}), map[string]string{"id": role, "name": "r"})
	call("unassign-group-role", client.Params{"group_id": group, "role_id": role})
	is(t, call("list-group-role-assignments", of), map[string]string{"data.#": "0"})

	project := call("create-project", client.Params{"name": "p"}).Get("id").String()
	role = call("create-project-role", client.Params{"project_id": project, "role_name": "pr", "permissions": []string{"p"}}).Get("id").String()
	is(t, call("assign-project-user-role", client.Params{"project_id": project, "user_id": "user-1", "role_id": role}), map[string]string{
		"role.id": role, "role.name": "pr", "user.id": "user-1",
	})

	made := call("createFineTuningCheckpointPermission", client.Params{"fine_tuned_model_checkpoint": "ft:m", "project_ids": []string{"a", "b"}})
	is(t, made, map[string]string{"data.#": "2", "data.0.project_id": "a", "data.1.project_id": "b"})
	list := call("listFineTuningCheckpointPermissions", client.Params{"fine_tuned_model_checkpoint": "ft:m", "project_id": "b"})
	is(t, list, map[string]string{"data.#": "1", "data.0.id": made.Get("data.1.id").String()})

	is(t, call("getEvalRunOutputItems", client.Params{"eval_id": "eval_1", "run_id": "run_1"}), map[string]string{"data.0.eval_id": "eval_1", "data.0.run_id": "run_1"})
}
