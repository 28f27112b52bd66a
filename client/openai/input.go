package openai

// Input writes what a caller has as the input of the Responses API, for params
// that are not a RespondRequest: client.Params{"input": openai.Input(messages)}. It
// takes what the field Input of RespondRequest takes; what is neither a Message
// nor an Item stays as it is.
func Input(input any) any {
	switch in := input.(type) {
	case Message, *Message, Item, *Item:
		return items(in)
	case []Message:
		return collect(in)
	case []*Message:
		return collect(in)
	case []Item:
		return collect(in)
	case []any:
		return collect(in)
	}
	return input
}

// collect joins the items of a list's values. A list without any stays one.
func collect[T any](list []T) any {
	if list == nil {
		return nil
	}
	out := make([]any, 0, len(list))
	for _, value := range list {
		out = append(out, items(value)...)
	}
	return out
}

// items are the input items that one value makes: a message with tool calls is
// more than one.
func items(value any) []any {
	switch v := value.(type) {
	case Message:
		return v.input()
	case *Message:
		if v != nil {
			return v.input()
		}
	case []Message:
		return flatten(v)
	case []Item:
		return flatten(v)
	}
	return []any{value}
}

// flatten lets a list of messages or items stand within a list, such as the
// output of the response before.
func flatten[T any](list []T) []any {
	var out []any
	for _, value := range list {
		out = append(out, items(value)...)
	}
	return out
}
