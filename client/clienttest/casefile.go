package clienttest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/near"
	"github.com/opcall/opcall/internal/yamltext"
	"github.com/opcall/opcall/schema"
)

// maxCases is the largest file of cases, in bytes.
const maxCases = 16 << 20

// WithCases scripts responses in YAML or JSON, for test suites that are not written in Go.
// The first case whose operation and match a request has is its response; a request
// of none is responded to as without cases. Respond and RespondFunc override it.
//
//	cases:
//	  - operation: createChatCompletion
//	    match:                       # all of these; a path is that of Request.Get, or a parameter
//	      model: gpt-5-mini          # equal
//	      messages.0.content: {contains: weather}
//	      messages.#: {matches: "^[1-3]$"}
//	      user: {exists: false}
//	    times: 1                     # how often the case is used; without it always
//	    respond:
//	      status: 429
//	      header: {Retry-After: "1"}
//	      body: {error: {message: slow down}}   # JSON, or a text
//	      delay: 200ms
//	  - operation: createResponse
//	    respond:
//	      output:                    # in place of body: what a model says
//	        - say: Let me look.
//	        - call: {name: weather, arguments: {city: Paris}}   # a custom tool has input: TEXT
//	        - refuse: No.
//	      stop: length               # why it ends early
//	      fail: {code: server_error, message: broken}
//	      cut: 100                   # the connection closes behind so many bytes
//	      drop: true                 # it closes before anything is sent
func WithCases(text []byte) Option {
	return func(s *Server) error {
		parsed, err := parseCases(text)
		if err != nil {
			return fmt.Errorf("cases: %w", err)
		}
		s.cases = append(s.cases, parsed...)
		return nil
	}
}

// WithCaseFile is WithCases with the text of a file.
func WithCaseFile(name string) Option {
	return func(s *Server) error {
		text, err := os.ReadFile(name)
		if err != nil {
			return fmt.Errorf("cases: %w", err)
		}
		if err := WithCases(text)(s); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return nil
	}
}

// scriptedCase is one case.
type scriptedCase struct {
	operation string
	matches   []matcher
	left      int // how often it can be used, -1 for always
	answer    Answer
}

// matcher is one condition of a case.
type matcher struct {
	path string
	test func(gjson.Result) bool
}

// reader reads the members of a file, and notes what is wrong.
type reader struct{ place string }

func (r reader) errorf(format string, args ...any) error {
	return fmt.Errorf("%s: %s", r.place, fmt.Sprintf(format, args...))
}

func (r reader) in(name string) reader { return reader{r.place + "." + name} }

// known refuses members that nothing reads.
func (r reader) known(v gjson.Result, names ...string) error {
	if !v.IsObject() {
		return r.errorf("got %s, want an object", jsonscan.TypeName(v.Raw))
	}
	for name := range v.Map() {
		if !slices.Contains(names, name) {
			return r.errorf("unknown member %.60q%s", name, near.Question(near.Names(name, names, 2)))
		}
	}
	return nil
}

func parseCases(text []byte) ([]scriptedCase, error) {
	if len(text) > maxCases {
		return nil, fmt.Errorf("got %d bytes, want at most %d", len(text), maxCases)
	}
	read, err := yamltext.JSON(text, maxCases)
	if err != nil {
		return nil, err
	}
	root := gjson.Parse(read.JSON)
	top := reader{"the file"}
	if err := top.known(root, "cases"); err != nil {
		return nil, err
	}
	if !root.Get("cases").IsArray() {
		return nil, top.errorf("cases: got %s, want a list", jsonscan.TypeName(root.Get("cases").Raw))
	}
	var cases []scriptedCase
	for i, v := range root.Get("cases").Array() {
		c, err := reader{fmt.Sprintf("cases.%d", i)}.oneCase(v)
		if err != nil {
			return nil, err
		}
		cases = append(cases, c)
	}
	return cases, nil
}

func (r reader) oneCase(v gjson.Result) (c scriptedCase, err error) {
	if err := r.known(v, "operation", "match", "times", "respond"); err != nil {
		return c, err
	}
	c.operation, c.left = v.Get("operation").String(), -1
	if c.operation == "" {
		return c, r.errorf("operation: got none, want its ID")
	}
	if times := v.Get("times"); times.Exists() {
		if c.left = int(times.Int()); times.Type != gjson.Number || c.left < 1 {
			return c, r.errorf("times: got %.40s, want a number from 1 on", times.Raw)
		}
	}
	for path, want := range v.Get("match").Map() {
		m, err := r.in("match").matcher(path, want)
		if err != nil {
			return c, err
		}
		c.matches = append(c.matches, m)
	}
	c.answer, err = r.in("respond").answer(v.Get("respond"))
	return c, err
}

func (r reader) matcher(path string, want gjson.Result) (matcher, error) {
	m := matcher{path: path, test: func(have gjson.Result) bool { return equal(have, want) }}
	if !want.IsObject() {
		return m, nil
	}
	for kind, value := range want.Map() {
		switch kind {
		case "contains":
			m.test = func(have gjson.Result) bool { return strings.Contains(have.String(), value.String()) }
		case "matches":
			pattern, err := regexp.Compile(value.String())
			if err != nil {
				return m, r.errorf("%.60s: %v", path, err)
			}
			m.test = func(have gjson.Result) bool { return have.Exists() && pattern.MatchString(have.String()) }
		case "exists":
			m.test = func(have gjson.Result) bool { return have.Exists() == value.Bool() }
		case "equals":
			m.test = func(have gjson.Result) bool { return equal(have, value) }
		default:
			return m, r.errorf("%.60s: got %.40q, want contains, matches, exists or equals", path, kind)
		}
	}
	if len(want.Map()) != 1 {
		return m, r.errorf("%.60s: got %d conditions, want one", path, len(want.Map()))
	}
	return m, nil
}

