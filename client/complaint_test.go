package client_test

import (
	"errors"
	"testing"

	"github.com/opcall/opcall/client"
)

// TestErrorsUnderSuccess answers operations of all kinds with errors in the forms that
// hosts have for them, under the status 200.
func TestErrorsUnderSuccess(t *testing.T) {
	operations := map[string]client.Params{
		"createChatCompletion": chat(),
		"createResponse":       {"model": "m", "input": "x"},
		"createEmbedding":      {"model": "m", "input": "x"},
		"listModels":           nil,
		"createImage":          {"prompt": "x"},
		"createFile":           {"file": image, "purpose": "batch"},
		"createTranscription":  {"file": image, "model": "m"},
		"createModeration":     {"input": "x"},
		"retrieveFile":         {"file_id": "f"},
		"deleteFile":           {"file_id": "f"},
		"createSpeech":         {"model": "m", "input": "x", "voice": "alloy"}, // a file is declared
	}
	for _, body := range []string{
		`{"error":{"message":"no"}}`, `{"error":"no","id":"x"}`, `{"error":"no","message":"n"}`, `{"object":"error","message":"no"}`, `{"object":"error"}`,
		`{"success":false}`, `{"success":false,"errors":[{"code":7003,"message":"no route"}],"messages":[],"result":null}`, `{"ok":false,"reason":"no"}`,
		`{"message":"no","code":401}`, `{"code":"x","message":"no","data":null}`, `{"status":"error","message":"no"}`, `{"Message":"no"}`,
		`{"statusCode":500,"error":"Internal Server Error","message":"no"}`, `{"fault":{"faultstring":"no"}}`, `{"errorCode":"x","errorMessage":"no"}`,
		`{"errors":{"field":["no"]}}`, `{"errors":["no"]}`, `{"detail":{"error":"no"}}`, `{"detail":"no"}`, `{"code":0,"msg":"success","data":{}}`,
	} {
		for operation, params := range operations {
			server := newWitness(t, responding(200, "application/json", body))
			c := newClient(t, client.WithBaseURL(server.URL+"/v1"), client.WithAPIKey("sk-test-0123456789"), client.WithMaxRetries(0))
			_, err := c.Call(t.Context(), operation, params)
			var refused *client.ResponseError
			var reported *client.APIError
			if !errors.As(err, &refused) && !errors.As(err, &reported) {
				t.Errorf("%s, %s: got %v, want a *client.ResponseError or *client.APIError", operation, body, err)
			}
		}
	}
}

// TestNoErrorUnderSuccess answers with objects of the API that have such members, or
// lack most of theirs.
func TestNoErrorUnderSuccess(t *testing.T) {
	const completion = `{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"a \"error\""}}]`
	failed := `{"id":"r","object":"response","created_at":1,"status":"failed","error":{"code":"server_error","message":"no"},"model":"m","output":[]}`
	for name, test := range map[string]struct {
		operation string
		params    client.Params
		body      string
	}{
		"members of a host":           {"createChatCompletion", chat(), completion + `,"error":null,"code":0,"message":"ok","success":true,"errors":[]}`},
		"nothing in an error":         {"createChatCompletion", chat(), completion + `,"error":{}}`},
		"a warning beside choices":    {"createChatCompletion", chat(), completion + `,"detail":"model is deprecated"}`},
		"few members":                 {"createImage", client.Params{"prompt": "x"}, `{"data":[{"url":"u"}],"message":"done"}`},
		"a list alone":                {"listModels", nil, `{"data":[]}`},
		"an empty list":               {"listModels", nil, `{"object":"list","data":null}`},
		"a response that failed":      {"getResponse", client.Params{"response_id": "r"}, failed},
		"a file with its own mistake": {"retrieveFile", client.Params{"file_id": "f"}, `{"id":"f","object":"file","bytes":1,"created_at":1,"filename":"a","purpose":"batch","status":"error","status_details":"no"}`},
		"a file of any content":       {"downloadFile", client.Params{"file_id": "f"}, `{"detail":"this is the content"}`},
		"a text of one member":        {"createTranscription", client.Params{"file": image, "model": "m"}, `{"text":""}`},
	} {
		t.Run(name, func(t *testing.T) {
			server := newWitness(t, responding(200, "application/json", test.body))
			c := newClient(t, client.WithBaseURL(server.URL+"/v1"), client.WithAPIKey("sk-test-0123456789"), client.WithMaxRetries(0))
			r, err := c.Call(t.Context(), test.operation, test.params)
			if err != nil {
				t.Fatalf("%s: %v", test.body, err)
			}
			r.Close()
		})
	}
}
