package clienttest

import (
	"sync"

	"github.com/opcall/opcall/client/internal/inbound"
	"github.com/opcall/opcall/embed"
	"github.com/opcall/opcall/schema"
)

// described is a document with what servers find out about it, which nothing changes after that.
type described struct {
	document  *schema.Document
	base      string // path that the document's paths are relative to: "/v1", "" for the root
	bases     *inbound.Bases
	resources func() *resources

	made      sync.Map // *schema.MediaType → func() (content, error), see instance
	plans     sync.Map // operation ID → *plan
	pagings   sync.Map // operation ID → *listPaging
	envelopes sync.Map // operation ID → string, see envelopeOf
	writeOnly sync.Map // *schema.MediaType → []string, see hidden
	schemes   sync.Map // name → *schema.SecurityScheme, nil for none
	fields    sync.Map // *schema.MediaType → map[string]bool, see declared
}

func describe(doc *schema.Document) *described {
	d := &described{document: doc, bases: inbound.NewBases(doc)}
	if servers := doc.Servers(); len(servers) > 0 {
		d.base = inbound.Base(servers[0].URL)
	}
	d.resources = sync.OnceValue(func() *resources { return derive(doc) })
	return d
}

// builtIn opens the built-in document once for all servers of the program: a test that starts one
// does not find out again what the last one has.
var builtIn = sync.OnceValues(func() (*described, error) {
	doc, err := schema.Load(embed.OpenAI(), schema.WithoutChecks(), schema.WithIndex(embed.Index()))
	if err != nil {
		return nil, err
	}
	return describe(doc), nil
})