// equal reports whether two values are the same JSON.
func equal(a, b gjson.Result) bool {
	if a.Type != b.Type || !a.Exists() {
		return false
	}
	if a.Type != gjson.JSON {
		return a.String() == b.String()
	}
	var x, y any
	return json.Unmarshal([]byte(a.Raw), &x) == nil && json.Unmarshal([]byte(b.Raw), &y) == nil && fmt.Sprint(x) == fmt.Sprint(y)
}

func (r reader) answer(v gjson.Result) (a Answer, err error) {
	if !v.Exists() {
		return a, r.errorf("got none, want what the request gets")
	}
	if err := r.known(v, "status", "header", "body", "delay", "output", "stop", "fail", "cut", "drop"); err != nil {
		return a, err
	}
	if status := v.Get("status"); status.Exists() {
		if a.Status = int(status.Int()); a.Status < 200 || a.Status > 599 {
			return a, r.errorf("status: got %.40s, want 200 to 599", status.Raw)
		}
	}
	for name, value := range v.Get("header").Map() {
		if a.Header == nil {
			a.Header = make(http.Header)
		}
		if strings.ContainsAny(name+value.String(), "\r\n") {
			return a, r.errorf("header: %.40q has a line break", name)
		}
		a.Header.Set(name, value.String())
	}
	switch body := v.Get("body"); {
	case body.Type == gjson.String:
		a.Body = body.String()
	case body.Exists():
		a.Body = json.RawMessage(body.Raw)
	}
	if delay := v.Get("delay"); delay.Exists() {
		if a.Delay, err = time.ParseDuration(delay.String()); err != nil || a.Delay < 0 {
			return a, r.errorf("delay: got %.40q, want a duration such as 200ms", delay.String())
		}
	}
	switch {
	case v.Get("drop").Bool():
		a.Fail = Drop()
	case v.Get("cut").Exists():
		a.Fail = CutBody(v.Get("cut").Int())
	}
	a.Output, err = r.output(v)
	if err == nil && a.Body != nil && a.Output.scripted() {
		err = r.errorf("got body and output, want one of them")
	}
	return a, err
}

// call adds a call of a tool.
func (r reader) call(o Output, v gjson.Result) (Output, error) {
	if err := r.known(v, "name", "arguments", "input"); err != nil {
		return o, err
	}
	name, arguments, input := v.Get("name").String(), v.Get("arguments"), v.Get("input")
	switch {
	case name == "":
		return o, r.errorf("call: got no name")
	case arguments.Exists() && input.Exists():
		return o, r.errorf("call: got arguments and input, want one of them: a function has arguments, a custom tool input")
	case input.Exists():
		return o.CallCustomTool(name, input.String()), nil
	case arguments.Type == gjson.String:
		return o.CallTool(name, arguments.String()), nil
	}
	return o.CallTool(name, arguments.Raw), nil
}

func (r reader) output(v gjson.Result) (o Output, err error) {
	for i, part := range v.Get("output").Array() {
		at := r.in("output." + strconv.Itoa(i))
		if err := at.known(part, "say", "refuse", "call"); err != nil {
			return o, err
		}
		if n := len(part.Map()); n != 1 {
			return o, at.errorf("got %d members, want one of say, refuse and call", n)
		}
		switch call := part.Get("call"); {
		case call.Exists():
			if o, err = at.call(o, call); err != nil {
				return o, err
			}
		case part.Get("refuse").Exists():
			o = o.Refuse(part.Get("refuse").String())
		default:
			o = o.Say(part.Get("say").String())
		}
	}
	if stop := v.Get("stop"); stop.Exists() {
		o = o.Stop(stop.String())
	}
	if fail := v.Get("fail"); fail.Exists() {
		if err := r.in("fail").known(fail, "code", "message"); err != nil {
			return o, err
		}
		o = o.Fail(fail.Get("code").String(), fail.Get("message").String())
	}
	return o, nil
}

// checkCases looks for the operations that cases are for.
func checkCases(doc *schema.Document, list []scriptedCase) error {
	for i := range list {
		op, err := doc.Operation(list[i].operation)
		if err != nil {
			return fmt.Errorf("cases: cases.%d.operation: %w", i, err)
		}
		list[i].operation = op.ID
	}
	return nil
}

// caseFor returns the response of the first case that a request has all of.
func (s *Server) caseFor(id string, req *Request) (Answer, bool) {
	if len(s.cases) == 0 {
		return Answer{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.cases {
		c := &s.cases[i]
		if c.operation != id || c.left == 0 || !c.matchesAll(req) {
			continue
		}
		if c.left > 0 {
			c.left--
		}
		return c.answer, true
	}
	return Answer{}, false
}

func (c *scriptedCase) matchesAll(req *Request) bool {
	for _, m := range c.matches {
		have := gjson.GetBytes(req.whole, m.path)
		if !have.Exists() {
			have = req.Param(m.path)
		}
		if !m.test(have) {
			return false
		}
	}
	return true
}
