package argument

import "fmt"

// set puts a value where a path leads, from an object on, and returns the object. Objects
// and lists on the way are made. A list[] on the way is its last item as long as that has
// room for the value, and else a new one:
//
//	messages[].role=user messages[].content=Hello messages[].role=user …
func set(root map[string]any, path []step, value any) error {
	_, err := put(root, path, 0, value)
	return err
}

// put returns node with the value in it, at path[at:].
func put(node any, path []step, at int, value any) (any, error) {
	if at == len(path) {
		if node != nil {
			return nil, fmt.Errorf("%s is given twice", show(path))
		}
		return value, nil
	}
	s := path[at]
	if s.item {
		list, ok := node.([]any)
		if !ok && node != nil {
			return nil, fmt.Errorf("%s is a list here, and something else in an argument before", show(path[:at]))
		}
		return putItem(list, path, at, value)
	}
	object, ok := node.(map[string]any)
	if !ok && node != nil {
		return nil, fmt.Errorf("%s has the field %s here, and is something else in an argument before", show(path[:at]), s.name)
	}
	if object == nil {
		object = make(map[string]any)
	}
	inner, err := put(object[s.name], path, at+1, value)
	object[s.name] = inner
	return object, err
}

func putItem(list []any, path []step, at int, value any) (any, error) {
	index := path[at].index
	switch {
	case index == next && len(list) > 0 && at+1 < len(path) && room(list[len(list)-1], path[at+1:]):
		index = len(list) - 1
	case index == next:
		index = len(list)
	case index > len(list):
		return nil, fmt.Errorf("%s: the list has %d items so far, and no holes", show(path[:at+1]), len(list))
	}
	if index == len(list) {
		list = append(list, nil)
	}
	inner, err := put(list[index], path, at+1, value)
	list[index] = inner
	return list, err
}

// room reports whether a value can be put at a path without taking the place of another.
func room(node any, path []step) bool {
	if node == nil {
		return true
	}
	if len(path) == 0 {
		return false
	}
	if path[0].item {
		list, ok := node.([]any)
		return ok && (path[0].index == next || path[0].index >= len(list) || room(list[path[0].index], path[1:]))
	}
	object, ok := node.(map[string]any)
	return ok && room(object[path[0].name], path[1:])
}

// override returns an object with the members of another over its own: objects in objects
// likewise, other values in place of those before.
func override(object, over map[string]any) map[string]any {
	if object == nil {
		return over
	}
	for name, value := range over {
		inner, ok := value.(map[string]any)
		before, both := object[name].(map[string]any)
		if ok && both {
			value = override(before, inner)
		}
		object[name] = value
	}
	return object
}
