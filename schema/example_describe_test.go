package schema_test

import (
	"fmt"

	"github.com/opcall/opcall/embed"
	"github.com/opcall/opcall/schema"
)

func ExampleDocument_Describe() {
	doc, err := schema.Load(embed.OpenAI(), schema.WithoutChecks())
	if err != nil {
		panic(err)
	}
	for _, path := range []string{"createResponse.text.format.json_schema", "listFiles", "createResponse.temprature"} {
		description, err := doc.Describe(path)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(description)
	}
	// Output:
	// createResponse.text.format.json_schema
	//     TextResponseFormatJsonSchema
	//
	// FIELDS (* required)
	//   * type         "json_schema"
	//     description  string
	//   * name         string, 1 to 64 characters, matches ^[a-zA-Z0-9_-]+$
	//   * schema       ResponseFormatJsonSchemaSchema
	//     strict       boolean | null, default false
	//
	// listFiles  GET /files
	//     List uploaded files, optionally by purpose; returns one page
	//     Tags: Files
	//
	// PARAMETERS
	//     purpose  query, string
	//     limit    query, integer, default 10000
	//     order    query, "asc" | "desc", default "desc"
	//     after    query, string
	//
	// RESPONSES
	//   200      application/json: ListFilesResponse
	//
	// createResponse has no "temprature"; did you mean temperature?
}
