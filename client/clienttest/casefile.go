package clienttest

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
	"github.com/opcall/opcall/internal/yamltext"
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
//	      header: {Retry-After: 1}   # of several fields with one name a list
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
		for i := range parsed {
			parsed[i].place = "cases: " + parsed[i].place
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
		before := len(s.cases)
		if err := WithCases(text)(s); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		for i := range s.cases[before:] {
			s.cases[before+i].place = name + ": " + s.cases[before+i].place
		}
		return nil
	}
}

// scriptedCase is one case.
type scriptedCase struct {
	place     string // in its file, and that file
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
	c.place = r.place
	if c.operation, err = r.text(v, "operation"); err != nil {
		return c, err
	}
	if c.operation == "" {
		return c, r.errorf("operation: got none, want its ID")
	}
	times, given, err := r.number(v, "times", 1, math.MaxInt32, "a number from 1 on")
	if err != nil {
		return c, err
	}
	if c.left = -1; given {
		c.left = int(times)
	}
	matches, err := r.object(v, "match")
	if err != nil {
		return c, err
	}
	for path, want := range matches {
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
		switch {
		case kind == "exists" && !value.IsBool():
			return m, r.errorf("%.60s: exists: got %.40s, want true or false", path, value.Raw)
		case (kind == "contains" || kind == "matches") && !isScalar(value):
			return m, r.errorf("%.60s: %s: got %s, want a text", path, kind, jsonscan.TypeName(value.Raw))
		}
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

// equal reports whether two values are the same JSON, where the first is there.
func equal(a, b gjson.Result) bool {
	if a.Raw == "" { // absent, or a count that gjson has made
		return a.Exists() && a.Type == b.Type && a.Num == b.Num
	}
	return jsonvalue.EqualText(a.Raw, b.Raw)
}

// checkCases looks for the operations that cases are for, and for a model where they say what
// one says.
func (s *Server) checkCases() error {
	for i := range s.cases {
		c := &s.cases[i]
		op, err := s.document.Operation(c.operation)
		if err != nil {
			return fmt.Errorf("%s.operation: %w", c.place, err)
		}
		c.operation = op.ID
		if !c.answer.Output.scripted() {
			continue
		}
		if p, err := s.planOf(op); err != nil || p.build == nil {
			return fmt.Errorf("%s.respond: output, stop and fail are what a model says, and no model responds to %.80s; want body", c.place, op.ID)
		}
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
