package clienttest

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
	"github.com/opcall/opcall/internal/sample"
	"github.com/opcall/opcall/schema"
)

// turn is one response of a model: what is said, in the form of the operation's
// API, as events and as the object that they add up to.
type turn struct {
	op     *schema.Operation
	spec   *extension.Stream // what the document says of its events, empty where it has none
	req    *Request
	number string // of the request, which the IDs of the response have: "0001"
	output Output
	draft  jsonObject // an instance of the response that is not streamed
	plain  content    // the response that is not streamed, where it is not JSON
	host   string     // "http://127.0.0.1:40123"
	said   []said     // what is made beside the response
	silent bool       // the events are not wanted

	events []event
}

// event is a server-sent event.
type event struct {
	name string // "" for none
	data []byte
}

// created is when all that the server responds with was made.
const created = 1767225600

// defaultModel is the model of responses to requests that name none.
const defaultModel = "gpt-5-mini"

// families are the ways in which streams are built, by what the document says
// of how their events add up. Each notes the events and returns the object, nil
// where there is none.
var families = map[string]func(*turn) jsonObject{
	"chat":          (*turn).chat,
	"completion":    (*turn).completion,
	"response":      (*turn).response,
	"run":           (*turn).run,
	"transcription": (*turn).transcription,
	"speech":        (*turn).speech,
	"image":         (*turn).image,
}

// echoes are the families whose object says what the request asked for.
var echoes = map[string]bool{"response": true, "run": true}

// plan is what the document says of how a model responds to the requests of an operation.
type plan struct {
	spec   *extension.Stream // empty where it has none
	sample extension.Sample
	media  *schema.MediaType // of the response that is not streamed, nil without one
	family string
	build  func(*turn) jsonObject // nil where no model responds
	fits   atomic.Bool            // a response was valid: the document is of our time
}

// planOf returns the plan of an operation, which is made once.
func (s *Server) planOf(op *schema.Operation) (*plan, error) {
	if known, ok := s.plans.Load(op.ID); ok {
		return known.(*plan), nil
	}
	spec, err := extension.ReadStream(op)
	if err != nil {
		return nil, err
	}
	if spec == nil {
		spec = &extension.Stream{}
	}
	p := &plan{spec: spec, sample: extension.ReadSample(op), media: answerInJSON(op)}
	p.family = cmp.Or(spec.Accumulate, p.sample.Accumulate)
	p.build = families[p.family]
	known, _ := s.plans.LoadOrStore(op.ID, p)
	return known.(*plan), nil
}

// perform responds with a model's output: in events if the request asks for a
// stream, else with the object. It reports false where neither is to be had, and
// the response is a sample.
func (s *Server) perform(hr *http.Request, op *schema.Operation, req *Request, a Answer) (content, bool, error) {
	if op == nil || req == nil || a.Status < 200 || a.Status > 299 || a.Status == http.StatusNoContent {
		return content{}, false, nil
	}
	p, err := s.planOf(op)
	if err != nil {
		return content{}, false, err
	}
	streams := asksForStream(p.spec, req)
	t := &turn{
		op: op, spec: p.spec, req: req, number: strings.TrimPrefix(req.ID, "req_test_"), output: a.Output.askedFor(req),
		host: schemeOf(hr) + "://" + hr.Host, silent: !streams,
	}
	if p.build == nil {
		if !streams {
			return content{}, false, nil
		}
		if err := t.specimens(); err != nil {
			return content{}, false, err
		}
		return s.play(hr, t)
	}
	media := p.media
	if media != nil && echoes[p.family] {
		made, err := s.instance(media)
		if err != nil {
			return content{}, false, err
		}
		f := s.formOf(media, string(made.data))
		t.draft = s.drafted(op, req, f)
	}
	s.again(t, a.Output)
	object := p.build(t)
	now, err := s.performed(t, object, media)
	if err != nil {
		return content{}, false, err
	}
	switch {
	case streams:
		return s.play(hr, t)
	case t.plain.data != nil:
		return t.plain, true, nil
	case object == nil:
		return content{}, false, nil
	}
	text, err := object.marshal()
	if now != "" {
		text = []byte(now)
	}
	if err == nil && !a.Output.scripted() && media != nil && media.Schema != nil && !p.fits.Load() {
		if media.Schema.Validate(json.RawMessage(text)) != nil {
			return content{}, false, nil // a document of another time, which the sample fits
		}
		p.fits.Store(true)
	}
	return content{mediaType: "application/json", data: text}, true, err
}

// drafted is the response to a request before a model has said anything.
func (s *Server) drafted(op *schema.Operation, req *Request, f form) jsonObject {
	text := f.echo(s.unasked(op, req, f), req)
	if r, ok := s.roleOf(op); ok && r.state.Appends.By != "" {
		for _, id := range named(req.given(r.state.Appends.By)) {
			text = f.set(text, jsonscan.Object{{Name: r.state.Appends.By, Text: `{"id":` + quoted(id) + `}`}})
		}
	}
	return parseObject([]byte(text))
}

