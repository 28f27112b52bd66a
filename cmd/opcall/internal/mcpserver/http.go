package mcpserver

import (
	"bytes"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/tidwall/gjson"
)

// Bounds of the protocol over HTTP.
const (
	maxRequest  = 4 << 20 // bytes
	idleSession = 30 * time.Minute
)

// Handler serves the protocol over streamable HTTP to programs of this machine that have
// the token: "Authorization: Bearer TOKEN" (RFC 6750 §2.1), others get 401, so that other
// users of the machine do not call with this user's key. A request whose Host is not that of
// this machine is refused with 403, and so is one of a page of the web (Origin): a page
// could reach it by way of a name that leads here (DNS rebinding).
func Handler(server *mcp.Server, token string) http.Handler {
	inner := mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server }, &mcp.StreamableHTTPOptions{
		SessionTimeout: idleSession,
	})
	bounded := http.NewCrossOriginProtection().Handler(http.MaxBytesHandler(checked(inner), maxRequest))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !local(r.Host) {
			http.Error(w, "the Host of the request is not this machine", http.StatusForbidden)
			return
		}
		for _, origin := range r.Header.Values("Origin") {
			if u, err := url.Parse(origin); err != nil || u.Host != r.Host {
				http.Error(w, "the request comes from a page of another origin", http.StatusForbidden)
				return
			}
		}
		if !bears(r, token) {
			w.Header().Set("WWW-Authenticate", `Bearer realm="opcall"`)
			http.Error(w, "the request does not have the token: Authorization: Bearer TOKEN", http.StatusUnauthorized)
			return
		}
		bounded.ServeHTTP(w, r)
	})
}

// bears reports whether a request has the token. Nobody has one that is empty.
func bears(r *http.Request, token string) bool {
	values := r.Header.Values("Authorization")
	if len(values) != 1 || token == "" {
		return false
	}
	scheme, given, _ := strings.Cut(values[0], " ")
	return strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare([]byte(strings.TrimSpace(given)), []byte(token)) == 1
}

// local reports whether a host, with or without a port, is a name or address of loopback.
func local(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	if name == "localhost" {
		return true
	}
	if n := len(name); n > 2 && name[0] == '[' && name[n-1] == ']' {
		name = name[1 : n-1]
	}
	ip, err := netip.ParseAddr(name)
	return err == nil && ip.IsLoopback()
}

// checked refuses messages that CheckMessage refuses.
func checked(inner http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			text, err := io.ReadAll(r.Body)
			var tooLarge *http.MaxBytesError
			switch {
			case errors.As(err, &tooLarge):
				http.Error(w, fmt.Sprintf("request body exceeds %d bytes", maxRequest), http.StatusRequestEntityTooLarge)
				return
			case err == nil:
				err = CheckMessage(text)
			}
			if err != nil {
				http.Error(w, "the message "+err.Error(), http.StatusBadRequest)
				return
			}
			r.Body = io.NopCloser(bytes.NewReader(text))
		}
		inner.ServeHTTP(w, r)
	})
}

// CheckMessage refuses a message, or a list of them, that the SDK would respond to under
// another id than its own: text that is not UTF-8, and numbers that are not integers of 64
// bits.
func CheckMessage(text []byte) error {
	if !utf8.Valid(text) {
		return errors.New("is not UTF-8")
	}
	message := gjson.ParseBytes(text)
	if !message.IsArray() {
		return checkID(message)
	}
	var err error
	message.ForEach(func(_, item gjson.Result) bool {
		err = checkID(item)
		return err == nil
	})
	return err
}

func checkID(message gjson.Result) error {
	id := message.Get("id")
	if _, err := strconv.ParseInt(id.Raw, 10, 64); id.Type == gjson.Number && err != nil {
		return errors.New("has an id that is neither a string nor an integer of 64 bits")
	}
	return nil
}
