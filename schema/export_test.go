package schema

// StockText is the document that the stock compiler reads, for tests that hold
// the Strict tier against it.
func (d *Document) StockText() string { return d.stockText() }

// CompileAll compiles every component in the Standard tier, and every branch of
// every union.
func (d *Document) CompileAll() {
	c := &d.closed
	for _, name := range d.names {
		c.schema(d.schemas[name], componentPointer(name), true)
	}
	for before := -1; before < len(c.unions); {
		before = len(c.unions)
		var all []*union
		for _, u := range c.unions {
			all = append(all, u)
		}
		for _, u := range all {
			for _, b := range u.all() {
				u.schemaOf(b)
			}
		}
	}
}

// ParseInstance is how instances are read.
func ParseInstance(text string) (any, error) { return parseInstance(text) }
