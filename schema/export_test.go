package schema

// StockText is the document that the stock compiler reads, for tests that hold
// the Strict tier against it.
func (d *Document) StockText() string { return d.stockText() }

// ParseInstance is how instances are read.
func ParseInstance(text string) (any, error) { return parseInstance(text) }
