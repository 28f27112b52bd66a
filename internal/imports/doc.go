// Package imports tests how the repository is put together: packages import each
// other in one direction,
// cmd, examples → client/openai → client → {schema, stream, embed} → internal;
// package comments name every file; files and functions are short, and so are the
// cycles that files make.
package imports
