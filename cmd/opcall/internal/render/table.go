package render

import (
	"bytes"
	"io"
	"slices"
	"strings"

	"github.com/rivo/uniseg"

	"github.com/opcall/opcall/cmd/opcall/internal/terminal"
)

// Table writes rows in columns. Where they do not fit into Width, the last column is cut,
// then the widest ones.
type Table struct {
	Painter terminal.Painter
	Styles  []terminal.Style // of the columns
	Width   int              // 0 for no limit

	rows   [][]string
	widths []int
}

// gap is the space between columns.
const gap = 2

// Row adds a row.
func (t *Table) Row(cells ...string) {
	row := make([]string, len(cells))
	for i, cell := range cells {
		row[i] = Plain(cell)
		if i == len(t.widths) {
			t.widths = append(t.widths, 0)
		}
		t.widths[i] = max(t.widths[i], uniseg.StringWidth(row[i]))
	}
	t.rows = append(t.rows, row)
}

// Write writes all rows at once.
func (t *Table) Write(w io.Writer) error {
	t.fit()
	var b bytes.Buffer
	for _, row := range t.rows {
		var line strings.Builder
		for i, cell := range row {
			cell = Cut(cell, t.widths[i])
			pad := t.widths[i] - uniseg.StringWidth(cell) + gap
			if i < len(t.Styles) && t.Styles[i] != "" {
				cell = t.Painter.Text(t.Styles[i], cell)
			}
			line.WriteString(cell)
			if i < len(row)-1 {
				line.WriteString(strings.Repeat(" ", pad))
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " "))
		b.WriteByte('\n')
	}
	_, err := w.Write(b.Bytes())
	return err
}

// minColumn is what a column keeps when there is no room.
const minColumn = 8

// fit takes from the last column what is too much, and then from the widest ones.
func (t *Table) fit() {
	if t.Width == 0 || len(t.widths) == 0 {
		return
	}
	over := gap*(len(t.widths)-1) - t.Width
	for _, w := range t.widths {
		over += w
	}
	for last := len(t.widths) - 1; over > 0; {
		widest := last
		if t.widths[last] <= minColumn {
			widest = slices.Index(t.widths, slices.Max(t.widths))
		}
		if t.widths[widest] <= minColumn {
			return
		}
		t.widths[widest]--
		over--
	}
}

// Cut cuts a text to a width in columns of a terminal.
func Cut(text string, width int) string {
	if uniseg.StringWidth(text) <= width {
		return text
	}
	var b strings.Builder
	left := width - 1
	for state, rest := -1, text; rest != ""; {
		var cluster string
		var w int
		cluster, rest, w, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if left -= w; left < 0 {
			break
		}
		b.WriteString(cluster)
	}
	return b.String() + "…"
}
