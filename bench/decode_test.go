package bench

import (
	"reflect"
	"testing"

	openaigo "github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/responses"
	goopenai "github.com/sashabaranov/go-openai"

	"github.com/opcall/opcall/embed"
	"github.com/opcall/opcall/schema"
)

// TestTypesOfPeersAreNotMisspelt: client.Decode takes the types of other libraries,
// which have fields for other hosts and for years of API.
func TestTypesOfPeersAreNotMisspelt(t *testing.T) {
	doc, err := schema.Load(embed.OpenAI(), schema.WithoutChecks())
	if err != nil {
		t.Fatal(err)
	}
	for component, types := range map[string][]reflect.Type{
		"CreateChatCompletionResponse":       {reflect.TypeFor[goopenai.ChatCompletionResponse](), reflect.TypeFor[openaigo.ChatCompletion]()},
		"CreateChatCompletionStreamResponse": {reflect.TypeFor[goopenai.ChatCompletionStreamResponse](), reflect.TypeFor[openaigo.ChatCompletionChunk]()},
		"Response":                           {reflect.TypeFor[responses.Response]()},
		"CreateEmbeddingResponse":            {reflect.TypeFor[goopenai.EmbeddingResponse](), reflect.TypeFor[openaigo.CreateEmbeddingResponse]()},
		"CreateModerationResponse":           {reflect.TypeFor[goopenai.ModerationResponse](), reflect.TypeFor[openaigo.ModerationNewResponse]()},
		"ImagesResponse":                     {reflect.TypeFor[goopenai.ImageResponse](), reflect.TypeFor[openaigo.ImagesResponse]()},
		"OpenAIFile":                         {reflect.TypeFor[goopenai.File](), reflect.TypeFor[openaigo.FileObject]()},
		"Batch":                              {reflect.TypeFor[goopenai.Batch](), reflect.TypeFor[openaigo.Batch]()},
		"FineTuningJob":                      {reflect.TypeFor[goopenai.FineTuningJob](), reflect.TypeFor[openaigo.FineTuningJob]()},
		"RunObject":                          {reflect.TypeFor[goopenai.Run]()},
		"MessageObject":                      {reflect.TypeFor[goopenai.Message]()},
		"ThreadObject":                       {reflect.TypeFor[goopenai.Thread]()},
		"AssistantObject":                    {reflect.TypeFor[goopenai.Assistant]()},
		"VectorStoreObject":                  {reflect.TypeFor[goopenai.VectorStore](), reflect.TypeFor[openaigo.VectorStore]()},
	} {
		s, err := doc.Component(component)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, typ := range types {
			for _, field := range s.Unfilled(typ) {
				t.Logf("%s %v: %v", component, typ, field)
				if len(field.Nearest) > 0 {
					t.Errorf("%s: %v is called misspelt: %v", component, typ, field)
				}
			}
		}
	}
}
