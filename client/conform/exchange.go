package conform

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"unicode/utf8"

	"github.com/opcall/opcall/client/internal/mask"
	"github.com/opcall/opcall/internal/jsonscan"
)

// Exchange is a request and its response, as NewRecorder writes them, a line of JSON
// each. Bodies are in the request and response as they were sent: text as it is,
// everything else as base64. Headers and query parameters that hold credentials by
// their name, and the credentials themselves wherever else they stand, are masked: in
// headers, the query and the bodies, where what looks like an API key is masked, too. A
// body in gzip or deflate that has one is written without its Content-Encoding.
type Exchange struct {
	Method          string      `json:"method"`
	Path            string      `json:"path"` // of the URL, escaped
	Query           string      `json:"query,omitempty"`
	RequestHeader   http.Header `json:"req_headers,omitempty"`
	RequestBody     Body        `json:"req_body,omitzero"`
	Status          int         `json:"status"` // 0 where there was no response
	ResponseHeader  http.Header `json:"resp_headers,omitempty"`
	ResponseBody    Body        `json:"resp_body,omitzero"`
	RequestOmitted  bool        `json:"req_body_omitted,omitempty"`  // it was longer than the limit
	ResponseOmitted bool        `json:"resp_body_omitted,omitempty"` // likewise, or was not read to its end

	Messages        []Message `json:"messages,omitempty"`         // of a WebSocket, in the order in which they came by
	MessagesOmitted bool      `json:"messages_omitted,omitempty"` // those that follow were longer than the limit, or cannot be read
}

// Body is a body as JSON: a string where it is text in UTF-8, else {"base64": "…"}.
type Body []byte

// IsZero reports whether there is no body.
func (b Body) IsZero() bool { return len(b) == 0 }

// MarshalJSON writes text as a string.
func (b Body) MarshalJSON() ([]byte, error) {
	if utf8.Valid(b) {
		return json.Marshal(string(b))
	}
	return json.Marshal(map[string]string{"base64": base64.StdEncoding.EncodeToString(b)})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (b *Body) UnmarshalJSON(text []byte) error {
	var s string
	if err := json.Unmarshal(text, &s); err == nil {
		*b = Body(s)
		return nil
	}
	var other struct {
		Base64 []byte `json:"base64"`
	}
	if err := json.Unmarshal(text, &other); err != nil {
		return fmt.Errorf("got %.40q, want a string or {\"base64\": \"…\"}", text)
	}
	*b = other.Base64
	return nil
}

// maxExchange bounds a line: two bodies in base64, and the rest.
const maxExchange = 256 << 20

// Exchanges reads recorded exchanges, a line each; empty lines are passed over, and so is
// a byte order mark. An error names the line and ends the iteration. It reads r once: a
// second range goes on where the first ended.
func Exchanges(r io.Reader) iter.Seq2[Exchange, error] {
	lines := bufio.NewReaderSize(r, 64<<10)
	n := 0
	return func(yield func(Exchange, error) bool) {
		for {
			line, err := readLine(lines)
			n++
			if err != nil && err != io.EOF {
				yield(Exchange{}, fmt.Errorf("line %d: %w", n, err))
				return
			}
			if n == 1 {
				line = jsonscan.TrimMark(line)
			}
			if text := bytes.TrimSpace(line); len(text) > 0 {
				var e Exchange
				if wrong := json.Unmarshal(text, &e); wrong != nil {
					yield(Exchange{}, fmt.Errorf("line %d is not an exchange: %w", n, wrong))
					return
				}
				if !yield(e, nil) {
					return
				}
			}
			if err == io.EOF {
				return
			}
		}
	}
}

func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > maxExchange {
			return nil, fmt.Errorf("it has more than %d bytes", maxExchange)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}

// request makes the request of an exchange.
func (e *Exchange) request() (*http.Request, error) {
	u, err := url.Parse(e.Path)
	if err != nil {
		return nil, err
	}
	u.Scheme, u.Host, u.RawQuery = "http", "recorded.invalid", e.Query
	req, err := http.NewRequest(e.Method, u.String(), bytes.NewReader(e.RequestBody))
	if err != nil {
		return nil, err
	}
	if e.RequestHeader != nil {
		req.Header = canonical(e.RequestHeader)
	}
	return req, nil
}

// response makes the response of an exchange.
func (e *Exchange) response(req *http.Request) *http.Response {
	return &http.Response{
		StatusCode: e.Status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: req, Header: canonical(e.ResponseHeader),
		Body: io.NopCloser(bytes.NewReader(e.ResponseBody)), ContentLength: int64(len(e.ResponseBody)),
	}
}

// canonical writes the names of headers as net/http has them, whoever recorded them.
func canonical(h http.Header) http.Header {
	same := make(http.Header, len(h))
	for name, values := range h {
		for _, value := range values {
			same.Add(name, value)
		}
	}
	return same
}

// safeHeader returns headers without credentials.
func safeHeader(h http.Header, secrets []string) http.Header {
	safe := make(http.Header, len(h))
	for name, values := range h {
		for _, value := range values {
			if mask.Sensitive(name) {
				value = mask.Mask
			}
			safe[name] = append(safe[name], mask.Text(value, secrets))
		}
	}
	return safe
}

// safeBody returns a body without credentials, and whether it is no longer encoded. One that
// is encoded in another way than gzip and deflate is as it was.
func safeBody(body Body, encoding string, limit int, secrets []string) (safe Body, decoded bool) {
	plain, err := decode(body, encoding, limit)
	if len(body) == 0 || !decodes(encoding) || err != nil {
		return body, false
	}
	text := plain
	if utf8.Valid(plain) {
		if masked := mask.Text(string(plain), secrets); masked != string(plain) {
			text = []byte(masked)
		}
	}
	for _, secret := range secrets {
		text = bytes.ReplaceAll(text, []byte(secret), []byte(mask.Mask))
	}
	if encoding != "" && bytes.Equal(text, plain) {
		return body, false
	}
	return text, encoding != ""
}

// safeQuery returns a query without credentials.
func safeQuery(query string, secrets []string) string {
	values, err := url.ParseQuery(query)
	if err != nil {
		return mask.Text(query, secrets)
	}
	masked := false
	for name, list := range values {
		for i, value := range list {
			if safe := mask.Text(value, secrets); mask.Sensitive(name) || safe != value {
				if list[i] = safe; mask.Sensitive(name) {
					list[i] = mask.Mask
				}
				masked = true
			}
		}
	}
	if !masked {
		return query
	}
	return values.Encode()
}
