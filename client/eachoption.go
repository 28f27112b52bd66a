package client

import (
	"errors"
	"fmt"
	"math"
)

// Defaults of Each.
const (
	// DefaultConcurrency is how many calls of Each are in flight at most.
	DefaultConcurrency = 16

	// DefaultRetryBudget is how many retries a run of Each makes per call.
	DefaultRetryBudget = 0.2
)

// maxConcurrency bounds EachConcurrency: each call in flight has a goroutine and a
// connection.
const maxConcurrency = 10_000

// EachOption configures a run of Each.
type EachOption interface{ applyEach(*eachSettings) error }

type eachOption func(*eachSettings) error

func (o eachOption) applyEach(s *eachSettings) error { return o(s) }

// eachSettings is what can be said for a run.
type eachSettings struct {
	concurrency   int
	inOrder       bool
	budget        float64
	options       []CallOption
	shard         Shard
	journal       string // path, "" for none
	job           string
	resendInDoubt bool
	resendFailed  bool
}

// EachConcurrency sets how many calls are in flight at most, 1 to 10,000; the default is
// DefaultConcurrency. The connections that are kept between calls are those of the
// transport: that of net/http keeps 2 per host, another one is set by WithHTTPClient.
func EachConcurrency(n int) EachOption {
	return eachOption(func(s *eachSettings) error {
		if n < 1 || n > maxConcurrency {
			return fmt.Errorf("EachConcurrency: got %d, want 1 to %d", n, maxConcurrency)
		}
		s.concurrency = n
		return nil
	})
}

// EachInOrder yields the results in the order of the calls, in place of as they come. At
// most three times as many calls as EachConcurrency are begun ahead of the one that is
// waited for.
func EachInOrder() EachOption {
	return eachOption(func(s *eachSettings) error { s.inOrder = true; return nil })
}

// EachRetryBudget bounds the retries of the whole run, so that an outage does not
// multiply the load: at most perCall for each call that was sent, and 10 beyond it. The
// default is DefaultRetryBudget. With 0 there are none; the retries after a 429 are not
// counted.
func EachRetryBudget(perCall float64) EachOption {
	return eachOption(func(s *eachSettings) error {
		if !(perCall >= 0) || math.IsInf(perCall, 0) {
			return fmt.Errorf("EachRetryBudget: got %v retries per call, want 0 or more", perCall)
		}
		s.budget = perCall
		return nil
	})
}

// EachCallOptions sets options of all calls of the run; those of a Call override them.
func EachCallOptions(opts ...CallOption) EachOption {
	return eachOption(func(s *eachSettings) error { s.options = append(s.options, opts...); return nil })
}

// EachShard makes only the calls of a shard; the others are skipped. See Shard.
func EachShard(shard Shard) EachOption {
	return eachOption(func(s *eachSettings) error {
		if err := shard.check(); err != nil {
			return fmt.Errorf("EachShard: %w", err)
		}
		s.shard = shard
		return nil
	})
}

// EachJournal records the run in a file, by which a run that was killed goes on: each
// call is recorded before it is sent, and its response before it is yielded. A later run
// with the same file yields the responses that are in it, marked as Replayed, and sends
// the calls that are not. A call that was sent and whose response is not in the file is
// an *InDoubtError: nothing is sent twice unless EachResendInDoubt or EachResendFailed
// says so. Such calls are those that were in flight when the process was killed or the
// context of the run ended; leaving the loop completes them.
//
// The job is any text that identifies it, such as the name or the checksum of its input:
// a journal of another job or shard is refused. So is a call whose params are not
// those that its ID has in the journal. Params are compared as JSON, files by their names.
//
// The file is made where there is none. A last line that was cut off is removed; any
// other line that cannot be read is an error, a *JournalError. Two runs cannot have one
// journal at once; the system's lock on the file ends with the process. Secrets of the
// client are masked in it; responses are in it as they came, and params are not.
//
// What is recorded survives the end of the process at once. It is flushed to the disk
// every second and at the end of the run: a machine that loses power may lose the last
// second of it, and the calls of that second would be sent again.
func EachJournal(path, job string) EachOption {
	return eachOption(func(s *eachSettings) error {
		if path == "" {
			return errors.New("EachJournal: got no path")
		}
		s.journal, s.job = path, job
		return nil
	})
}

// EachResendInDoubt sends calls again that an earlier run sent without recording a
// response. They may be carried out twice.
func EachResendInDoubt() EachOption {
	return eachOption(func(s *eachSettings) error { s.resendInDoubt = true; return nil })
}

// EachResendFailed sends calls again whose recorded response is an *APIError.
func EachResendFailed() EachOption {
	return eachOption(func(s *eachSettings) error { s.resendFailed = true; return nil })
}

func newEachSettings(opts []EachOption) (*eachSettings, error) {
	s := &eachSettings{concurrency: DefaultConcurrency, budget: DefaultRetryBudget}
	for _, opt := range opts {
		if err := opt.applyEach(s); err != nil {
			return nil, err
		}
	}
	if s.journal == "" && (s.resendInDoubt || s.resendFailed) {
		return nil, errors.New("EachResendInDoubt, EachResendFailed: they need the journal of an earlier run, see EachJournal")
	}
	return s, nil
}
