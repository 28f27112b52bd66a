package conform

import (
	"encoding/json"
	"io"
	"sync"
	"time"

	"github.com/opcall/opcall/client/internal/mask"
	"github.com/opcall/opcall/schema"
)

// ReportLog writes reports as JSON, a line for each problem. It is safe for concurrent
// use.
type ReportLog struct {
	now    func() time.Time
	values bool

	mu  sync.Mutex
	out io.Writer
	err error
}

// NewReportLog returns a log that writes to out, a line in one Write, with the time that
// now returns; nil leaves it out. Values of messages are left out unless values is true.
// Use it with WithReport:
//
//	conform.WithReport(conform.NewReportLog(os.Stdout, time.Now, false).Report)
func NewReportLog(out io.Writer, now func() time.Time, values bool) *ReportLog {
	return &ReportLog{out: out, now: now, values: values}
}

// Err returns the first error of writing. After it nothing more is written.
func (l *ReportLog) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

// reportLine is a problem as JSON.
type reportLine struct {
	Time      string         `json:"time,omitempty"` // RFC 3339
	Direction Direction      `json:"direction"`
	Operation string         `json:"operation,omitempty"`
	Method    string         `json:"method"`
	Path      string         `json:"path"`
	Status    int            `json:"status,omitempty"`
	Event     int            `json:"event,omitempty"`
	EventType string         `json:"event_type,omitempty"`
	Rejected  bool           `json:"rejected,omitempty"`
	Pointer   schema.Pointer `json:"pointer,omitempty"`
	Keyword   string         `json:"keyword,omitempty"`
	Message   string         `json:"message,omitempty"`
	Skipped   string         `json:"skipped,omitempty"` // why the body was not validated
}

// Report writes a report.
func (l *ReportLog) Report(r Report) {
	if !l.values {
		r = r.withoutValues()
	}
	line := reportLine{
		Direction: r.Direction, Operation: mask.Line(r.Operation, maxSubject), Method: mask.Line(r.Method, 20), Path: mask.Text(mask.Line(r.Path, 200), r.secrets),
		Status: r.Status, Event: r.Event, EventType: mask.Line(r.EventType, maxSubject), Rejected: r.Rejected,
	}
	if l.now != nil {
		line.Time = l.now().UTC().Format(time.RFC3339Nano)
	}
	if r.Skipped != "" {
		skipped := line
		skipped.Skipped = mask.Text(mask.Line(r.Skipped, maxLine), r.secrets)
		l.write(skipped)
	}
	for _, p := range r.problems() {
		p = onLine(p)
		line.Pointer, line.Keyword, line.Message = schema.Pointer(mask.Text(string(p.Pointer), r.secrets)), p.Keyword, mask.Text(p.Message, r.secrets)
		l.write(line)
	}
}

func (l *ReportLog) write(line reportLine) {
	text, err := json.Marshal(line)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return
	}
	if err == nil {
		_, err = l.out.Write(append(text, '\n'))
	}
	l.err = err
}
