package clienttest

import (
	"encoding/base64"
	"slices"
)

// image draws as many images as the request asks for, with as many stages of
// each. response_format says whether the result has them or their URL, at which
// the server has them too; events always have them.
func (t *turn) image() jsonObject {
	setting := func(name, standard string, known ...string) member {
		value := t.req.Get(name).String()
		for _, k := range known {
			if value == k {
				return member{name, value}
			}
		}
		return member{name, standard}
	}
	background := setting("background", "opaque", "transparent")
	format := setting("output_format", "png", "jpeg", "webp")
	quality := setting("quality", "high", "low", "medium")
	size := setting("size", "1024x1024", "1024x1536", "1536x1024")
	data := member{"b64_json", pixel}
	if format.value != "png" {
		data.value = base64.StdEncoding.EncodeToString(specimen("image/" + format.value.(string)))
	}
	result := data
	if t.req.Get("response_format").String() == "url" {
		result = member{"url", t.host + imagePath + format.value.(string)}
	}

	family := "image_generation"
	if slices.Contains(t.spec.Terminal, "image_edit.completed") {
		family = "image_edit"
	}
	n := t.choices(1)
	tell := func(kind string, members ...member) {
		kind = family + "." + kind
		t.emit(kind, append(jsonObject{{"type", kind}, data, {"created_at", created}, size, quality, background, format}, members...))
	}
	in := t.promptTokens()
	usage := func(images int) member {
		return member{"usage", jsonObject{
			{"total_tokens", in + images},
			{"input_tokens", in},
			{"output_tokens", images},
			{"input_tokens_details", jsonObject{{"text_tokens", in}, {"image_tokens", 0}}},
		}}
	}
	var images []jsonObject
	for range n {
		for stage := range min(8, int(t.req.Get("partial_images").Int())) {
			tell("partial_image", member{"partial_image_index", stage})
		}
		if t.output.failure != nil {
			t.emitFailure()
			return nil
		}
		tell("completed", usage(1))
		images = append(images, jsonObject{result})
	}
	return jsonObject{{"created", created}, background, {"data", images}, format, quality, size, usage(n)}
}
