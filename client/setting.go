package client

import (
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/opcall/opcall/schema"
)

// Defaults of a client.
const (
	// DefaultBaseURL is where requests go unless the caller says otherwise. No
	// document can change it.
	DefaultBaseURL = "https://api.openai.com/v1"

	// DefaultMaxRetries is how often a request is sent again.
	DefaultMaxRetries = 2

	// DefaultTimeout bounds one attempt, from sending until the response is read.
	DefaultTimeout = 10 * time.Minute

	// DefaultMaxResponse is the largest JSON response that is read, in bytes, of
	// operations for which the document sets no other limit (x-opcall-max-response).
	DefaultMaxResponse = 64 << 20
)

// settings is what can be said for a client and for a call alike. A call works
// on a copy.
type settings struct {
	environment     *environment // nil where none is read
	apiKey          *secret      // nil: as the environment says
	adminKey        *secret
	credentials     map[string]*secret // by security scheme
	organization    *string            // nil: as the environment says
	project         *string
	baseURL         *url.URL // nil: decided by the document, see origin.go
	baseOfCall      bool     // baseURL is that of an option of the call
	documentServer  bool
	serverVariables map[string]string // never changed, but replaced
	header          http.Header
	query           url.Values
	userAgent       string
	extraBody       []bodyEdit
	timeout         time.Duration
	maxRetries      int
	maxResponse     int64 // 0: decided by the document, see plan.go
	requestTier     schema.Tier
	responseTier    schema.Tier
	unknownFields   bool
	newValues       bool
	unread          bool // the body of a success is the caller's, see WithUnreadBody
	logger          *slog.Logger
	observers       []Observer // never changed, but replaced
	onFindings      func(operationID string, findings []schema.Finding)
	onPath          func(operationID, path string, wrong schema.Misspelling)
	onUsage         func(Usage)
	stream          streamSettings
	socket          socketSettings
	prefetch        bool
	wait            *waitSettings // nil without any; never changed, but replaced
	ownTransport    bool          // WithHTTPClient or WithMiddleware: it may authorize requests
	ofClient        bool          // they are those of a client, and change no more
}

// secrets returns the credentials, for masking.
func (s *settings) secrets() []string {
	all := []*secret{s.apiKey, s.adminKey}
	for _, hidden := range s.credentials {
		all = append(all, hidden)
	}
	if s.environment != nil {
		all = append(all, s.environment.apiKey, s.environment.adminKey)
	}
	var texts []string
	for _, hidden := range all {
		if hidden == nil {
			continue
		}
		for _, text := range hidden.texts() {
			if len(text) >= minSecret {
				texts = append(texts, text)
			}
		}
	}
	return texts
}

// clone returns a copy that can be changed without changing s.
func (s *settings) clone() *settings {
	c := *s
	c.credentials = maps.Clone(s.credentials)
	c.header = s.header.Clone()
	c.query = url.Values(http.Header(s.query).Clone())
	c.extraBody = slices.Clone(s.extraBody)
	c.ofClient = false
	return &c
}

// defaultSettings are those of a client without options.
func defaultSettings() *settings {
	return &settings{
		userAgent:    "opcall-go/" + Version,
		timeout:      DefaultTimeout,
		maxRetries:   DefaultMaxRetries,
		responseTier: schema.Lenient,
	}
}

// Option configures a client.
type Option interface{ applyClient(*config) error }

// CallOption configures one call, over the settings of its client.
type CallOption interface{ applyCall(*settings) error }

// Setting is an Option and a CallOption: it holds for a client when given to
// New, for one call when given to Call.
type Setting interface {
	Option
	CallOption
}

type setting func(*settings) error

func (s setting) applyClient(c *config) error    { return s(c.settings) }
func (s setting) applyCall(call *settings) error { return s(call) }

// WithAPIKey sets the key that operations are called with, in place of
// OPENAI_API_KEY, whatever API the document describes. The empty key sends none.
// Spaces and tabs at its ends are trimmed, in this and all other keys; what no key can
// contain, such as a line end, is an error. Values of the environment are trimmed of
// line ends as well.
func WithAPIKey(key string) Setting {
	return setting(func(s *settings) (err error) {
		s.apiKey, err = newKey("API key", key)
		return err
	})
}

// WithAdminKey sets the key of operations whose security asks for an admin key,
// in place of OPENAI_ADMIN_KEY.
func WithAdminKey(key string) Setting {
	return setting(func(s *settings) (err error) {
		s.adminKey, err = newKey("admin key", key)
		return err
	})
}

