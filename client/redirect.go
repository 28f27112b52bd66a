package client

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// maxRedirects is how many redirects are followed, as in net/http.
const maxRedirects = 10

// travelling lists the headers that are kept on redirects to another origin: none
// identifies the caller.
var travelling = [...]string{"Accept", "Accept-Encoding", "User-Agent", "Range"}

// safeRedirects makes the CheckRedirect of an http.Client that sends credentials
// and bodies to one origin only (scheme, host and port: RFC 6454), the one that
// the request was made for.
//
// Within the origin redirects are followed as net/http follows them. Outside of
// it only GET and HEAD are, and without credentials: of the headers the
// travelling ones are kept, and a target that repeats a credential in its URL is
// left alone. A redirect that is not followed is not an error of the http.Client:
// it returns the 3xx response. Once a chain of redirects left the origin, coming
// back changes nothing.
//
// next, which may be nil, is the CheckRedirect that the user's client had. It is
// asked about every redirect that would be followed, and then sets the limit
// of ten itself.
func safeRedirects(next func(*http.Request, []*http.Request) error) func(*http.Request, []*http.Request) error {
	return func(req *http.Request, via []*http.Request) error {
		if next == nil && len(via) >= maxRedirects || losesBody(req, via) {
			return refuse(req)
		}
		if leaves(req, via) {
			if !mayLeave(req, via) {
				return refuse(req)
			}
			strip(req.Header, authorizedHeaders(via[0]))
			req.URL.User = nil // net/http would send what the server names as Basic authorization
		} else if via[0].Header.Get("Referer") == "" {
			req.Header.Del("Referer") // net/http sets it, with the whole query
		}
		if next != nil {
			return next(req, via)
		}
		return nil
	}
}

// losesBody reports whether net/http turned a request with a body into a GET
// without, as it does on 301 and 302: the call would become another one. 303
// asks for just that (RFC 9110 §15.4.4).
func losesBody(req *http.Request, via []*http.Request) bool {
	return req.Method != via[0].Method && (req.Response == nil || req.Response.StatusCode != http.StatusSeeOther)
}

// refuse closes the body that net/http opened for the redirect and would leave
// open.
func refuse(req *http.Request) error {
	if req.Body != nil {
		req.Body.Close()
	}
	return http.ErrUseLastResponse
}

// leaves reports whether any step of the chain is at another origin than the
// first.
func leaves(req *http.Request, via []*http.Request) bool {
	origin := via[0].URL
	return !sameOrigin(origin, req.URL) || slices.ContainsFunc(via, func(step *http.Request) bool {
		return !sameOrigin(origin, step.URL)
	})
}

// mayLeave reports whether req may be sent to another origin.
func mayLeave(req *http.Request, via []*http.Request) bool {
	first, last := via[0], via[len(via)-1]
	switch {
	case first.Method != http.MethodGet && first.Method != http.MethodHead:
		return false
	case req.Body != nil && req.Body != http.NoBody:
		return false
	case req.URL.Scheme == "http" && last.URL.Scheme == "https":
		return false
	}
	target := req.URL.String()
	if plain, err := url.PathUnescape(target); err == nil {
		target += " " + plain
	}
	return !slices.ContainsFunc(secrets(first), func(secret string) bool {
		return strings.Contains(target, secret)
	})
}

// strip keeps the travelling headers, but for those that hold a credential.
func strip(header http.Header, authorized []string) {
	for name := range header {
		if !slices.Contains(travelling[:], name) || slices.Contains(authorized, name) {
			delete(header, name)
		}
	}
}

// explainRedirect returns the message of a response that a redirect led to: why
// it was not followed, or why it may have been refused where it was.
func explainRedirect(req *http.Request, resp *http.Response, message string) string {
	location, err := resp.Location()
	switch {
	case resp.StatusCode >= 300 && resp.StatusCode < 400 && err == nil:
		if sameOrigin(req.URL, location) {
			return "redirect within " + siteOf(location) + " was not followed: too many, or the body cannot be sent twice;" +
				" set the address it leads to with WithBaseURL"
		}
		return "redirect to " + siteOf(location) + " was not followed: body and credentials go to " + siteOf(req.URL) +
			" only; if the API has moved, set its address with WithBaseURL"
	case resp.StatusCode != http.StatusUnauthorized && resp.StatusCode != http.StatusForbidden:
		return message
	case resp.Request == nil || resp.Request.Response == nil: // not reached by a redirect
		return message
	case sameOrigin(req.URL, resp.Request.URL):
		return message
	}
	return "redirected to " + siteOf(resp.Request.URL) + ", which was sent no credentials (if the API has moved there, set" +
		" its address with WithBaseURL): " + message
}
