package client

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	masking "github.com/opcall/opcall/client/internal/mask"
	"github.com/opcall/opcall/internal/jsonscan"
)

// The lines of a journal, after the first one, by their first member, whose value is the
// ID of the call:
//
//	{"begun":ID,"params":DIGEST}                          it is about to be sent
//	{"answered":ID,"status":200,"attempts":1,"header":{…},"body":JSON}
//	                                                      its response; "text": a text in
//	                                                      place of JSON, "base64": bytes
//	{"lost":ID,"attempts":2,"reason":"…"}                 there was no response
//	{"released":ID}                                       it is to be sent again
//
// The digest is hexadecimal.
const (
	lineBegun    = "begun"
	lineAnswered = "answered"
	lineLost     = "lost"
	lineReleased = "released"
)

// recordedHeaders are the headers of a response that are recorded: what its body is, and
// what the provider's support asks for.
var recordedHeaders = [...]string{
	"Content-Type", "Content-Encoding", "Content-Range",
	"X-Request-Id", "Openai-Request-Id", "Request-Id", "Apim-Request-Id", "X-Should-Retry",
}

// maxRecordedError bounds the body of an APIError in the journal, in bytes.
const maxRecordedError = 64 << 10

// lineBuffers pools buffers for lines.
var lineBuffers = sync.Pool{New: func() any { return new([]byte) }}

// writeLine writes what build appends to an empty buffer.
func (j *journal) writeLine(build func([]byte) []byte) error {
	buffer := lineBuffers.Get().(*[]byte)
	line := append(build((*buffer)[:0]), "}\n"...)
	err := j.append(line)
	if cap(line) <= maxWriter {
		*buffer = line
		lineBuffers.Put(buffer)
	}
	return err
}

// lineOf begins a line about a call.
func lineOf(line []byte, kind, id string) []byte {
	line = append(append(append(line, '{', '"'), kind...), `":`...)
	return jsonscan.AppendString(line, id)
}

// begin records that a call is about to be sent.
func (j *journal) begin(id string, digest uint64) error {
	return j.writeLine(func(line []byte) []byte {
		line = append(lineOf(line, lineBegun, id), `,"params":"`...)
		return append(hex.AppendEncode(line, binary.BigEndian.AppendUint64(nil, digest)), '"')
	})
}

// record records what became of a call that was sent: its response, with its body or, of
// one that is not what is declared, its beginning; that it failed; or that the run ended
// while it waited to be sent again.
func (j *journal) record(t *turn, b *Bound, r *Response, body []byte, err error) error {
	id := t.job.call.ID
	var refused *APIError
	var waiting *waitError
	interrupted := errors.As(err, &waiting) || t.run.halted()
	if errors.As(err, &refused) {
		if interrupted && refused.Retryable() {
			return j.writeLine(func(line []byte) []byte { return lineOf(line, lineReleased, id) })
		}
		body = refused.Body[:min(len(refused.Body), maxRecordedError)]
		return j.answered(id, b, refused.StatusCode, refused.Attempts, refused.Header, body)
	}
	if r != nil && !cutShort(err) {
		return j.answered(id, b, r.StatusCode(), r.attempts, r.Header(), body)
	}
	reason := "" // err is not nil: there is no response
	if err != nil {
		reason = oneLine(err.Error(), maxMessage)
	}
	return j.writeLine(func(line []byte) []byte {
		line = append(lineOf(line, lineLost, id), `,"attempts":`...)
		line = append(strconv.AppendInt(line, int64(attemptsOf(r, err)), 10), `,"reason":`...)
		return jsonscan.AppendString(line, reason)
	})
}

// cutShort reports whether an error is that of a response of which a part is missing.
func cutShort(err error) bool {
	var unusable *ResponseError
	var syntax *jsonscan.SyntaxError
	return errors.As(err, &unusable) && unusable.Err != nil && !errors.As(unusable.Err, &syntax)
}

func (j *journal) answered(id string, b *Bound, status, attempts int, header http.Header, body []byte) error {
	secrets := b.settings.writtenSecrets()
	text := masking.Given(jsonscan.Alias(body), secrets)
	return j.writeLine(func(line []byte) []byte {
		line = append(lineOf(line, lineAnswered, id), `,"status":`...)
		line = append(strconv.AppendInt(line, int64(status), 10), `,"attempts":`...)
		line = append(strconv.AppendInt(line, int64(attempts), 10), `,"header":{`...)
		for _, name := range recordedHeaders {
			if value := header.Get(name); value != "" {
				line = jsonscan.AppendMember(line, name, string(jsonscan.AppendString(nil, masking.Given(value, secrets))))
			}
		}
		line = append(line, '}')
		return appendBody(line, text)
	})
}

// appendBody appends the member that holds a body. JSON stands as it is, unless it has
// line ends.
func appendBody(line []byte, text string) []byte {
	switch {
	case text == "":
		return line
	case !utf8.ValidString(text):
		line = append(line, `,"base64":"`...)
		return append(base64.StdEncoding.AppendEncode(line, []byte(text)), '"')
	case !strings.Contains(text, "\n") && jsonscan.Check(text, maxDepth) == nil:
		return append(append(line, `,"body":`...), text...)
	}
	return jsonscan.AppendString(append(line, `,"text":`...), text)
}

