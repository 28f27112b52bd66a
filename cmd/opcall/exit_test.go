package main_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
	"testing"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/cmd/opcall/internal/exit"
	"github.com/opcall/opcall/schema"
)

func TestExitCodeTellsTheKindOfError(t *testing.T) {
	invalid := &schema.ValidationError{Subject: "createFile", Problems: []schema.Problem{{Pointer: "/file", Message: "is missing"}}}
	for name, tc := range map[string]struct {
		err  error
		want int
	}{
		"nothing wrong":              {nil, 0},
		"a reader that left":         {fmt.Errorf("write |1: %w", syscall.EPIPE), 0},
		"a file":                     {errors.New("no such file"), 1},
		"no connection":              {&client.ConnectionError{Err: io.EOF}, 1},
		"an invalid request":         {fmt.Errorf("call: %w", invalid), 2},
		"a client error":             {&client.APIError{StatusCode: 429}, 4},
		"a server error":             {&client.APIError{StatusCode: 503}, 5},
		"an error within a stream":   {&client.APIError{StatusCode: 200}, 6},
		"a cut stream":               {&client.TruncatedError{Err: io.ErrUnexpectedEOF}, 6},
		"a response that broke off":  {&client.ConnectionError{Err: io.ErrUnexpectedEOF}, 6},
		"a stream that was stopped":  {&client.TruncatedError{Err: context.Canceled}, 130},
		"a request that was stopped": {&client.ConnectionError{Err: context.Canceled}, 130},
		"something is kept":          {&exit.Interrupt{Kept: "2 parts"}, 130},
		"said already":               {exit.Silent(5), 5},
	} {
		if got := exit.Code(tc.err); got != tc.want {
			t.Errorf("%s: got exit code %d, want %d", name, got, tc.want)
		}
	}
}

func TestErrorsNameFlagsNotOptionsOfGo(t *testing.T) {
	for _, err := range []error{
		&client.UntrustedServerError{Operation: "listPets", Server: "https://pets.example.com"},
		&client.UntrustedServerError{Operation: "listPets"},
		&client.MissingCredentialError{Operation: "listFiles", Scheme: "ApiKeyAuth", Remedy: "set OPENAI_API_KEY or WithAPIKey"},
		&client.MissingCredentialError{Operation: "listUsers", Scheme: "AdminAuth", Remedy: "set OPENAI_ADMIN_KEY or WithAdminKey"},
	} {
		if text := exit.Text(err); strings.Contains(text, "With") {
			t.Errorf("%T says %q, which nobody can type", err, text)
		}
	}
}

func TestPlacesAreWrittenAsPathsAndEscaped(t *testing.T) {
	for pointer, want := range map[schema.Pointer]string{
		"":                     "the whole",
		"/a":                   "a",
		"/messages/0/content":  "messages[0].content",
		"/0/a":                 "0.a",
		"/a~1b/c~0d/\x1b[2J":   "a/b.c~d.�[2J",
		"/logit_bias/50256/12": "logit_bias[50256][12]",
	} {
		if got := exit.Place(pointer); got != want {
			t.Errorf("%q: got %q, want %q", pointer, got, want)
		}
	}
}
