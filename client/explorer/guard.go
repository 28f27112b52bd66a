package explorer

import (
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// cookie holds the token once the browser has been at the address of Start. A browser
// sends it to every port of a host, so that each Explorer needs a name of its own.
const cookie = "opcall-explorer-"

// admit reports whether a request is served, and responds where it is not.
//
// A page of another site can make a browser send requests to a loopback address. It
// cannot set their Host (which rebinding of its own name would leave as that name) nor
// their Origin, and the cookie is not sent along with them; but another port of the same
// host is the same site, so that Fetch Metadata is heeded, too (Sec-Fetch-Site).
func (e *Explorer) admit(w http.ResponseWriter, r *http.Request) bool {
	if !e.isHost(r.Host) {
		e.refuse(w, http.StatusMisdirectedRequest, "This page is not served under the name "+name(r.Host)+". Open it by its loopback address, or give the name to WithHosts.")
		return false
	}
	if site := r.Header.Get("Sec-Fetch-Site"); (site == "cross-site" || site == "same-site") && r.Header.Get("Sec-Fetch-Dest") != "document" {
		e.refuse(w, http.StatusForbidden, "A page of another site may lead here, but not load anything from here.")
		return false
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead && !e.sameOrigin(r) {
		e.refuse(w, http.StatusForbidden, "Only the page itself may do this: the Origin of the request is that of another site, or it has none. Behind a proxy, that has to pass on the Host.")
		return false
	}
	if e.token == "" {
		return true
	}
	if token := r.URL.Query().Get("token"); token != "" && e.isToken(token) && r.Method == http.MethodGet {
		http.SetCookie(w, &http.Cookie{
			Name: e.cookie, Value: e.token, Path: e.prefix + "/", HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil,
		})
		// The token does not stay in the address, which people copy.
		query := r.URL.Query()
		query.Del("token")
		clean := url.URL{Path: e.prefix + "/" + strings.TrimLeft(r.URL.Path, "/"), RawQuery: query.Encode()}
		http.Redirect(w, r, clean.RequestURI(), http.StatusSeeOther)
		return false
	}
	if c, err := r.Cookie(e.cookie); err == nil && e.isToken(c.Value) {
		return true
	}
	e.refuse(w, http.StatusForbidden, "Open the address that the program printed when it started: it has the token that admits this browser. It is a new one after each start.")
	return false
}

func (e *Explorer) isToken(token string) bool {
	return subtle.ConstantTimeCompare([]byte(token), []byte(e.token)) == 1
}

// isHost reports whether a Host header names a loopback address or one of WithHosts.
func (e *Explorer) isHost(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(name(host), "."))
	if host == "localhost" || slices.Contains(e.hosts, host) {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}

// name returns a host without its port and brackets.
func name(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return strings.Trim(host, "[]")
}

// sameOrigin reports whether the page itself sent a request: browsers name the origin in
// every POST. Behind a proxy that puts another Host in its place, browsers say it
// themselves (Sec-Fetch-Site, Fetch Metadata §2.3), and the origin has a name that is
// served.
func (e *Explorer) sameOrigin(r *http.Request) bool {
	origin, err := url.Parse(r.Header.Get("Origin"))
	if err != nil || origin.Host == "" || len(r.Header.Values("Origin")) != 1 {
		return false
	}
	return strings.EqualFold(origin.Host, r.Host) || r.Header.Get("Sec-Fetch-Site") == "same-origin" && e.isHost(origin.Host)
}

func (e *Explorer) refuse(w http.ResponseWriter, status int, reason string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(reason + "\n"))
}
