package openai

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/internal/jsonscan"
)

// readVectors reads the vectors of a response, as many as there is room for. They are
// read from the text as it is, which for 2,000 of them has 16 MB.
func readVectors(r *client.Response, vectors [][]float32) error {
	fail := func(format string, args ...any) error {
		return &client.ResponseError{
			Operation: r.Operation().ID, RequestID: r.RequestID(), StatusCode: r.StatusCode(), Header: r.Header(),
			Reason: fmt.Sprintf(format, args...),
		}
	}
	data, ok := jsonscan.Member(jsonscan.Alias(r.Raw()), "data")
	if !ok {
		return missing(r, "data", "a list of vectors")
	}
	var buffer []byte
	count := 0
	for at, item := range jsonscan.Items(data) {
		count++
		place := at
		if index, ok := jsonscan.Member(item, "index"); ok {
			n, err := strconv.Atoi(index)
			if err != nil {
				return fail("got %.40s as the index of a vector, want a number", index)
			}
			place = n
		}
		if place < 0 || place >= len(vectors) || vectors[place] != nil {
			return fail("got a vector for text %d of %d, or a second one", place, len(vectors))
		}
		text, _ := jsonscan.Member(item, "embedding")
		var err error
		if vectors[place], buffer, err = readVector(text, buffer); err != nil {
			return fail("vector %d: %v", place, err)
		}
	}
	if count != len(vectors) {
		return fail("got %d vectors, want one for each of %d texts", count, len(vectors))
	}
	return nil
}

// readVector reads one vector: base64 of its numbers in 32 bits, little-endian, or a
// list of them. The buffer is for the next one.
func readVector(text string, buffer []byte) ([]float32, []byte, error) {
	switch {
	case text == "":
		return nil, buffer, fmt.Errorf("got none")
	case text[0] == '"':
		var err error
		if buffer, err = base64.StdEncoding.AppendDecode(buffer[:0], []byte(jsonscan.String(text))); err != nil {
			return nil, buffer, err
		}
		if len(buffer)%4 != 0 {
			return nil, buffer, fmt.Errorf("got %d bytes, want 4 per number", len(buffer))
		}
		vector := make([]float32, len(buffer)/4)
		for i := range vector {
			vector[i] = math.Float32frombits(binary.LittleEndian.Uint32(buffer[4*i:]))
		}
		return vector, buffer, nil
	case text[0] != '[':
		return nil, buffer, fmt.Errorf("got %.40s, want base64 or a list of numbers", text)
	}
	vector := []float32{}
	for _, item := range jsonscan.Items(text) {
		n, err := strconv.ParseFloat(item, 32)
		if err != nil {
			return nil, buffer, fmt.Errorf("got %.40s, want a number", item)
		}
		vector = append(vector, float32(n))
	}
	return vector, buffer, nil
}

// How many bytes of a text a token has. The tokenizers of OpenAI's models make 4 to 5
// of English prose, 2 to 3 of code and digits, and one or two tokens of a letter that
// is not ASCII.
const (
	mostBytes  = 8
	leastBytes = 3
)

// mostTokens estimates the tokens of a text, rather too many.
func mostTokens(text string) int {
	ascii, others := letters(text)
	return ascii/leastBytes + 2*others + 1
}

// leastTokens estimates the tokens of a text, rather too few: repeated letters, of which
// a token may have any number, count once.
func leastTokens(text string) int {
	total, repeated := 0, 0
	last := rune(-1)
	for _, r := range text {
		switch {
		case r == last:
			repeated++
		case r < utf8.RuneSelf:
			total++
		default:
			total += mostBytes / 4
		}
		last = r
	}
	return total/mostBytes + repeated/1000
}

// letters counts the characters of a text.
func letters(text string) (ascii, others int) {
	for _, r := range text {
		if r < utf8.RuneSelf {
			ascii++
		} else {
			others++
		}
	}
	return ascii, others
}
