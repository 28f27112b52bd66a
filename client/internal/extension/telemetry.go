package extension

import (
	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// Activity is what a document calls the calls of an operation for telemetry.
type Activity struct {
	Name     string // "chat", as the semantic conventions of OpenTelemetry have it; "" for an operation without one
	Provider string // "openai"
}

// ReadTelemetry returns what the document says of an operation, or of a socket by its
// name, in x-opcall-telemetry: {provider: NAME, activities: {OPERATION: NAME}}.
func ReadTelemetry(doc *schema.Document, operation string) Activity {
	text, _ := doc.Extension("x-opcall-telemetry")
	activities, _ := jsonscan.Member(text, "activities")
	name, _ := jsonscan.Member(activities, operation)
	return Activity{Name: jsonscan.String(name), Provider: gjson.Get(text, "provider").String()}
}
