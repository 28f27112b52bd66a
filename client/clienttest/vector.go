package clienttest

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/internal/jsonscan"
)

// maxNumbers bounds the numbers of one response.
const maxNumbers = 8 << 20

// fillVectors gives the items of a list the vectors that a request asks for. The
// same text has the same vector, another text another; all have length 1 in the
// sense of geometry.
func fillVectors(object *jsonscan.Object, req *Request, rules *extension.Vectors) error {
	list, _ := object.Get(rules.List)
	items := jsonscan.List(list)
	length, longest := vectorLength(req, rules)
	if length > longest || length > maxNumbers/max(1, len(items)) {
		return &Refusal{
			Status: http.StatusBadRequest, Code: "invalid_value", Param: rules.Length,
			Message: fmt.Sprintf("got %s %d for %d texts, want at most %d, and at most %d numbers in all", rules.Length, length, len(items), longest, maxNumbers),
		}
	}
	inputs := req.given(rules.Of)
	asBase64 := jsonscan.String(req.given(rules.Encoding)) == "base64"
	texts := jsonscan.List(inputs)
	for i, item := range items {
		of := inputs
		if len(items) == len(texts) {
			of = texts[i]
		}
		o := jsonscan.ReadObject(item)
		if vector := vectorOf(of, length); asBase64 {
			o.Set(rules.Member, `"`+packed(vector)+`"`)
		} else {
			o.Set(rules.Member, written(vector))
		}
		items[i] = o.String()
	}
	object.Set(rules.List, "["+strings.Join(items, ",")+"]")
	return nil
}

// vectorLength returns the length that a request asks for, else that of its model,
// and the greatest that the model has.
func vectorLength(req *Request, rules *extension.Vectors) (length, longest int) {
	length, longest = rules.Lengths["*"], maxNumbers
	if n, known := rules.Lengths[jsonscan.String(req.given(rules.By))]; known {
		length, longest = n, n
	}
	if n, err := strconv.Atoi(req.given(rules.Length)); err == nil && n > 0 {
		length = n
	}
	return max(1, length), longest
}

// vectorOf returns a vector of length 1 that depends on a text.
func vectorOf(text string, length int) []float32 {
	h := fnv.New64a()
	h.Write([]byte(text)) // never fails
	state := h.Sum64()
	vector := make([]float32, length)
	sum := 0.0
	for i := range vector {
		// splitmix64: the next of a sequence in which numbers do not repeat.
		state += 0x9e3779b97f4a7c15
		z := state
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		z ^= z >> 31
		x := float64(int64(z)) / (1 << 63)
		vector[i] = float32(x)
		sum += x * x
	}
	for i := range vector {
		vector[i] = float32(float64(vector[i]) / math.Sqrt(sum))
	}
	return vector
}

func packed(vector []float32) string {
	data := make([]byte, 0, 4*len(vector))
	for _, x := range vector {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(x))
	}
	return base64.StdEncoding.EncodeToString(data)
}

func written(vector []float32) string {
	text := append(make([]byte, 0, 14*len(vector)), '[')
	for i, x := range vector {
		if i > 0 {
			text = append(text, ',')
		}
		text = strconv.AppendFloat(text, float64(x), 'g', -1, 32)
	}
	return string(append(text, ']'))
}