// WithCredential sets the credential for a security scheme of the document, by
// the scheme's name. It goes where the scheme says: as a bearer token, as
// "user:password" for HTTP basic authentication, after the name of another HTTP
// scheme, or as the API key in the named header, query parameter or cookie. The
// empty credential sends none. Schemes without one of their own get the key of
// WithAPIKey or, where the document says so, of WithAdminKey; those of the
// environment only where the document describes the OpenAI API.
//
// Where an operation can be called by one of several schemes, one that was given a
// credential by this option is preferred. A name that the document does not have is
// an error of New or of the call.
func WithCredential(scheme, credential string) Setting {
	return setting(func(s *settings) error {
		hidden, err := newSecret("credential for "+quoteName(scheme), credential)
		if err != nil {
			return err
		}
		s.setCredential(scheme, hidden)
		return nil
	})
}

// WithBasicAuth is WithCredential for HTTP basic authentication, of a user and a password
// (RFC 7617). The user may hold no colon, which ends it. Without user and password it sends
// none. A scheme that is not basic is an error of New or of the call.
func WithBasicAuth(scheme, user, password string) Setting {
	if strings.Contains(user, ":") {
		return setting(func(*settings) error {
			return fmt.Errorf("WithBasicAuth: the user for %s has a colon, which would end it (RFC 7617 §2)", quoteName(scheme))
		})
	}
	if user == "" && password == "" {
		return WithCredential(scheme, "")
	}
	return setting(func(s *settings) error {
		hidden, err := newSecret("credential for "+quoteName(scheme), user+":"+password)
		if err != nil {
			return err
		}
		hidden.basic = true
		s.setCredential(scheme, hidden)
		return nil
	})
}

func (s *settings) setCredential(scheme string, credential *secret) {
	if s.credentials == nil {
		s.credentials = make(map[string]*secret)
	}
	s.credentials[scheme] = credential
}

// WithOrganization sets the header OpenAI-Organization, in place of
// OPENAI_ORG_ID. The empty text sends none.
func WithOrganization(id string) Setting {
	return setting(func(s *settings) (err error) {
		s.organization, err = newID("organization", id)
		return err
	})
}

// WithProject sets the header OpenAI-Project, in place of OPENAI_PROJECT_ID. The
// empty text sends none.
func WithProject(id string) Setting {
	return setting(func(s *settings) (err error) {
		s.project, err = newID("project", id)
		return err
	})
}

// WithBaseURL sets where requests go, in place of OPENAI_BASE_URL, of
// WithDocumentServer and of DefaultBaseURL: "https://host/v1", with the version but
// without a query.
//
// It holds for all operations, also those that have servers of their own in the document,
// as uploads often do. With WithDocumentServer beside it, these go to their own servers, and
// the base URL stands for the servers of the document. An option of a call holds for the
// call, whatever the document says.
func WithBaseURL(base string) Setting {
	return baseSetting(func(s *settings) error {
		u, err := parseBase(base)
		if err != nil {
			return fmt.Errorf("base URL: %w", err)
		}
		s.baseURL = u
		return nil
	})
}

// baseSetting is a function, and not the address, because the address may hold a
// password, and options are printed.
type baseSetting func(*settings) error

func (o baseSetting) applyClient(c *config) error { return o(c.settings) }

func (o baseSetting) applyCall(s *settings) error {
	s.baseOfCall = true
	return o(s)
}

// WithDocumentServer allows requests, and with them the credentials, to go to
// the server that the document names, OPENAI_BASE_URL notwithstanding. Without it a
// document that names another server than DefaultBaseURL needs WithBaseURL. User and
// password in the address of a document are not sent.
func WithDocumentServer() Setting {
	return setting(func(s *settings) error { s.documentServer = true; return nil })
}

// WithHeader sets a header of every request; a header parameter that a call
// gives overrides it, and it overrides what opcall would set itself. The
// empty value removes what opcall would set. "Host" is the host that requests
// name, not the one that they go to.
func WithHeader(name, value string) Setting {
	return setting(func(s *settings) error {
		if err := checkHeader(name, value); err != nil {
			return err
		}
		switch http.CanonicalHeaderKey(name) {
		case "Content-Length", "Transfer-Encoding", "Trailer":
			return fmt.Errorf("header %s: it is that of the connection, which net/http writes itself", http.CanonicalHeaderKey(name))
		}
		if s.header == nil {
			s.header = make(http.Header)
		}
		s.header.Set(name, value)
		return nil
	})
}

// WithQuery adds a pair to the query of every request, whether the document
// declares it or not; a parameter of that name that a call gives overrides it.
func WithQuery(name, value string) Setting {
	return setting(func(s *settings) error {
		if s.query == nil {
			s.query = make(url.Values)
		}
		s.query.Set(name, value)
		return nil
	})
}

