package client_test

import (
	"net/http"
	"testing"

	"github.com/opcall/opcall/client/internal/paging"
)

func TestLinkHeaderIsReadByItsGrammar(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`<https://a.test/?page=2>; rel="next"`:              "https://a.test/?page=2",
		`<a>; rel=next`:                                     "a",
		`<a> ; REL = "Next"`:                                "a",
		`<a>; rel="prev", <b>; rel="next", <c>; rel="last"`: "b",
		`<a,b;c>; title="x, y; z"; rel="next"`:              "a,b;c",
		`<a>; title="say \"next\", <b>; rel=next"; rel=prev, <c>; rel="x next y"`: "c",
		`<a>; rel=prev; rel=next`:       "", // the first rel counts
		`<a>; rel=next; anchor="#part"`: "", // of another resource
		`<a>; rel=nextish`:              "",
		`<a>`:                           "",
		`<a`:                            "",
		`rel=next`:                      "",
		`<a>; rel="next`:                "a",
		`<a>; rel=`:                     "",
		`<a>;;; ;rel=next`:              "a",
		``:                              "",
	} {
		if got, _ := paging.Link(http.Header{"Link": {text}}, "next"); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
	if got, paged := paging.Link(http.Header{"Link": {`<s.css>; rel=preload`, `<b>; rel=last`, `<c>; rel=next`}}, "next"); got != "c" || !paged {
		t.Errorf("several headers: got %q, %v", got, paged)
	}
	if _, paged := paging.Link(http.Header{"Link": {`<s.css>; rel=preload`}}, "next"); paged {
		t.Error("a link to a stylesheet is taken for paging")
	}
}

func FuzzLink(f *testing.F) {
	f.Add(`<https://a.test/?page=2>; rel="next", <b>; rel=last`)
	f.Add(`<a>; title="\"`)
	f.Fuzz(func(t *testing.T, text string) {
		target, paged := paging.Link(http.Header{"Link": {text}}, "next")
		if target != "" && !paged || len(target) > len(text) {
			t.Errorf("got %q, %v of %q", target, paged, text)
		}
	})
}
