package clienttest

import "sync"

// script reports what a request gets.
type script func(*Request) Answer

// Respond says what the requests of an operation get from now on:
// the first with the first response, and so on; the last response is for all that
// come after. Without responses it goes back to samples. Requests that the server
// refuses take no response.
//
//	server.Respond("createChatCompletion",
//		clienttest.Answer{Status: 500},
//		clienttest.Answer{Body: `{"choices": […], …}`})
//
// An operation that the document does not have ends the test, or panics where
// there is none.
func (s *Server) Respond(operationID string, answers ...Answer) {
	if s == nil { // see StartWithoutKey
		return
	}
	if s.tb != nil {
		s.tb.Helper()
	}
	if len(answers) == 0 {
		s.RespondFunc(operationID, nil)
		return
	}
	var mu sync.Mutex
	next := 0
	s.RespondFunc(operationID, func(*Request) Answer {
		mu.Lock()
		defer mu.Unlock()
		a := answers[next]
		next = min(next+1, len(answers)-1)
		return a
	})
}

// RespondFunc is Respond with responses that depend on the request. The function
// is called by the goroutines of the server, for several requests at once; nil
// goes back to samples.
func (s *Server) RespondFunc(operationID string, answer func(*Request) Answer) {
	if s.tb != nil {
		s.tb.Helper()
	}
	id, ok := s.operation(operationID)
	if !ok {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.scripts[id] = answer
}

// operation returns the ID of an operation that a test names.
func (s *Server) operation(id string) (string, bool) {
	if s.tb != nil {
		s.tb.Helper()
	}
	op, err := s.document.Operation(id)
	if err != nil {
		s.fail("test server: %v", err)
		return "", false
	}
	return op.ID, true
}

// scripted returns the response to a request of an operation.
func (s *Server) scripted(id string, req *Request) Answer {
	s.mu.Lock()
	answer := s.scripts[id]
	s.mu.Unlock()
	if answer != nil {
		return answer(req)
	}
	a, _ := s.caseFor(id, req)
	return a
}
