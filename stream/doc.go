// Package stream reads server-sent events: bytes in, events out, by the
// WHATWG HTML standard, section 9.2.
//
//	dec := stream.NewDecoder(resp.Body)
//	for ev, err := range dec.Events() {
//		if err != nil {
//			return err
//		}
//		fmt.Printf("%s %s\n", ev.Type, ev.Data)
//	}
//	if dec.Incomplete() {
//		return errors.New("the stream was cut inside an event")
//	}
//
// It knows nothing of HTTP and nothing of what the data means: "[DONE]" is an
// event like any other, and the end of the input is only the end of the input.
// It needs the standard library alone.
//
// # Pipeline
//
//	io.Reader → pieces of lines → fields → events
//
// The input is read into one buffer, which lines of any length leave as it is,
// and cut at its line ends (9.2.5). A line that is longer than what has arrived is handed on in pieces,
// so no step ever looks at a byte twice, whatever the sizes of the reads.
// Fields fill the data, the type and the ID of the event to come; the blank
// line dispatches it (9.2.6). Nothing is read while an event can be had from
// what has arrived: an event is delivered when its blank line is complete,
// also where that line ends in a CR whose LF may or may not follow.
//
// # Cost
//
// An event of up to 64 KiB costs one allocation, its data, of exactly its size.
// A larger one is delivered in the buffer it was gathered in, which is up to
// twice as large, rather than copied. Type names are shared between the events
// that repeat them, and so is the ID until it changes. Beside the event in the
// making a decoder holds its read buffer, of 4 KiB until a read has filled it and
// of 16 KiB from then on, and one of up to 64 KiB that small events are gathered
// in; comments and unknown fields of any length are skipped without being
// held.
//
// # Deviations from the standard
//
//   - Invalid UTF-8 is delivered as it came; the standard puts U+FFFD in its
//     place (9.2.6, "UTF-8 decode"). The framing is the same either way, as all
//     of it is ASCII; the bytes stay available to whoever has to report
//     them; encoding/json makes the same replacement by itself.
//   - [Event.Type] is empty where the standard says "message", so that an
//     event without a name can be told from one that is called so.
//   - An event has a size limit, [WithMaxEventSize].
//   - A retry field without digits is ignored: the standard leaves open which
//     number an empty string is. One beyond the range of [time.Duration] means
//     the longest duration.
//   - What belongs to EventSource and not to the format is left to the caller:
//     content type, reconnecting, the Last-Event-ID header, origin.
//
// # Reading order
//
// decoder.go has the API and puts events together; line.go cuts the input into
// lines, field.go says what a line means, buffer.go holds values and their limit,
// error.go has the one error type of this package.
package stream
