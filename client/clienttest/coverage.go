package clienttest

import (
	"maps"
)

// Coverage says which operations of the document a test suite has used.
type Coverage struct {
	Exercised map[string]int `json:"exercised"` // requests by operation ID, refused ones left out
	Refused   map[string]int `json:"refused"`   // requests that break the document
	Never     []string       `json:"never"`     // operations without a request that the document allows, in its order
}

// Coverage returns what was used since the server started.
func (s *Server) Coverage() Coverage {
	s.mu.Lock()
	c := Coverage{Exercised: maps.Clone(s.exercised), Refused: maps.Clone(s.refused), Never: []string{}}
	s.mu.Unlock()
	for op := range s.document.Operations() {
		if c.Exercised[op.ID] == 0 {
			c.Never = append(c.Never, op.ID)
		}
	}
	return c
}

// count counts a request for an operation.
func (s *Server) count(req *Request) {
	if req.Operation == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if req.Refusal != nil {
		s.refused[req.Operation]++
	} else {
		s.exercised[req.Operation]++
	}
}
