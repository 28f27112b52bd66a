package schema

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
)

// MaxLine is the longest line of a JSONL file that is validated, in bytes.
const MaxLine = 64 << 20

// Line is one line of a JSONL file, and whether it is valid.
type Line struct {
	Number    int    // from 1; empty lines are counted, but not yielded
	Text      string // without its end; "" when the line is longer than MaxLine
	Operation string // in a batch file, the ID of the operation that the body is for, where url and method name one
	Err       error  // nil when the line is valid; a *ValidationError, or a *LineError when it is too long
}

// LineError reports a line that could not be read.
type LineError struct {
	Number int // from 1
	Reason string
	Err    error // the cause, when there is one
}

func (e *LineError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("line %d: %s: %v", e.Number, e.Reason, e.Err)
	}
	return fmt.Sprintf("line %d: %s", e.Number, e.Reason)
}

// Unwrap returns the cause.
func (e *LineError) Unwrap() error { return e.Err }

// ValidateLines validates every line of a JSONL file against a component, as Validate
// would: fine-tuning data, for example. For BatchRequestInput see that constant; it
// works even if the document does not define it.
//
//	for line, err := range doc.ValidateLines(schema.BatchRequestInput, file) {
//		if err != nil {
//			return err
//		}
//		if line.Err != nil {
//			fmt.Println(line.Err)
//		}
//	}
//
// It reads as it goes and keeps one line at a time. Lines end with LF or CRLF, the last
// one may lack its end, empty ones are left out, and so is a byte order mark. A line
// that is not JSON or longer than MaxLine has that as its Err, and the next one is read.
// What ends the iteration early is its error: an *UnknownComponentError, or a
// *LineError that wraps the error of the reader.
//
// The subject of a *ValidationError is "line 7", after that of WithSubject when there
// is one, such as the file's name. Ranging a second time goes on where the reader
// stands.
func (d *Document) ValidateLines(component string, r io.Reader, opts ...ValidateOption) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		validation, err := d.lineValidation(component, opts)
		if err != nil {
			yield(Line{}, err)
			return
		}
		lines := lineReader{r: bufio.NewReaderSize(r, 64<<10)}
		for {
			line, err := lines.next()
			if err != nil {
				if err != io.EOF {
					yield(Line{}, err)
				}
				return
			}
			if line.Err == nil {
				line.Operation, line.Err = validation.line(line)
			}
			if !yield(line, nil) {
				return
			}
		}
	}
}

// lineValidation validates the lines of a file. It lives as long as the iteration,
// because a batch file has rules across its lines.
type lineValidation struct {
	validation
	doc    *Document
	schema *Schema // nil where only batch validates
	batch  *batch  // nil except for batch files
}

func (d *Document) lineValidation(component string, opts []ValidateOption) (*lineValidation, error) {
	l := &lineValidation{validation: newValidation(opts), doc: d}
	var err error
	l.schema, err = d.Component(component)
	if component == BatchRequestInput {
		l.batch, err = newBatch(d, l), nil
	}
	return l, err
}

// line validates a line, and returns the operation that it names in a batch file. That
// is why the lines of a batch file are read in the Lenient tier too, where nothing is
// reported.
func (v *lineValidation) line(l Line) (operation string, err error) {
	if v.tier == Off || v.tier == Lenient && v.batch == nil {
		return "", nil
	}
	var found problems
	if v.batch != nil {
		operation, found, err = v.batch.validate(l)
	} else {
		found, err = v.schema.validate(&v.validation, l.Text)
	}
	if v.tier == Lenient {
		return operation, nil
	}
	subject := strings.TrimSpace(fmt.Sprintf("%s line %d", v.validation.subject, l.Number))
	if err != nil {
		var syntax *InstanceError
		if errors.As(err, &syntax) {
			syntax.Line = l.Number // of the file: the line has one
		}
		return operation, notJSON(subject, err)
	}
	if len(found.list) == 0 {
		return operation, nil
	}
	return operation, v.doc.invalid(subject, found)
}

// lineReader cuts a stream into lines that are not empty.
type lineReader struct {
	r      *bufio.Reader
	number int
	buf    []byte
}

// next returns a line, or io.EOF. Of one that is too long it keeps nothing, but reads
// it to its end, so that the numbers of the lines behind it are right. An error of the
// reader ends the file, even behind a part of a line: what came of it may be cut off.
func (l *lineReader) next() (Line, error) {
	for {
		l.number++
		long, err := l.read()
		if err != nil && err != io.EOF {
			return Line{}, &LineError{Number: l.number, Reason: "cannot be read", Err: err}
		}
		text := l.buf
		if l.number == 1 {
			text = jsonscan.TrimMark(text)
		}
		text = bytes.TrimRight(text, " \t\r\n")
		switch {
		case long:
			return Line{Number: l.number, Err: &LineError{Number: l.number, Reason: fmt.Sprintf("got more than %d bytes, which is the limit of a line; is this file JSONL, one value a line?", MaxLine)}}, nil
		case len(text) > 0:
			return Line{Number: l.number, Text: string(text)}, nil
		case err != nil:
			return Line{}, io.EOF
		}
	}
}

// read fills buf with a line, its end included, and reports whether it was cut. The
// buffer is used again for the next line, unless a long one has made it large.
func (l *lineReader) read() (long bool, err error) {
	if cap(l.buf) > 1<<20 {
		l.buf = nil
	}
	l.buf = l.buf[:0]
	for {
		var part []byte
		part, err = l.r.ReadSlice('\n')
		if len(l.buf)+len(part) > MaxLine+2 {
			long, l.buf = true, l.buf[:0]
		}
		if !long {
			l.buf = append(l.buf, part...)
		}
		if err != bufio.ErrBufferFull {
			return long, err
		}
	}
}
