package clienttest

import (
	"encoding/json"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/style"
)

// answer reads what a request gets.
func (r reader) answer(v gjson.Result) (a Answer, err error) {
	if !v.Exists() {
		return a, r.errorf("got none, want what the request gets")
	}
	if err := r.known(v, "status", "header", "body", "delay", "output", "stop", "fail", "cut", "drop"); err != nil {
		return a, err
	}
	status, _, err := r.number(v, "status", 200, 599, "200 to 599")
	if err != nil {
		return a, err
	}
	a.Status = int(status)
	if a.Header, err = r.header(v); err != nil {
		return a, err
	}
	switch body := v.Get("body"); {
	case body.Type == gjson.String:
		a.Body = body.String()
	case body.Exists():
		a.Body = json.RawMessage(body.Raw)
	}
	if a.Body != nil && (a.Status == http.StatusNoContent || a.Status == http.StatusNotModified) {
		return a, r.errorf("body: a response with the status %d has none", a.Status)
	}
	if delay := v.Get("delay"); delay.Exists() {
		if a.Delay, err = time.ParseDuration(delay.String()); err != nil || a.Delay < 0 {
			return a, r.errorf("delay: got %.40q, want a duration such as 200ms", delay.String())
		}
	}
	if a.Fail, err = r.failure(v); err != nil {
		return a, err
	}
	a.Output, err = r.output(v)
	if err == nil && a.Body != nil && a.Output.scripted() {
		err = r.errorf("got body and output, want one of them")
	}
	return a, err
}

// header reads the headers of a response: a text, or a list of texts, for each name.
func (r reader) header(v gjson.Result) (http.Header, error) {
	fields, err := r.object(v, "header")
	if err != nil || len(fields) == 0 {
		return nil, err
	}
	header := make(http.Header)
	for name, value := range fields {
		if !style.IsToken(name) {
			return nil, r.errorf("header: %.40q is not the name of a header", name)
		}
		for _, one := range value.Array() {
			switch {
			case !isScalar(one):
				return nil, r.errorf("header: %.40s: got %s, want a text, or a list of texts", name, jsonscan.TypeName(one.Raw))
			case strings.ContainsFunc(one.String(), isControl):
				return nil, r.errorf("header: %.40s: the value has a line break or another control character", name)
			}
			header.Add(name, one.String())
		}
	}
	return header, nil
}

// failure reads where the connection closes.
func (r reader) failure(v gjson.Result) (Failure, error) {
	drop, err := r.flag(v, "drop")
	if err != nil {
		return Failure{}, err
	}
	cut, given, err := r.number(v, "cut", 0, math.MaxInt64, "a number of bytes")
	switch {
	case err != nil:
		return Failure{}, err
	case drop && given:
		return Failure{}, r.errorf("got cut and drop, want one of them")
	case drop:
		return Drop(), nil
	case given:
		return CutBody(cut), nil
	}
	return Failure{}, nil
}

// call adds a call of a tool.
func (r reader) call(o Output, v gjson.Result) (Output, error) {
	if err := r.known(v, "name", "arguments", "input"); err != nil {
		return o, err
	}
	name, err := r.text(v, "name")
	if err != nil {
		return o, err
	}
	text, err := r.text(v, "input")
	if err != nil {
		return o, err
	}
	arguments, input := v.Get("arguments"), v.Get("input")
	switch {
	case name == "":
		return o, r.errorf("got no name")
	case arguments.Exists() && input.Exists():
		return o, r.errorf("got arguments and input, want one of them: a function has arguments, a custom tool input")
	case input.Exists():
		return o.CallCustomTool(name, text), nil
	case arguments.Type == gjson.String:
		return o.CallTool(name, arguments.String()), nil
	}
	return o.CallTool(name, arguments.Raw), nil
}

func (r reader) output(v gjson.Result) (o Output, err error) {
	if list := v.Get("output"); list.Exists() && !list.IsArray() {
		return o, r.wrong(v, "output", "a list")
	}
	for i, part := range v.Get("output").Array() {
		if o, err = r.in("output."+strconv.Itoa(i)).part(o, part); err != nil {
			return o, err
		}
	}
	stop, err := r.text(v, "stop")
	if err != nil {
		return o, err
	}
	if stop != "" {
		o = o.Stop(stop)
	}
	fail := v.Get("fail")
	if !fail.Exists() {
		return o, nil
	}
	r = r.in("fail")
	if err := r.known(fail, "code", "message"); err != nil {
		return o, err
	}
	code, err := r.text(fail, "code")
	if err != nil {
		return o, err
	}
	message, err := r.text(fail, "message")
	return o.Fail(code, message), err
}

// part adds a part of what a model says.
func (r reader) part(o Output, v gjson.Result) (Output, error) {
	if err := r.known(v, "say", "refuse", "call"); err != nil {
		return o, err
	}
	if n := len(v.Map()); n != 1 {
		return o, r.errorf("got %d members, want one of say, refuse and call", n)
	}
	if call := v.Get("call"); call.Exists() {
		return r.in("call").call(o, call)
	}
	said, err := r.text(v, "say")
	if err != nil {
		return o, err
	}
	refused, err := r.text(v, "refuse")
	if v.Get("refuse").Exists() {
		return o.Refuse(refused), err
	}
	return o.Say(said), err
}
