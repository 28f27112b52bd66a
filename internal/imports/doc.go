// Package imports holds nothing but the test of the direction in which the
// project's packages import each other:
// cmd, examples → client/openai → client → {schema, stream, embed} → internal.
package imports
