package schema_test

import (
	"fmt"

	"github.com/opcall/opcall/embed"
	"github.com/opcall/opcall/schema"
)

func ExampleDocument_Check() {
	doc, err := schema.Load(embed.OpenAI(), schema.WithoutChecks())
	if err != nil {
		panic(err)
	}
	answer := []byte(`{"id": "file-1", "object": "file", "bytes": 12, "created_at": 1741476542, "filename": "a.txt",
		"purpose": "haiku", "status": "processed", "owner": "me"}`)
	for _, finding := range doc.Check("OpenAIFile", answer) {
		fmt.Println(finding.Kind, finding.Pointer)
	}
	// Output:
	// unknown_field /owner
	// unknown_value /purpose
}
