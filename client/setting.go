package client

import (
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
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

	// DefaultTimeout bounds one attempt, from sending until the answer is read.
	DefaultTimeout = 10 * time.Minute

	// DefaultMaxResponse is the largest JSON answer that is read, in bytes.
	DefaultMaxResponse = 64 << 20
)

// settings is what can be said for a client and for a call alike. A call works
// on a copy.
type settings struct {
	apiKey         *secret
	adminKey       *secret
	credentials    map[string]*secret // by security scheme
	organization   string
	project        string
	baseURL        *url.URL // nil: decided by the document, see origin.go
	documentServer bool
	header         http.Header
	query          url.Values
	userAgent      string
	extraBody      []bodyEdit
	timeout        time.Duration
	maxRetries     int
	maxResponse    int64
	requestTier    schema.Tier
	responseTier   schema.Tier
	allowUnknown   bool
	logger         *slog.Logger
	onFindings     func(operationID string, findings []schema.Finding)
	stream         streamSettings
	socket         socketSettings
}

// secrets returns the credentials, for masking.
func (s *settings) secrets() []string {
	var texts []string
	for _, hidden := range s.credentials {
		if hidden != nil && len(hidden.text) >= minSecret {
			texts = append(texts, hidden.text)
		}
	}
	for _, hidden := range []*secret{s.apiKey, s.adminKey} {
		if hidden != nil && len(hidden.text) >= minSecret {
			texts = append(texts, hidden.text)
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
	return &c
}

// defaultSettings reads the environment. Empty variables count as unset.
func defaultSettings() (*settings, error) {
	s := &settings{
		userAgent:    "opcall-go/" + Version,
		timeout:      DefaultTimeout,
		maxRetries:   DefaultMaxRetries,
		maxResponse:  DefaultMaxResponse,
		responseTier: schema.Lenient,
	}
	for _, variable := range [...]struct {
		name   string
		option func(string) Setting
	}{
		{"OPENAI_API_KEY", WithAPIKey},
		{"OPENAI_ADMIN_KEY", WithAdminKey},
		{"OPENAI_ORG_ID", WithOrganization},
		{"OPENAI_PROJECT_ID", WithProject},
		{"OPENAI_BASE_URL", WithBaseURL},
	} {
		if value := os.Getenv(variable.name); value != "" {
			if err := variable.option(value)(s); err != nil {
				return nil, fmt.Errorf("environment variable %s: %w", variable.name, err)
			}
		}
	}
	return s, nil
}

// Option configures a client.
type Option interface{ applyClient(*config) error }

// CallOption configures one call, over the settings of its client.
type CallOption interface{ applyCall(*settings) error }

// Setting is an Option and a CallOption: it holds for a client when given to
// New, for one call when given to Call.
type Setting func(*settings) error

func (s Setting) applyClient(c *config) error    { return s(c.settings) }
func (s Setting) applyCall(call *settings) error { return s(call) }

// WithAPIKey sets the key that operations are called with, in place of
// OPENAI_API_KEY. The empty key sends none.
func WithAPIKey(key string) Setting {
	return func(s *settings) error {
		secret, err := newSecret("API key", key)
		s.apiKey = secret
		return err
	}
}

// WithAdminKey sets the key of operations whose security asks for an admin key,
// in place of OPENAI_ADMIN_KEY.
func WithAdminKey(key string) Setting {
	return func(s *settings) error {
		secret, err := newSecret("admin key", key)
		s.adminKey = secret
		return err
	}
}

// WithCredential sets the credential for a security scheme of the document, by
// the scheme's name. It goes where the scheme says: as a bearer token, as
// "user:password" for HTTP basic authentication, after the name of another HTTP
// scheme, or as the API key in the named header, query parameter or cookie. The
// empty credential sends none. Schemes without one of their own get the API key
// or, where the document says so, the admin key.
func WithCredential(scheme, credential string) Setting {
	return func(s *settings) error {
		hidden, err := newSecret(fmt.Sprintf("credential for %.80q", scheme), credential)
		if err != nil {
			return err
		}
		if s.credentials == nil {
			s.credentials = make(map[string]*secret)
		}
		s.credentials[scheme] = hidden
		return nil
	}
}

// WithOrganization sets the header OpenAI-Organization, in place of
// OPENAI_ORG_ID.
func WithOrganization(id string) Setting {
	return func(s *settings) error {
		s.organization = id
		return checkHeader("OpenAI-Organization", id)
	}
}

// WithProject sets the header OpenAI-Project, in place of OPENAI_PROJECT_ID.
func WithProject(id string) Setting {
	return func(s *settings) error {
		s.project = id
		return checkHeader("OpenAI-Project", id)
	}
}

// WithBaseURL sets where requests go, in place of OPENAI_BASE_URL and of
// DefaultBaseURL: "https://host/v1", with the version but without a query.
func WithBaseURL(base string) Setting {
	return func(s *settings) error {
		u, err := parseBase(base)
		if err != nil {
			return fmt.Errorf("base URL: %w", err)
		}
		s.baseURL = u
		return nil
	}
}

// WithDocumentServer allows requests, and with them the credentials, to go to
// the server that the document names. Without it a document that names another
// server than DefaultBaseURL needs WithBaseURL.
func WithDocumentServer() Setting {
	return func(s *settings) error { s.documentServer = true; return nil }
}

// WithHeader sets a header of every request; a header parameter that a call
// gives comes before it, and it comes before what opcall would set itself. The
// empty value removes what opcall would set. "Host" is the host that requests
// name, not the one that they go to.
func WithHeader(name, value string) Setting {
	return func(s *settings) error {
		if err := checkHeader(name, value); err != nil {
			return err
		}
		if s.header == nil {
			s.header = make(http.Header)
		}
		s.header.Set(name, value)
		return nil
	}
}

// WithQuery adds a pair to the query of every request, whether the document
// declares it or not; a parameter of that name that a call gives comes before it.
func WithQuery(name, value string) Setting {
	return func(s *settings) error {
		if s.query == nil {
			s.query = make(url.Values)
		}
		s.query.Set(name, value)
		return nil
	}
}

// WithUserAgent sets the header User-Agent.
func WithUserAgent(agent string) Setting {
	return func(s *settings) error {
		s.userAgent = agent
		return checkHeader("User-Agent", agent)
	}
}

// WithTimeout bounds each attempt, from sending until the answer is read; the
// default is DefaultTimeout, 0 means no bound. Answers that are streamed
// (audio, files, events) are bounded until their headers arrive, and after that
// by the context alone.
func WithTimeout(d time.Duration) Setting {
	return func(s *settings) error {
		if d < 0 {
			return fmt.Errorf("timeout: got %v, want 0 or more", d)
		}
		s.timeout = d
		return nil
	}
}

// WithMaxRetries sets how often a request is sent again after a connection
// error or a status of 408, 409, 429 or 500 and above; the default is
// DefaultMaxRetries.
func WithMaxRetries(n int) Setting {
	return func(s *settings) error {
		if n < 0 {
			return fmt.Errorf("max retries: got %d, want 0 or more", n)
		}
		s.maxRetries = n
		return nil
	}
}

// WithMaxResponse sets the largest JSON answer that is read, the largest event of
// a stream, and the most that Stream.Final puts together, in bytes; the default is
// DefaultMaxResponse. Streamed answers as a whole have no limit.
func WithMaxResponse(bytes int64) Setting {
	return func(s *settings) error {
		if bytes < 1 {
			return fmt.Errorf("max response: got %d bytes, want 1 or more", bytes)
		}
		s.maxResponse = bytes
		return nil
	}
}

// WithRequestValidation sets the tier that requests are held to before they are
// sent; the default is schema.Standard. schema.Lenient sends a faulty request all
// the same, and WithFindings learns what Standard would have refused; schema.Off
// checks nothing but that the path is complete, as all tiers do.
func WithRequestValidation(tier schema.Tier) Setting {
	return func(s *settings) error { s.requestTier = tier; return nil }
}

// WithResponseValidation sets the tier of JSON answers; the default is
// schema.Lenient, where Response.Findings tells what was found. In the stricter
// tiers a call whose answer fails returns a *schema.ValidationError together
// with the Response. Each event of a stream or socket is held to them as well, and
// fails in an *EventError; in the Lenient tier Event.Findings compares it when
// asked.
func WithResponseValidation(tier schema.Tier) Setting {
	return func(s *settings) error { s.responseTier = tier; return nil }
}

// WithUnknownFields lets requests carry parameters and fields that the document
// does not declare.
func WithUnknownFields() Setting {
	return func(s *settings) error { s.allowUnknown = true; return nil }
}

// WithLogger logs metadata of each attempt (operation, status, duration,
// request ID) to l: at Debug level, at Info when it will be tried again. No
// body, header, URL or key is logged.
func WithLogger(l *slog.Logger) Setting {
	return func(s *settings) error { s.logger = l; return nil }
}

// WithFindings calls f for each JSON answer that disagrees with the document,
// before the call returns, and for each such event of a stream or socket, before
// it is delivered; for requests, and events that are sent on a socket, before they
// leave, where WithRequestValidation sets the Lenient tier (the component of a
// finding says whose it is). A socket goes by its name in place of an ID. f is
// called by the goroutine of the call, or by the one that reads the stream or
// socket or sends on it; several call it at once.
func WithFindings(f func(operationID string, findings []schema.Finding)) Setting {
	return func(s *settings) error { s.onFindings = f; return nil }
}
