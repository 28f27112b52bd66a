package extension

import (
	"strconv"
	"strings"

	"github.com/opcall/opcall/client/internal/mask"
)

// MediaTypes names for a message the media types that a document has at a place.
func MediaTypes(all []string) string {
	const most = 8
	var names []string
	for _, name := range all[:min(len(all), most)] {
		names = append(names, mask.Line(name, 100))
	}
	text := strings.Join(names, " or ")
	if more := len(all) - len(names); more > 0 {
		text += " or " + strconv.Itoa(more) + " more"
	}
	return text
}
