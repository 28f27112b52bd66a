package paging

import (
	"slices"
	"strings"
)

// fold is a name without case and whatever is neither letter nor digit, so that
// page_token, pageToken and page[token] are one.
func fold(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9':
			return r
		case 'A' <= r && r <= 'Z':
			return r + 'a' - 'A'
		}
		return -1
	}, name)
}

// is reports whether a folded name is one of a list, which is separated by spaces.
func is(folded, list string) bool { return slices.Contains(strings.Fields(list), folded) }

// The names of lists, the usual first.
const listNames = "data items results records entries value values elements list resources content objects rows nodes hits documents"

// Objects around what says how to go on.
const containerNames = "paging pagination page pageinfo pagingdata paginginfo meta metadata responsemetadata responseinfo links link cursors cursor next info pager result response data listmetadata"

// What says how to go on, in a response, by its last name.
const (
	cursorNames = "nextpagetoken nextcursor nexttoken nextcontinuationtoken continuationtoken nextcontinuation nextmarker endcursor " +
		"nextpagecursor nextstartingafter nextafter nextkey nextoffset nextstart nextpageid nextpagenumber nextpage next " +
		"cursor after marker scrollid bookmark lastevaluatedkey token offset"
	urlNames   = "nextlink odatanextlink nexturl nextpageurl nextpageuri nextpagelink nexturi nexthref nextrecordsurl"
	moreNames  = "hasmore hasnext hasnextpage more moreavailable istruncated morerecords hasmoreresults hasmoreitems hasmorepages hasadditional"
	endNames   = "last islast islastpage lastpage done"
	totalNames = "total totalcount totalitems totalresults totalelements totalrecords totalsize totalrows totalentries"
	pagesNames = "totalpages pagecount lastpage pages totalpagecount numpages pagestotal"
)

// What a request sends.
const (
	sendNames = "cursor pagetoken nextpagetoken nexttoken continuationtoken nextcursor startcursor pagecursor pageafter startingafter after afterid " +
		"aftercursor marker scrollid bookmark exclusivestartkey token page pagenumber start offset"
	afterNames  = "after startingafter afterid startafter aftercursor pageafter sinceid cursor"
	pageNames   = "page pagenumber pagenum pageno pageindex pagenr currentpage p"
	offsetNames = "offset skip startat startindex pageoffset start firstresult startrow startposition from"
)

// sendFor returns which of the folded names of a request takes what a response has
// under a name: the same name, with and without "next", and else the usual ones.
func sendFor(response string, request []string) (at int) {
	plain := strings.TrimPrefix(response, "next")
	wanted := append([]string{plain, response}, strings.Fields(sendNames)...)
	switch response {
	case "endcursor", "after", "nextafter":
		wanted = append([]string{"after", "cursor"}, wanted...)
	case "next":
		wanted = append([]string{"after", "cursor", "next"}, strings.Fields(sendNames)...)
	}
	for _, name := range wanted {
		if name == "" {
			continue
		}
		if at := slices.Index(request, name); at >= 0 {
			return at
		}
	}
	return -1
}

// tellsNothingAlone reports whether a name of a response is a cursor only where the
// request takes one of the same name: an object may have a cursor, a token or an offset
// for other reasons.
func tellsNothingAlone(folded string) bool {
	return is(folded, "cursor after marker token offset bookmark scrollid")
}
