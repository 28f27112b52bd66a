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
// openai.index says where the parts of openai.json are, so that it opens without a scan.
//
// azure.yaml is an overlay for the dated API versions of Azure OpenAI; hosts.json has
// the addresses of compatible hosts and of OpenAI's regions.
//
// fields.json says what the fields of the most used components are for, in this project's
// own words: the description has none.
//
// The program in derive makes openai.json and openai.index out of the official description,
// errata.yaml and summaries.yaml, and packs errata.yaml for programs that have it in them:
//
//	go run ./embed/derive OFFICIAL.yaml
package embed

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"io"
	"sync"
)

//go:embed openai.json
var openAI []byte

//go:embed openai.index
var index []byte

// errata.yaml.gz is errata.yaml, which would be a tenth of the data in a program, where it is read
// with other versions of the description alone.
//
//go:embed errata.yaml.gz
var errataGzip []byte

//go:embed azure.yaml
var azure []byte

//go:embed hosts.json
var hosts []byte

// Azure returns the overlay by which operations of the OpenAI API go to the deployments
// of Azure OpenAI, for its dated API versions: OpenAPI Overlay 1.0, YAML. The caller
// must not modify it.
func Azure() []byte { return azure }

// Hosts returns the addresses of hosts that are compatible with the OpenAI API, and of
// OpenAI's own regions: {"hosts": {NAME: {"baseURL": URL}}, "regions": …}, JSON. The
// caller must not modify it.
func Hosts() []byte { return hosts }

//go:embed fields.json
var fields []byte

// Fields returns what fields of the most used components are for, for people who write
// a request by hand: {COMPONENT: {FIELD: TEXT}}, JSON. The fields of an object within a
// component are named with a dot: "image_url.detail". The caller must not modify it.
func Fields() []byte { return fields }

// OpenAI returns the built-in description: OpenAPI 3.1, JSON, dialect repaired,
// errata applied. The caller must not modify it.
func OpenAI() []byte { return openAI }

// Index returns where the parts of OpenAI are, for schema.WithIndex. The caller must not
// modify it.
func Index() []byte { return index }

// Errata returns the overlay that has been applied to OpenAI, for other
// versions of the description: OpenAPI Overlay 1.0, YAML. A document that it
// was applied to has the root member x-opcall-errata. The caller must not
// modify it. It is unpacked by the first call.
func Errata() []byte {
	unpack.Do(func() {
		r, err := gzip.NewReader(bytes.NewReader(errataGzip))
		if err == nil {
			errata, err = io.ReadAll(r)
		}
		if err != nil {
			panic("embed: errata.yaml.gz: " + err.Error()) // a program is not built with it: a test reads it
		}
	})
	return errata
}

var (
	unpack sync.Once
	errata []byte
)