func (s *Server) play(hr *http.Request, t *turn) (content, bool, error) {
	c, err := s.playback(hr, Recording{Data: t.bytes(), Interval: s.timing.interval(), first: s.timing.FirstToken})
	return c, true, err
}

// again has a turn say what a model said when the object was made that is retrieved. An
// action goes on with the object.
func (s *Server) again(t *turn, scripted Output) {
	if t.req.of == nil {
		return
	}
	t.draft = parseObject([]byte(t.req.of.text))
	if r, _ := s.roleOf(t.op); r.use == actionUse { // it goes on, and says something else
		return
	}
	if !scripted.scripted() && (t.req.of.output.parts != nil || t.req.of.output.failure != nil) {
		t.output = t.req.of.output
	}
}

func schemeOf(hr *http.Request) string {
	if hr.TLS != nil {
		return "https"
	}
	return "http"
}

// orDefault is the output, or the text that responses have without one.
func (o Output) orDefault() Output {
	if o.parts == nil && o.failure == nil {
		return o.Say(defaultText)
	}
	return o
}

// bytes writes the events in the form of the standard (WHATWG HTML §9.2).
func (t *turn) bytes() []byte {
	var text []byte
	for _, e := range t.events {
		if e.name != "" {
			text = append(append(append(text, "event: "...), e.name...), '\n')
		}
		text = append(append(append(text, "data: "...), e.data...), "\n\n"...)
	}
	return text
}

// emit notes an event.
func (t *turn) emit(name string, data jsonObject) {
	if t.silent {
		return
	}
	text, err := data.marshal()
	if err != nil { // what turns are made of can be encoded
		text = []byte("null")
	}
	t.events = append(t.events, event{name, text})
}

// emitDone ends a stream the way the document says: in words that are not an event.
func (t *turn) emitDone(name string) {
	if t.spec.Done != "" {
		t.events = append(t.events, event{name, []byte(t.spec.Done)})
	}
}

// emitFailure ends a stream that has no event of its own for that.
func (t *turn) emitFailure() {
	t.emit("", jsonObject{{"error", jsonObject{
		{"message", t.output.failure.message}, {"type", "server_error"}, {"param", nil}, {"code", t.output.failure.code},
	}}})
}

// model is the one that the request names.
func (t *turn) model() string {
	if model := t.req.Get("model").String(); model != "" {
		return model
	}
	if t.req.of != nil {
		if model := gjson.Get(t.req.of.text, "model").String(); model != "" {
			return model
		}
	}
	return defaultModel
}

// promptTokens is the length of what the model is told, in the usual rule of
// thumb.
func (t *turn) promptTokens() int {
	if t.req.of != nil {
		return int(gjson.Get(t.req.of.text, "usage.input_tokens").Int())
	}
	length := 0
	for _, name := range []string{"messages", "input", "prompt", "instructions", "additional_messages", "tool_outputs"} {
		length += len(t.req.Get(name).Raw)
	}
	return (length + 3) / 4
}

// specimens makes a stream of which nobody has said how its events add up: one
// instance of the event schema, and what ends it.
func (t *turn) specimens() error {
	data, name := jsonObject{}, ""
	if s := t.spec.Event; s != nil {
		text, err := sample.Minimal(s)
		if err != nil {
			return err
		}
		if t.spec.Envelope != extension.NoEnvelope { // the schema is that of the whole event
			field, _ := jsonscan.Member(string(text), "event")
			name = jsonscan.String(field)
			field, _ = jsonscan.Member(string(text), "data")
			if text = json.RawMessage(field); jsonvalue.KindOfText(field) == jsonvalue.String {
				text = json.RawMessage(jsonscan.String(field))
			}
		}
		data = parseObject(text)
		if len(data) == 0 && string(text) != "{}" {
			t.events = append(t.events, event{name, text})
			t.emitDone("")
			return nil
		}
	}
	t.emit(name, data)
	if len(t.spec.Terminal) > 0 {
		t.emit("", data.with(member{"type", t.spec.Terminal[0]}))
	}
	t.emitDone("")
	return nil
}

// asksForStream reports whether a request asks for an event stream: by the
// members of the body or the parameters that the document names, stream: true
// where it names none.
func asksForStream(spec *extension.Stream, req *Request) bool {
	if !spec.Declared {
		return false
	}
	wanted := spec.Request
	if wanted == nil {
		wanted = []extension.Field{{Name: "stream", JSON: "true"}}
	}
	for _, field := range wanted {
		if req.given(field.Name) != field.JSON {
			return false
		}
	}
	return true
}

// answerInJSON returns the response of an operation that does not stream.
func answerInJSON(op *schema.Operation) *schema.MediaType {
	response, ok := op.Response(success(op))
	if !ok {
		return nil
	}
	for _, m := range response.Content {
		if schema.IsJSON(m.Name) {
			return m
		}
	}
	return nil
}
