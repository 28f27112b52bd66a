package validator

import (
	"errors"

	"github.com/opcall/opcall/internal/jsonvalue"
)

// A document can send each value through a number of schemas that is exponential in its
// own size: twenty schemas that each list the next one twice in allOf apply the last
// one a million times. A union can send a value through all its branches, at every
// level of nesting. An instance can have a mistake in each of a million items. All of
// these stay linear in the size of the instance by the numbers here, which are far from
// what real documents and instances need.

const (
	// minSteps is for small instances, as {} too passes through every schema that
	// applies in place.
	minSteps = 50_000
	// stepsPerByte is thirty times what real documents need: about two steps per byte,
	// whether the instance is small or large.
	stepsPerByte = 64
)

// maxWay bounds the schemas that are applied inside of each other: eight for each level
// of the deepest instance. A schema may lead back to itself without going down, as
// {"$ref":"#"} does, and would never end.
const maxWay = 8 * jsonvalue.MaxDepth

// maxNoted bounds the failures that are recorded of an instance, and of one branch of a
// union: about three times what is explained. The walk stops when they are reached, so
// that an instance with a million mistakes costs no more than a valid one.
// It is more than what is explained, as several failures may be one mistake and those of
// dropped branches are among them while they are compared.
const maxNoted = 400

// errSpent is why a walk is given up when its steps are used. The result is then
// neither valid nor invalid: it is reported as a problem of the document.
var errSpent = errors.New("it sends a value through too many schemas")

// steps returns how many steps the validation of a value may take.
func steps(bytes int) int { return minSteps + stepsPerByte*bytes }

// valuesPerStep is how many values are passed over in the time of one step, where a
// keyword or the tag of a union looks for one member.
const valuesPerStep = 32

// instructionsPerStep is how many instructions of a pattern, each executed once per
// byte, cost as much time as one step. Without it the size of a pattern and the length
// of a text would multiply unseen.
const instructionsPerStep = 16

// maxReferences bounds a chain of references, each to nothing but the next: longer ones
// are circular.
const maxReferences = 32
