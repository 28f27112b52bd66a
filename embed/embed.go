// Package embed holds the built-in description of the OpenAI API, as data.
//
// openai.json is a compact OpenAPI 3.1 document: the facts of the official
// description (paths, methods, operation IDs, parameters, schemas, enums,
// bounds) with summaries in this project's own words, from summaries.yaml.
// errata.yaml is the OpenAPI Overlay 1.0 document that says where that description
// and the real server disagree, and what else a client must know. errata.md has
// the evidence, and what was decided about each difference between the published
// description and the one that OpenAI's SDKs are made from.
//
// The program in derive makes openai.json out of the official description,
// errata.yaml and summaries.yaml:
//
//	go run ./embed/derive OFFICIAL.yaml
package embed

import _ "embed"

//go:embed openai.json
var openAI []byte

//go:embed errata.yaml
var errata []byte

// OpenAI returns the built-in description: OpenAPI 3.1, JSON, dialect repaired,
// errata applied. The caller must not modify it.
func OpenAI() []byte { return openAI }

// Errata returns the overlay that has been applied to OpenAI, for other
// versions of the description: OpenAPI Overlay 1.0, YAML. A document that it
// was applied to has the root member x-opcall-errata. The caller must not
// modify it.
func Errata() []byte { return errata }
