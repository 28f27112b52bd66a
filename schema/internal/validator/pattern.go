package validator

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"sync"

	"github.com/opcall/opcall/internal/dialect"
)

// Go's regexp matches in time linear in the text, but a short pattern such as
// ((x{10}){10}){10} compiles to a thousand instructions, and each is executed for each
// byte. So a pattern is measured before it is compiled.

// pattern is a compiled regular expression.
type pattern struct {
	re   *regexp.Regexp // not embedded: its forty methods would be made anew for each struct it is in
	text string
	size int // in instructions, estimated
}

const (
	// maxPattern bounds the instructions of a pattern: to match takes time in
	// proportion to them for every byte, and each takes 40 bytes.
	maxPattern = 5_000

	// maxPatterns bounds the instructions of all patterns of a graph.
	maxPatterns = 2_000_000
)

// patterns are the patterns of a graph, each compiled once.
type patterns struct {
	mu    sync.Mutex
	known map[string]patternOrError
	size  int // of all of them
}

type patternOrError struct {
	pattern *pattern
	err     error
}

// compile compiles a pattern of the document. The error says why it cannot be
// used: Go's regexp cannot read it, or it is tooLarge.
func (p *patterns) compile(text string) (*pattern, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	// Documents repeat patterns, those of dates and IDs above all.
	if done, ok := p.known[text]; ok {
		return done.pattern, done.err
	}
	if p.known == nil {
		p.known = make(map[string]patternOrError)
	}
	compiled, err := p.compileNew(text)
	p.known[text] = patternOrError{compiled, err}
	return compiled, err
}

// compileNew measures a pattern and compiles it. The lock of the graph's patterns is held: two
// goroutines that meet the same new pattern would compile it twice and count it twice.
func (p *patterns) compileNew(text string) (*pattern, error) {
	// Parsing takes time and memory by the length of the text alone.
	parsed, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return nil, err
	}
	size := patternSize(parsed, maxPattern+1)
	switch {
	case size > maxPattern:
		return nil, tooLarge{fmt.Sprintf("the pattern %.40q compiles to more than %d instructions", text, maxPattern)}
	case p.size+size > maxPatterns:
		return nil, tooLarge{fmt.Sprintf("the patterns of the document compile to more than %d instructions", maxPatterns)}
	}
	re, err := dialect.Pattern(text)
	if err != nil {
		return nil, err
	}
	p.size += size
	return &pattern{re, text, size}, nil
}

// patternSize estimates the instructions of a parsed pattern from above, up to a
// limit: a repetition compiles to as many copies of what it repeats.
// From above, as the compiler merges some of them. A class such as [a-z] is one instruction
// with a list of ranges, which are counted by pairs.
func patternSize(re *syntax.Regexp, limit int) int {
	size := 2 + len(re.Rune)/2
	for _, sub := range re.Sub {
		if size >= limit {
			return limit
		}
		size += patternSize(sub, limit)
	}
	if re.Op == syntax.OpRepeat {
		// x{3,} is three copies and a loop, x{3,5} five copies.
		times := max(re.Min, re.Max, 1)
		if re.Max < 0 {
			times++
		}
		// Divided, as the product could overflow.
		if size > limit/times {
			return limit
		}
		size *= times
	}
	return min(size, limit)
}

// tooLarge is a pattern that is refused for its size. It differs from one that Go cannot read:
// that is left out, as others can read it, but a pattern that is too large is an attack or a
// mistake for everybody, and its schema accepts nothing.
type tooLarge struct{ reason string }

func (e tooLarge) Error() string { return e.reason }

func isTooLarge(err error) bool {
	_, ok := err.(tooLarge)
	return ok
}
