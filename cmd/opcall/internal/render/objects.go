package render

import (
	"slices"
	"strings"

	"github.com/opcall/opcall/cmd/opcall/internal/terminal"
	"github.com/opcall/opcall/internal/jsonscan"
)

// maxColumns bounds the columns of a table: those that most rows have come first.
const maxColumns = 12

// objects adds JSON values as rows: a single list as its items, a single object as a row per
// member, several values as a row each.
func (t *Table) objects(values [][]byte) {
	rows := make([]string, len(values))
	for i, v := range values {
		rows[i] = strings.TrimSpace(string(v))
	}
	if len(rows) == 1 {
		items, ok := listItems(rows[0])
		if !ok {
			items, ok = listItems(dataOf(rows[0]))
		}
		if !ok {
			t.members(rows[0])
			return
		}
		rows = items
	}
	columns := columnsOf(rows)
	if len(columns) == 0 {
		for _, row := range rows {
			t.Row(cell(row))
		}
		return
	}
	t.Styles = slices.Repeat([]terminal.Style{""}, len(columns))
	t.Styles[0] = terminal.Cyan
	header := make([]string, len(columns))
	for i, name := range columns {
		header[i] = strings.ToUpper(name)
	}
	t.Row(header...)
	for _, row := range rows {
		cells := make([]string, len(columns))
		for i, name := range columns {
			if value, ok := jsonscan.Member(row, name); ok {
				cells[i] = cell(value)
			}
		}
		t.Row(cells...)
	}
}

// members adds a row per member of an object.
func (t *Table) members(text string) {
	if !strings.HasPrefix(text, "{") {
		t.Row(cell(text))
		return
	}
	t.Styles = []terminal.Style{terminal.Blue, ""}
	for name, value := range jsonscan.Members(text) {
		t.Row(name, cell(value))
	}
}

// listItems returns the items of an array.
func listItems(text string) ([]string, bool) {
	text = strings.TrimSpace(text)
	if !strings.HasPrefix(text, "[") {
		return nil, false
	}
	var items []string
	for _, item := range jsonscan.Items(text) {
		items = append(items, item)
	}
	return items, true
}

// dataOf returns the member of a list object that holds its items: data, or else the only
// array of objects.
func dataOf(text string) string {
	if data, ok := jsonscan.Member(text, "data"); ok && strings.HasPrefix(data, "[") {
		return data
	}
	var arrays []string
	for _, value := range jsonscan.Members(text) {
		if items, ok := listItems(value); ok && len(items) > 0 && strings.HasPrefix(items[0], "{") {
			arrays = append(arrays, value)
		}
	}
	if len(arrays) == 1 {
		return arrays[0]
	}
	return ""
}

// columnsOf lists the members of objects that have short values in any row, those of most
// rows first, else in the order of the text.
func columnsOf(rows []string) []string {
	var names []string
	count := make(map[string]int)
	for _, row := range rows {
		if !strings.HasPrefix(row, "{") {
			return nil
		}
		for name, value := range jsonscan.Members(row) {
			if value[0] == '{' || value[0] == '[' || value == "null" {
				continue
			}
			if count[name]++; count[name] == 1 {
				names = append(names, name)
			}
		}
	}
	slices.SortStableFunc(names, func(a, b string) int { return count[b] - count[a] })
	return names[:min(len(names), maxColumns)]
}

// cell is a value as a table shows it.
func cell(value string) string {
	switch {
	case value == "null":
		return ""
	case value[0] == '"':
		return jsonscan.String(value)
	}
	return value
}
