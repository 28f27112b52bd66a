package client

import "net/http"

// do sends a request as http.Client.Do does. The client's part in that is to follow
// redirects and to wrap errors, and it copies the headers of each request in case of the
// former. So the transport is asked first, and the client only where there is something to
// do for it: it then gets what the transport returned.
func do(c *http.Client, req *http.Request) (*http.Response, error) {
	transport, ok := plainTransport(c)
	if !ok || c.Timeout > 0 || req.URL.User != nil {
		return c.Do(req)
	}
	resp, err := transport.RoundTrip(req)
	if err == nil && !isRedirect(resp.StatusCode) {
		return resp, nil
	}
	rest := *c
	rest.Transport = &begun{transport, resp, err, false}
	return rest.Do(req)
}

// plainTransport returns the transport of net/http where nothing else is in its place and
// no cookies are kept. It changes nothing in a request.
func plainTransport(c *http.Client) (*http.Transport, bool) {
	transport := c.Transport
	if transport == nil {
		transport = http.DefaultTransport
	}
	plain, ok := transport.(*http.Transport)
	return plain, ok && c.Jar == nil
}

// isRedirect reports whether net/http follows a response of a status to another place.
func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// begun is a transport whose first request has been sent. It is for one call of Do.
type begun struct {
	transport *http.Transport
	resp      *http.Response
	err       error
	returned  bool
}

func (t *begun) RoundTrip(req *http.Request) (*http.Response, error) {
	if t.returned {
		return t.transport.RoundTrip(req)
	}
	t.returned = true
	return t.resp, t.err
}
