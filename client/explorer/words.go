package explorer

import (
	"sync"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/embed"
	"github.com/opcall/opcall/schema"
)

// words are the texts of fields that the built-in document has none for. They are read
// when the first page needs them.
type words struct {
	once  sync.Once
	texts gjson.Result
}

// of returns what a field is for: the document's text where it has one.
func (w *words) of(component, path string, s *schema.Shape) string {
	if s.Text != "" || component == "" {
		return s.Text
	}
	w.once.Do(func() { w.texts = gjson.ParseBytes(embed.Fields()) })
	return w.texts.Get(gjson.Escape(component)).Get(gjson.Escape(path)).String()
}

// add puts the texts into a shape, so that the form has them, too. Component and path
// say what the shape is a part of.
func (w *words) add(component, path string, s *schema.Shape) {
	if s == nil {
		return
	}
	if s.Component != "" {
		component, path = s.Component, ""
	}
	for _, f := range s.Fields {
		at := join(path, f.Name)
		f.Schema.Text = w.of(component, at, f.Schema)
		w.add(component, at, f.Schema)
	}
	w.add(component, path, s.Items)
	w.add(component, path, s.Other)
	for _, v := range s.Variants {
		w.add(component, path, v.Schema)
	}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
