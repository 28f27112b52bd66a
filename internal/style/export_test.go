package style

// Resolve returns p with Style and Explode filled in, for tests that compare them.
func (p Param) Resolve() (Param, error) {
	w, err := p.resolve(p.In)
	if err != nil {
		return p, err
	}
	p.Style, p.Explode = w.Style, &w.explode
	return p, nil
}
