package clienttest_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/schema"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// zoo is a document with what the built-in one lacks: every parameter style,
// urlencoded forms, kinds of credentials, ranges of media types.
func zoo(t testing.TB) *schema.Document {
	t.Helper()
	doc, err := schema.LoadFile("testdata/zoo.json")
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func zooServer(t testing.TB, opts ...clienttest.Option) *clienttest.Server {
	t.Helper()
	return clienttest.NewServer(t, append(opts, clienttest.WithDocument(zoo(t)))...)
}
