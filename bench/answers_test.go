package bench

import (
	"bytes"
	"context"
	"image"
	_ "image/png"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/responses"
	other "github.com/sashabaranov/go-openai"

	"github.com/opcall/opcall/client/clienttest"
)

const ownText = "This is a text from the test server, in place of a model's."

// picture is a file that says its name.
type picture struct{ io.Reader }

func (picture) Filename() string    { return "a.png" }
func (picture) ContentType() string { return "image/png" }

// TestOpenAIGoReadsDefaultResponses has the official client read what the test
// server answers without a script, in the way of its own documentation: the first
// choice, the first vector, the first page.
func TestOpenAIGoReadsDefaultResponses(t *testing.T) {
	server := clienttest.NewServer(t)
	c := openai.NewClient(option.WithBaseURL(server.URL()+"/"), option.WithAPIKey(clienttest.Key), option.WithMaxRetries(0))
	tests := map[string]func(context.Context) (got, want any, err error){
		"chat": func(ctx context.Context) (any, any, error) {
			r, err := c.Chat.Completions.New(ctx, openai.ChatCompletionNewParams{Model: "m", Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage("Hi")}})
			if err != nil {
				return nil, nil, err
			}
			return r.Choices[0].Message.Content, ownText, nil
		},
		"chat, streamed": func(ctx context.Context) (any, any, error) {
			stream := c.Chat.Completions.NewStreaming(ctx, openai.ChatCompletionNewParams{Model: "m", Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage("Hi")}})
			sum := openai.ChatCompletionAccumulator{}
			for stream.Next() {
				sum.AddChunk(stream.Current())
			}
			if err := stream.Err(); err != nil {
				return nil, nil, err
			}
			return sum.Choices[0].Message.Content, ownText, nil
		},
		"completion": func(ctx context.Context) (any, any, error) {
			r, err := c.Completions.New(ctx, openai.CompletionNewParams{Model: "m", Prompt: openai.CompletionNewParamsPromptUnion{OfString: openai.String("Hi")}})
			if err != nil {
				return nil, nil, err
			}
			return r.Choices[0].Text, ownText, nil
		},
		"response": func(ctx context.Context) (any, any, error) {
			r, err := c.Responses.New(ctx, responses.ResponseNewParams{Model: "m", Input: responses.ResponseNewParamsInputUnion{OfString: openai.String("Hi")}})
			if err != nil {
				return nil, nil, err
			}
			return r.OutputText() + " " + string(r.Status) + " " + r.Error.Message, ownText + " completed ", nil
		},
		"embeddings": func(ctx context.Context) (any, any, error) {
			r, err := c.Embeddings.New(ctx, openai.EmbeddingNewParams{Model: openai.EmbeddingModelTextEmbedding3Large, Input: openai.EmbeddingNewParamsInputUnion{OfArrayOfStrings: []string{"a", "b"}}})
			if err != nil {
				return nil, nil, err
			}
			return [2]int{len(r.Data), len(r.Data[1].Embedding)}, [2]int{2, 3072}, nil
		},
		"image": func(ctx context.Context) (any, any, error) {
			r, err := c.Images.Generate(ctx, openai.ImageGenerateParams{Prompt: "a", N: openai.Int(2), ResponseFormat: openai.ImageGenerateParamsResponseFormatURL})
			if err != nil {
				return nil, nil, err
			}
			format, err := fetched(r.Data[1].URL)
			return format, "png", err
		},
		"image variation": func(ctx context.Context) (any, any, error) {
			r, err := c.Images.NewVariation(ctx, openai.ImageNewVariationParams{Image: picture{strings.NewReader("\x89PNG")}})
			if err != nil {
				return nil, nil, err
			}
			return len(r.Data[0].B64JSON) > 0, true, nil
		},
		"transcription": func(ctx context.Context) (any, any, error) {
			r, err := c.Audio.Transcriptions.New(ctx, openai.AudioTranscriptionNewParams{Model: "m", File: picture{strings.NewReader("x")}})
			if err != nil {
				return nil, nil, err
			}
			return r.Text, ownText, nil
		},
		"moderation": func(ctx context.Context) (any, any, error) {
			r, err := c.Moderations.New(ctx, openai.ModerationNewParams{Input: openai.ModerationNewParamsInputUnion{OfStringArray: []string{"a", "b"}}})
			if err != nil {
				return nil, nil, err
			}
			return r.Results[1].Flagged, false, nil
		},
		"models": func(ctx context.Context) (any, any, error) {
			r, err := c.Models.List(ctx)
			if err != nil {
				return nil, nil, err
			}
			return r.Data[0].ID, "gpt-5-mini", nil
		},
		"files, paged to the end": func(ctx context.Context) (any, any, error) {
			pages := c.Files.ListAutoPaging(ctx, openai.FileListParams{})
			n := 0
			for pages.Next() {
				n++
			}
			return n, 1, pages.Err()
		},
	}
	for name, call := range tests {
		t.Run(name, func(t *testing.T) {
			got, want, err := call(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if got != want {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

// TestGoOpenAIReadsDefaultResponses is the same for the other widespread client.
func TestGoOpenAIReadsDefaultResponses(t *testing.T) {
	server := clienttest.NewServer(t)
	config := other.DefaultConfig(clienttest.Key)
	config.BaseURL = server.URL()
	c := other.NewClientWithConfig(config)
	ctx := t.Context()
	messages := []other.ChatCompletionMessage{{Role: other.ChatMessageRoleUser, Content: "Hi"}}

	chat, err := c.CreateChatCompletion(ctx, other.ChatCompletionRequest{Model: "m", Messages: messages})
	if err != nil {
		t.Fatal(err)
	}
	if got := chat.Choices[0].Message.Content; got != ownText {
		t.Errorf("chat: got %q", got)
	}
	stream, err := c.CreateChatCompletionStream(ctx, other.ChatCompletionRequest{Model: "m", Messages: messages})
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	var text strings.Builder
	for {
		chunk, err := stream.Recv()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		text.WriteString(chunk.Choices[0].Delta.Content)
	}
	if text.String() != ownText {
		t.Errorf("streamed: got %q", &text)
	}
	for _, format := range []other.EmbeddingEncodingFormat{other.EmbeddingEncodingFormatFloat, other.EmbeddingEncodingFormatBase64} {
		embeddings, err := c.CreateEmbeddings(ctx, other.EmbeddingRequest{Model: other.SmallEmbedding3, Input: []string{"a", "b"}, EncodingFormat: format})
		if err != nil {
			t.Fatal(err)
		}
		if n := len(embeddings.Data[1].Embedding); n != 1536 {
			t.Errorf("%s: got a vector of %d numbers, want 1536", format, n)
		}
	}
	images, err := c.CreateImage(ctx, other.ImageRequest{Prompt: "a", ResponseFormat: other.CreateImageResponseFormatURL})
	if err != nil {
		t.Fatal(err)
	}
	if format, err := fetched(images.Data[0].URL); err != nil || format != "png" {
		t.Errorf("image: got %s, %v", format, err)
	}
	moderation, err := c.Moderations(ctx, other.ModerationRequest{Input: "a"})
	if err != nil {
		t.Fatal(err)
	}
	if moderation.Results[0].Flagged {
		t.Error("moderation: got a flag")
	}
	models, err := c.ListModels(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if got := models.Models[0].ID; got != "gpt-5-mini" {
		t.Errorf("models: got %q", got)
	}
	transcription, err := c.CreateTranscription(ctx, other.AudioRequest{Model: "m", FilePath: "a.mp3", Reader: strings.NewReader("x")})
	if err != nil {
		t.Fatal(err)
	}
	if transcription.Text != ownText {
		t.Errorf("transcription: got %q", transcription.Text)
	}
}

// fetched returns the format of the image at a URL.
func fetched(url string) (string, error) {
	resp, err := http.Get(url)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return "", err
	}
	_, format, err := image.Decode(bytes.NewReader(data))
	return format, err
}
