package client

import (
	"io"
	"iter"

	"github.com/tidwall/gjson"
)

// Text yields the text that the stream delivers, piece by piece, and leaves out
// the events that add none: the content of the first choice of a chat, the output
// text of a response, the messages of a run, a transcript. It is empty for
// streams of anything else. The document says where texts are; a refusal or the
// arguments of a call do not count as text.
//
// What Events says of errors and of leaving the loop holds here, with one more
// error: an *APIError made of an event that reports that the text stays incomplete
// because of a failure (response.failed, thread.run.failed). A text that stops
// at a limit of length is not an error.
func (s *Stream) Text() iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		defer s.Close()
		for {
			text, err := s.nextText()
			if err == io.EOF || !yield(text, err) || s.end != nil {
				return
			}
		}
	}
}

// TextReader reads what Text yields. Reading ends in io.EOF where the text is
// complete, and in the errors of Text where it is not. Closing it closes the
// stream.
func (s *Stream) TextReader() io.ReadCloser { return &textReader{stream: s} }

type textReader struct {
	stream *Stream
	unread string
}

func (r *textReader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for r.unread == "" {
		var err error
		if r.unread, err = r.stream.nextText(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.unread)
	r.unread = r.unread[n:]
	return n, nil
}

func (r *textReader) Close() error { return r.stream.Close() }

// nextText returns the next piece of text that is not empty.
func (s *Stream) nextText() (string, error) {
	for {
		ev, err := s.next()
		if err != nil {
			return "", err
		}
		if path, failed := s.spec.Failure[ev.Type]; failed {
			var told []byte
			if e := ev.Get(path); e.Type != gjson.Null {
				told = []byte(e.Raw)
			}
			s.finish(s.refusal(told))
			return "", s.end
		}
		if text := ev.Text(); text != "" {
			return text, nil
		}
	}
}