// readLine returns what loading needs of a line. Its kind is "" if it is not a line of a journal.
func readLine(text string) (read struct {
	kind   string
	hash   idHash
	digest uint64
	status int
},
) {
	for name, value := range jsonscan.Members(text) {
		switch {
		case read.kind == "" && value[0] != '"':
			return read
		case read.kind == "":
			read.kind = name
			sum := sha256.Sum256([]byte(jsonscan.String(value)))
			read.hash = idHash(sum[:])
		case name == "params":
			read.digest, _ = strconv.ParseUint(jsonscan.String(value), 16, 64)
			return read
		case name == "status":
			read.status, _ = strconv.Atoi(value)
			return read
		}
	}
	return read
}

// replay returns what earlier runs recorded of a call.
func (r *run) replay(ctx context.Context, b *Bound, t *turn, past *pastCall) (*Response, int, error) {
	id := t.job.call.ID
	if past.state == callBegun {
		return nil, 1, &InDoubtError{ID: id}
	}
	line := make([]byte, past.length)
	if _, err := r.journal.file.ReadAt(line, past.offset); err != nil {
		return nil, 0, r.journal.fail("it cannot be read", err)
	}
	recorded := gjson.Parse(jsonscan.Alias(line))
	attempts := int(recorded.Get("attempts").Int())
	if past.state == callLost {
		return nil, attempts, &InDoubtError{ID: id, Reason: recorded.Get("reason").String()}
	}
	status := int(recorded.Get("status").Int())
	header := make(http.Header)
	for name, value := range recorded.Get("header").Map() {
		header.Set(name, value.String())
	}
	body, err := recordedBody(recorded)
	if err != nil {
		return nil, attempts, r.journal.fail("the response of call "+quoteName(id)+" cannot be read", err)
	}
	if past.state == callRefused {
		refused := newAPIError(b.plan.name, status, header, body)
		refused.Attempts = attempts
		return nil, attempts, refused
	}
	response, err := b.restore(ctx, status, header, body)
	if response != nil {
		response.attempts = attempts
	}
	return response, attempts, err
}

// recordedBody returns the body of the response of a line.
func recordedBody(recorded gjson.Result) ([]byte, error) {
	if raw := recorded.Get("body"); raw.Exists() {
		return []byte(raw.Raw), nil
	}
	if text := recorded.Get("text"); text.Exists() {
		return []byte(text.String()), nil
	}
	return base64.StdEncoding.DecodeString(recorded.Get("base64").String())
}

// restore reads a response that came before, as it was read then.
func (b *Bound) restore(ctx context.Context, status int, header http.Header, body []byte) (*Response, error) {
	resp := &http.Response{
		StatusCode: status, Header: header, ContentLength: int64(len(body)), Body: io.NopCloser(bytes.NewReader(body)),
	}
	if status == http.StatusPartialContent { // whether it was asked for
		req, err := b.Request(ctx)
		if err != nil {
			return nil, err
		}
		resp.Request = req
	}
	b.forgetBody()
	r, err := b.read(resp)
	if r != nil {
		_, err = b.readWhole(r, err)
	}
	return r, err
}

// digest stands for the operation and its params: the bytes of the parameters and of the
// body, of files their names.
func (b *Bound) digest() uint64 {
	h := sha256.New()
	add := func(texts ...string) {
		for _, text := range texts {
			io.WriteString(h, text)
			h.Write([]byte{0})
		}
	}
	add(b.plan.name)
	for _, a := range b.arguments {
		add(a.parameter.In, a.parameter.Name, a.json)
	}
	add(b.body.content)
	if b.body.json != "" {
		add(b.body.json)
	} else {
		for _, f := range b.body.fields {
			add(f.name, f.json)
			for _, file := range f.files {
				add(file.Name)
			}
		}
	}
	if b.body.raw != nil {
		add(b.body.raw.Name)
	}
	return binary.BigEndian.Uint64(h.Sum(nil))
}

// lineReader reads the lines of a file of any length.
type lineReader struct{ from *bufio.Reader }

func newLineReader(file *os.File) *lineReader {
	return &lineReader{bufio.NewReaderSize(io.NewSectionReader(file, 0, 1<<62), maxWriter)}
}

// next returns a line without its end, and whether it has one. The line is valid until
// the next call.
func (l *lineReader) next() (line []byte, whole bool, err error) {
	line, err = l.from.ReadSlice('\n')
	if err == bufio.ErrBufferFull {
		var rest []byte
		line = bytes.Clone(line)
		rest, err = l.from.ReadBytes('\n')
		line = append(line, rest...)
	}
	if err == io.EOF {
		return line, false, nil
	}
	return bytes.TrimSuffix(line, []byte("\n")), err == nil, err
}