// WithUserAgent sets the header User-Agent.
func WithUserAgent(agent string) Setting {
	return setting(func(s *settings) error {
		s.userAgent = strings.TrimSpace(agent)
		return checkHeader("User-Agent", s.userAgent)
	})
}

// WithTimeout bounds each attempt, from sending until the response is read; the
// default is DefaultTimeout, 0 means no bound. Responses that are streamed
// (audio, files, events) are bounded until their headers arrive, and after that
// by the context alone.
func WithTimeout(d time.Duration) Setting {
	return setting(func(s *settings) error {
		if d < 0 {
			return fmt.Errorf("timeout: got %v, want 0 or more", d)
		}
		s.timeout = d
		return nil
	})
}

// WithMaxRetries sets how often a request is sent again after a connection
// error or a status of 408, 409, 429 or 500 and above; the default is
// DefaultMaxRetries.
//
// When a connection breaks off, it is unknown whether the server has acted on the
// request: a POST may be carried out twice, and what it makes be made and paid for
// twice. From the second attempt on requests carry the header X-Opcall-Attempt with
// the number of the attempt, by which a server can see it. For a call that must not
// arrive twice set 0 retries, or a header that the API takes as its key of
// idempotency, by WithHeader.
func WithMaxRetries(n int) Setting {
	return setting(func(s *settings) error {
		if n < 0 {
			return fmt.Errorf("max retries: got %d, want 0 or more", n)
		}
		s.maxRetries = n
		return nil
	})
}

// WithMaxResponse sets the largest JSON response that is read, the largest event of
// a stream, and the most that Stream.Final puts together, in bytes. The default is
// what the document says of the operation (x-opcall-max-response; the built-in one
// allows 192 MiB for createEmbedding), and DefaultMaxResponse where it says nothing.
// Streamed responses as a whole have no limit.
func WithMaxResponse(bytes int64) Setting {
	return setting(func(s *settings) error {
		if bytes < 1 {
			return fmt.Errorf("max response: got %d bytes, want 1 or more", bytes)
		}
		s.maxResponse = bytes
		return nil
	})
}

// WithUnreadBody leaves the body of a success to the caller, JSON as well: Response.Body
// and Response.WriteTo read it as it comes, however large it is. It is for what an API
// keeps and hands out as it is, such as a file. Nothing is compared with the document.
func WithUnreadBody() Setting {
	return setting(func(s *settings) error { s.unread = true; return nil })
}

// WithRequestValidation sets the tier that requests are validated in before they are
// sent; the default is schema.Standard. schema.Lenient sends an invalid request all
// the same, and WithFindings learns what Standard would have refused; schema.Off
// checks nothing but that the path is complete, as all tiers do.
func WithRequestValidation(tier schema.Tier) Setting {
	return setting(func(s *settings) error { s.requestTier = tier; return nil })
}

// WithResponseValidation sets the tier of JSON responses; the default is
// schema.Lenient, where Response.Findings reports what was found. In the stricter
// tiers a call whose response fails returns a *schema.ValidationError together
// with the Response. Each event of a stream or socket is validated in them as well, and
// fails in an *EventError; in the Lenient tier Event.Findings compares it when
// asked.
func WithResponseValidation(tier schema.Tier) Setting {
	return setting(func(s *settings) error { s.responseTier = tier; return nil })
}

// WithUnknownFields lets requests carry parameters and fields that the document
// does not declare. WithNewValues is for values.
func WithUnknownFields() Setting {
	return setting(func(s *settings) error { s.unknownFields = true; return nil })
}

// WithLogger logs metadata of each attempt (operation, status, duration,
// request ID) to l: at Debug level, at Info when it will be tried again. No
// body, header, URL or key is logged. It is an Observer beside those of WithObserver.
func WithLogger(l *slog.Logger) Setting {
	return setting(func(s *settings) error { s.logger = l; return nil })
}

// WithFindings calls f for each JSON response that disagrees with the document,
// before the call returns, and for each such event of a stream or socket, before
// it is delivered; for requests, and events that are sent on a socket, before they
// leave, where WithRequestValidation sets the Lenient tier or WithNewValues lets a
// value through (the component of a finding says whose it is). A socket goes by its
// name in place of an ID. f is called by the goroutine of the call, or by the one that
// reads the stream or socket or sends on it; several call it at once.
func WithFindings(f func(operationID string, findings []schema.Finding)) Setting {
	return setting(func(s *settings) error { s.onFindings = f; return nil })
}
