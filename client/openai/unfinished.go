package openai

import "fmt"

// RefusalError reports that the model refused to do what it was asked for. One of
// Chat and Response is the whole result.
type RefusalError struct {
	Refusal  string // the model's text
	Chat     *ChatResult
	Response *RespondResult
}

func (e *RefusalError) Error() string { return fmt.Sprintf("the model refused: %.500q", e.Refusal) }

// IncompleteError reports a result that ends early, where all of it is needed. One
// of Chat and Response is the whole result.
type IncompleteError struct {
	Reason   string // of the API: "length", "max_output_tokens", "content_filter"
	Chat     *ChatResult
	Response *RespondResult
}

func (e *IncompleteError) Error() string {
	switch e.Reason {
	case "length", "max_output_tokens":
		return "the result is cut off by its length (" + e.Reason + "); raise the limit of output tokens"
	case "content_filter":
		return "the result is cut off by the content filter"
	}
	return fmt.Sprintf("the result is incomplete (%.100s)", e.Reason)
}
