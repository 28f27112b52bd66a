package clienttest

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/opcall/opcall/internal/near"
	"github.com/opcall/opcall/schema"
)

// FaultHeader is the header by which a request asks for faults of its own response, in
// the form of WithFaults, the name of the operation left out: "503" or "cut:0.5,200ms".
const FaultHeader = "X-Opcall-Fault"

// WithFaults makes responses go wrong, by chance: "createResponse=503:0.1,cut:0.05" fails
// one in ten with the status 503, and breaks the body of one in twenty in the middle. Of
// each fault the number behind the colon is its probability, 1 without it. The faults
// are a status from 400 to 599, "cut", "drop" for a connection that closes without a
// response, and a duration ("200ms") that the response is late. Several operations are
// separated by a space or a semicolon, "*" is all. The chances are the same each time for
// the same seed (WithSeed) and order of requests.
func WithFaults(faults string) Option {
	return func(s *Server) error {
		byOperation, err := parseFaults(faults)
		if err != nil {
			return fmt.Errorf("WithFaults: %w", err)
		}
		s.faults.byOperation = byOperation
		return nil
	}
}

// WithSeed sets the seed of all that happens by chance, 1 without it.
func WithSeed(seed uint64) Option {
	return func(s *Server) error {
		s.faults.random = rand.New(rand.NewPCG(seed, seed))
		return nil
	}
}

// fault is one way for a response to go wrong.
type fault struct {
	probability float64
	status      int
	fail        Failure
	delay       time.Duration
}

// faults are those of a server.
type faults struct {
	byOperation map[string][]fault

	mu     sync.Mutex
	random *rand.Rand
}

func parseFaults(text string) (map[string][]fault, error) {
	byOperation := make(map[string][]fault)
	for _, item := range strings.FieldsFunc(text, func(r rune) bool { return r == ';' || r == ' ' || r == '\n' || r == '\t' }) {
		id, list, ok := strings.Cut(item, "=")
		if !ok || id == "" {
			return nil, fmt.Errorf("got %.80q, want OPERATION=FAULT:PROBABILITY, such as createResponse=503:0.1", item)
		}
		parsed, err := parseFaultList(list)
		if err != nil {
			return nil, fmt.Errorf("%.80s: %w", id, err)
		}
		byOperation[id] = append(byOperation[id], parsed...)
	}
	return byOperation, nil
}

func parseFaultList(text string) (list []fault, err error) {
	for item := range strings.SplitSeq(text, ",") {
		kind, chance, given := strings.Cut(strings.TrimSpace(item), ":")
		f := fault{probability: 1}
		if given {
			if f.probability, err = strconv.ParseFloat(chance, 64); err != nil || !(f.probability >= 0 && f.probability <= 1) {
				return nil, fmt.Errorf("got probability %.40q of %.40q, want 0 to 1", chance, kind)
			}
		}
		status, notStatus := strconv.Atoi(kind)
		delay, notDelay := time.ParseDuration(kind)
		switch {
		case notStatus == nil && status >= 400 && status <= 599:
			f.status = status
		case kind == "cut":
			f.fail = Failure{kind: cutOff, at: middle}
		case kind == "drop":
			f.fail = Drop()
		case notStatus != nil && notDelay == nil && delay >= 0:
			f.delay = delay
		default:
			return nil, fmt.Errorf("got fault %.40q, want a status from 400 to 599, cut, drop or a duration%s", kind, near.Question(near.Names(kind, []string{"cut", "drop"}, 1)))
		}
		list = append(list, f)
	}
	return list, nil
}

// check looks for the operations that faults are for.
func (f *faults) check(doc *schema.Document) error {
	named := make(map[string][]fault, len(f.byOperation))
	for id, list := range f.byOperation {
		if id != "*" {
			op, err := doc.Operation(id)
			if err != nil {
				return fmt.Errorf("WithFaults: %w", err)
			}
			id = op.ID
		}
		named[id] = append(named[id], list...)
	}
	f.byOperation = named
	if f.random == nil {
		f.random = rand.New(rand.NewPCG(1, 1))
	}
	return nil
}

// spoil makes a response go wrong, if it is its turn.
func (f *faults) spoil(hr *http.Request, op *schema.Operation, a func() Answer) Answer {
	list := append(f.byOperation[op.ID][:len(f.byOperation[op.ID]):len(f.byOperation[op.ID])], f.byOperation["*"]...)
	if asked := hr.Header.Get(FaultHeader); asked != "" {
		own, err := parseFaultList(asked)
		if err != nil {
			return errorAnswer(http.StatusBadRequest, "invalid_request_error", "invalid_fault", FaultHeader, FaultHeader+": "+err.Error())
		}
		list = own
	}
	if len(list) == 0 {
		return a()
	}
	var happened fault
	f.mu.Lock()
	for _, each := range list {
		switch {
		case f.random.Float64() >= each.probability:
		case each.delay > 0:
			happened.delay += each.delay
		case happened.status == 0 && happened.fail.kind == noFailure:
			happened.status, happened.fail = each.status, each.fail
		}
	}
	f.mu.Unlock()
	var answer Answer
	if happened.status != 0 {
		answer = ErrorAnswer(happened.status, "", "a fault that the test server was asked for")
	} else {
		answer = a()
	}
	if happened.fail.kind != noFailure {
		answer.Fail = happened.fail
	}
	answer.Delay += happened.delay
	return answer
}
