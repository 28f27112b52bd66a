package clienttest

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// performed keeps what a model's output became, where the operation makes an object of
// it. It returns the object as it is now, "" where that is as it was made.
func (s *Server) performed(t *turn, object jsonObject, media *schema.MediaType) (string, error) {
	r, ok := s.roleOf(t.op)
	if !ok || object == nil || media == nil {
		return "", nil
	}
	text, err := object.marshal()
	if err != nil {
		return "", err
	}
	switch r.use {
	case createUse:
		s.appended(r, t.req, string(text))
		if !keeps(r.state, t.req) {
			return "", nil
		}
	case actionUse: // the results of tools go to a run
	default:
		return "", nil
	}
	made, id := s.formOf(media, string(text)).echo(string(text), t.req), gjson.GetBytes(text, "id").String()
	if id == "" {
		return "", nil
	}
	if r.use == actionUse {
		at := s.placeOf(r, t.req)
		s.store.Lock()
		if o := s.store.get(at.collection, at.id); o != nil && !o.deleted {
			s.store.set(o, made)
			s.settle(t.req, at)
		}
		s.store.Unlock()
	} else {
		o := s.keep(t.op, r, t.req, url.PathEscape(id), made, t.output)
		if now := s.current(o); now != made {
			made = now
		} else {
			made = ""
		}
	}
	s.keepSaid(t)
	if r.use == actionUse {
		made = ""
	}
	return made, nil
}

// settle gives the steps of a run that wait for the results of tools what a request has of
// them. The caller holds the lock of the store.
func (s *Server) settle(req *Request, run location) {
	results := make(map[string]string)
	for _, result := range req.Get("tool_outputs").Array() {
		results[result.Get("tool_call_id").String()] = result.Get("output").Raw
	}
	for _, step := range s.store.live(run.collection + "/" + run.id + "/steps") {
		calls := gjson.Get(step.text, "step_details.tool_calls")
		if !calls.Exists() || gjson.Get(step.text, "status").String() != "in_progress" {
			continue
		}
		var list []string
		for _, call := range calls.Array() {
			text := call.Raw
			if result := results[call.Get("id").String()]; result != "" {
				text = setAt(text, []string{"function", "output"}, result)
			}
			list = append(list, text)
		}
		text := setAt(step.text, []string{"step_details", "tool_calls"}, "["+strings.Join(list, ",")+"]")
		s.store.set(step, merged(text, fmt.Sprintf(`{"status":"completed","completed_at":%d}`, created)))
	}
}

// said is an object that a model made beside the response: a message of a thread.
type said struct {
	template string // of its collection: "/threads/{thread_id}/messages"
	object   jsonObject
}

// keepSaid keeps what a model made beside the response.
func (s *Server) keepSaid(t *turn) {
	for _, made := range t.said {
		text, err := jsonscan.Marshal(made.object)
		if err != nil {
			continue
		}
		path := made.template
		for name, value := range jsonscan.Members(string(text)) {
			path = strings.ReplaceAll(path, "{"+name+"}", url.PathEscape(gjson.Parse(value).String()))
		}
		if strings.Contains(path, "{") || s.resources().byPath[made.template] == nil {
			continue
		}
		s.store.Lock()
		s.store.put(path, &object{id: url.PathEscape(gjson.GetBytes(text, "id").String()), text: string(text), role: role{state: new(extension.State)}})
		s.store.Unlock()
	}
}
