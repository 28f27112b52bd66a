package schema

import (
	"errors"
	"fmt"
	"math"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/yamltext"
	"github.com/opcall/opcall/schema/internal/overlay"
)

// overlaid returns document as an overlay, in JSON or YAML, changes it.
//
// An overlay is input, like the document: it may come from another vendor, or from a
// user who mends a description. The package overlay bounds the work and the growth;
// here the result gets the same limits as a document that is loaded, size and nesting,
// because actions can put large and deep values into each other. Names that stand twice
// are not looked for again: neither text has any, and merging makes none.
//
// The errors of an action point into the overlay (/actions/3/target). They have no
// line, since lines are those of the document.
func (l *loader) overlaid(document string, text []byte) (string, []overlay.Unmatched, error) {
	var unmatched []overlay.Unmatched
	o, err := readOverlay(text)
	if err == nil {
		document, unmatched, err = o.Apply(document)
	}
	var overlayErr *overlay.Error
	switch {
	case errors.As(err, &overlayErr) && overlayErr.Action < 0:
		return "", nil, &DocumentError{Reason: shown(overlayErr.Error(), 300)}
	case errors.As(err, &overlayErr):
		at := Pointer(fmt.Sprintf("/actions/%d", overlayErr.Action))
		if overlayErr.Field != "" {
			at = at.Append(overlayErr.Field)
		}
		return "", nil, &DocumentError{Pointer: at, overlay: true, Reason: shown(overlayErr.Error(), 300)}
	case err != nil:
		return "", nil, err
	}
	if int64(len(document)) > l.maxSize {
		return "", nil, &DocumentError{Reason: "with its overlay, " + tooLarge(int64(len(document)), l.maxSize)}
	}
	if err := jsonscan.Check(document, maxDepth); err != nil {
		return "", nil, jsonError(err, "with its overlay, the document is no longer valid JSON")
	}
	return document, unmatched, nil
}

// readOverlay reads the text of an overlay as Load reads that of a document: UTF-8 or
// UTF-16, JSON or YAML. There is no limit of bytes, as the caller has them in memory;
// what aliases of YAML make of them is bounded by yamltext.MaxGrowth.
func readOverlay(data []byte) (*overlay.Overlay, error) {
	const unreadable = "the overlay cannot be read"
	data, err := utf8Text(data)
	if err != nil {
		return nil, err
	}
	text := jsonscan.Alias(data) // it is not modified while it is read
	if start := jsonscan.Space(text, 0); start < len(text) && text[start] == '{' {
		if err := jsonscan.CheckUnique(text, maxDepth); err != nil {
			return nil, jsonError(err, unreadable)
		}
	} else {
		converted, err := yamltext.JSON(data, math.MaxInt)
		if err != nil {
			return nil, yamlError(err, unreadable)
		}
		text = converted.JSON
	}
	return overlay.Parse(text)
}
