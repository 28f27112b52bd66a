package schema

// Precompile compiles all components, with all branches of their unions, as the
// Standard and Lenient tiers read them. Without it each is compiled when it is
// first used, which suits programs that use a few; a server may rather be ready
// before its first call. It can be called at any time, by any goroutine; what is
// compiled already costs nothing.
func (d *Document) Precompile() {
	c := &d.closed
	for _, name := range d.names {
		c.schema(d.schemas[name], componentPointer(name), true)
	}
	done := make(map[*union]bool)
	for {
		unions := c.unionsBut(done)
		if len(unions) == 0 {
			return
		}
		for _, u := range unions {
			for _, b := range u.all() {
				u.schemaOf(b)
			}
			done[u] = true
		}
	}
}

// unionsBut returns the unions that have been met so far, but for those done.
func (c *compiler) unionsBut(done map[*union]bool) []*union {
	c.objectsMu.Lock()
	defer c.objectsMu.Unlock()
	var list []*union
	for _, u := range c.unions {
		if !done[u] {
			list = append(list, u)
		}
	}
	return list
}
