package validator

import (
	"errors"

	"github.com/opcall/opcall/internal/jsonvalue"
)

// A document can send each value through a number of schemas that is exponential
// in its own size, and a value of a union through all branches at every level.
// Real documents take two steps per byte, be the instance small or large.
const (
	minSteps     = 50_000
	stepsPerByte = 64
)

// maxWay bounds the schemas within each other: one may lead back to itself.
const maxWay = 8 * jsonvalue.MaxDepth

// maxNoted bounds the failures that are noted of an instance, and of one branch of
// a union: more than anybody is shown. The walk stops when they are reached, so
// that an instance with a million mistakes costs no more than a valid one.
const maxNoted = 400

var errSpent = errors.New("it sends a value through too many schemas")

// steps returns how many steps the validation of a value may take.
func steps(bytes int) int { return minSteps + stepsPerByte*bytes }

// instructionsPerStep is how many instructions of a pattern, each per byte, cost
// as much as one step.
const instructionsPerStep = 16
