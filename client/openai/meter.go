package openai

import (
	"maps"
	"regexp"
	"slices"
	"sync"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client"
)

// Meter sums what requests used, by model: those of all clients and calls that are
// given its Setting. The zero value is ready for use, and it is safe for concurrent
// use.
//
//	var meter openai.Meter
//	c, err := openai.New(meter.Setting())
//	…
//	for model, used := range meter.Used() { … }
type Meter struct {
	mu   sync.Mutex
	used map[string]Used
}

// Used is what the requests of a model used.
type Used struct {
	Requests     int64
	InputTokens  int64   // cached ones among them
	CachedTokens int64   // of the input
	OutputTokens int64   // reasoning among them
	Reasoning    int64   // tokens of the output
	Seconds      float64 // of audio, where that is what is paid for
}

// Setting makes a client, or a call, report to the meter. Chat, responses, embeddings,
// images, transcriptions and Realtime report their usage; a chat that is streamed does so
// where the request asks for it.
func (m *Meter) Setting() client.Setting { return client.WithUsage(m.add) }

func (m *Meter) add(u client.Usage) {
	usage := gjson.ParseBytes(u.Raw)
	first := func(paths ...string) int64 {
		for _, path := range paths {
			if n := usage.Get(path); n.Exists() {
				return n.Int()
			}
		}
		return 0
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.used == nil {
		m.used = make(map[string]Used)
	}
	sum := m.used[u.Model]
	sum.Requests++
	sum.InputTokens += first("input_tokens", "prompt_tokens")
	sum.CachedTokens += first("input_tokens_details.cached_tokens", "input_token_details.cached_tokens", "prompt_tokens_details.cached_tokens")
	sum.OutputTokens += first("output_tokens", "completion_tokens")
	sum.Reasoning += first("output_tokens_details.reasoning_tokens", "completion_tokens_details.reasoning_tokens")
	sum.Seconds += usage.Get("seconds").Float()
	m.used[u.Model] = sum
}

// Used returns the sums so far, by model.
func (m *Meter) Used() map[string]Used {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.used)
}

// Price is what a model costs, in any currency: per million tokens, and per minute of
// audio where that is paid for by time. It is one price for all tokens: where those of
// sound or pictures have another, the sum is an estimate.
type Price struct {
	Input, CachedInput, Output float64
	Minute                     float64
}

// Cost is what has been used at these prices, by model: "gpt-5-mini", which is also the
// price of "gpt-5-mini-2025-08-07" where that has none of its own. Unpriced are the
// models that were used and have no price, in order; they are not in the sum.
func (m *Meter) Cost(prices map[string]Price) (sum float64, unpriced []string) {
	used := m.Used()
	for _, model := range slices.Sorted(maps.Keys(used)) {
		price, ok := prices[model]
		if !ok {
			price, ok = prices[snapshot().ReplaceAllString(model, "")]
		}
		if !ok {
			unpriced = append(unpriced, model)
			continue
		}
		u := used[model]
		sum += (float64(u.InputTokens-u.CachedTokens)*price.Input + float64(u.CachedTokens)*price.CachedInput +
			float64(u.OutputTokens)*price.Output) / 1e6
		sum += u.Seconds / 60 * price.Minute
	}
	return sum, unpriced
}

// snapshot is the end of a model's name that says which of its versions it is.
var snapshot = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`-\d{4}-\d{2}-\d{2}$`) })
