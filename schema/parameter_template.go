package schema

import (
	"cmp"
	"fmt"
	"slices"
)

// matchTemplate makes parameters and path key agree (OpenAPI 3.1 §4.8.12.1), which they
// do not in every real document: a name that only the template has is a required string,
// a parameter that only is declared has no place to go. Either way the operation can be
// called; to refuse it would punish the caller for a slip that every server ignores.
func (op *Operation) matchTemplate(r *route) {
	note := func(format string, values ...any) {
		op.repairs = append(op.repairs, Repair{Pointer: op.Pointer, Keyword: "parameters", Reason: fmt.Sprintf(format, values...)})
	}
	// Names first: what is called {+path} by its parameter has to be found as path below.
	op.renameExpressions(r, note)
	op.matchQuery(r, note)
	names := r.names()
	op.Parameters = slices.DeleteFunc(op.Parameters, func(p *Parameter) bool {
		if p.In != "path" || slices.Contains(names, p.Name) {
			return false
		}
		// Its value would be asked for and then sent nowhere.
		note("the path parameter %q has no place in the path; dropped", p.Name)
		return true
	})
	for _, name := range names {
		p := op.parameterIn("path", name)
		if p == nil {
			// Without a schema the text is sent as it is given.
			note("the path has {%s}, but no parameter declares it; read as a required string", name)
			p = &Parameter{Name: name, In: "path", Required: true, Style: "simple"}
			op.Parameters = append(op.Parameters, p)
		}
		v, _ := r.variable(name)
		p.express(v)
	}
}

// renameExpressions gives parameters that are called as the whole expression is, "+name",
// the name in it. One expression with several names is left alone: which of them the
// parameter means cannot be known.
func (op *Operation) renameExpressions(r *route, note func(string, ...any)) {
	for _, p := range op.Parameters {
		if p.In != "path" {
			continue
		}
		list, _, known := parseExpression(p.Name)
		if !known || len(list) != 1 || slices.Contains(r.names(), p.Name) {
			continue
		}
		if name := list[0].name; slices.Contains(r.names(), name) && op.parameterIn("path", name) == nil {
			note("the path parameter %q is an expression; read as %q", p.Name, name)
			p.Name = name
		}
	}
}

// matchQuery gives the names in {?a,b} their parameters. One that is declared to be in the
// path has its only place in the query, and one that is not declared at all is a text that
// may be left out, as RFC 6570 §3.2.8 has it.
func (op *Operation) matchQuery(r *route, note func(string, ...any)) {
	for _, v := range r.inQuery {
		p := op.parameterIn("query", v.name)
		if p == nil {
			if p = op.parameterIn("path", v.name); p != nil && !slices.Contains(r.names(), v.name) {
				note("the path has {?%s}, so that the path parameter of the name is one of the query", v.name)
				// A style of paths means nothing in a query: it gets the default there (OpenAPI 3.1
				// §4.8.12.2). It stays required, as every path parameter is.
				p.In, p.Style, p.styled = "query", "form", false
			} else {
				note("the path has {?%s}, but no parameter declares it; read as a text in the query that may be left out", v.name)
				p = &Parameter{Name: v.name, In: "query", Style: "form"}
				op.Parameters = append(op.Parameters, p)
			}
		}
		// What the parameter says itself about its form is more specific than the expression.
		p.Operator = "?"
		// Without * an expression does not explode (RFC 6570 §2.4.2), where the style form does by
		// default (OpenAPI 3.1 §4.8.12.2).
		if !p.styled && !p.Brackets {
			p.Explode = v.explode
		}
	}
}

// express takes over what an expression of the path says of a value's form. The
// characters that an operator writes are not in the template, so that it takes
// precedence over the style that the parameter declares.
//
// label and matrix are what OpenAPI calls the operators . and ; (OpenAPI 3.1 §4.8.12.3). It has no
// style for + and /, which are simple here; Operator says the rest.
func (p *Parameter) express(v variable) {
	p.Prefix = v.prefix
	if v.operator == 0 {
		p.Explode = p.Explode || v.explode
		return
	}
	p.Operator = string(rune(v.operator))
	p.Style = cmp.Or(map[byte]string{'.': "label", ';': "matrix"}[v.operator], "simple")
	// {/name*} writes a slash before each part. A declared explode of the style simple does not
	// mean that, as it separates parts by commas.
	p.Explode = v.explode || p.Explode && v.operator != '/'
}

// parameterIn returns the parameter with the place and name, nil without one.
func (op *Operation) parameterIn(place, name string) *Parameter {
	for _, p := range op.Parameters {
		if p.In == place && p.Name == name {
			return p
		}
	}
	return nil
}
