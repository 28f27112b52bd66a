package openai

import (
	"context"
	"encoding/json"
	"maps"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client"
)

// ModerateRequest asks whether contents are harmful. Of Texts and Parts one is given.
type ModerateRequest struct {
	Model string   // "" for the API's default
	Texts []string // each with a verdict of its own
	Parts []Part   // Text and images, with one verdict for all

	// Extra holds every other field of the request by its name in the API. Its
	// entries override the fields above; one that is nil is written as null.
	Extra map[string]any
}

// Params returns the request as params of createModeration.
func (r ModerateRequest) Params() client.Params {
	p := client.Params{}
	setText(p, "model", r.Model)
	switch {
	case r.Parts != nil:
		p["input"] = forChat(r.Parts)
	case r.Texts != nil:
		p["input"] = r.Texts
	}
	maps.Copy(p, r.Extra)
	return p
}

// MarshalJSON writes the request as the API has it.
func (r ModerateRequest) MarshalJSON() ([]byte, error) { return marshal(r.Params()) }

// ModerateResult has a verdict per text, in their order, or one for all parts.
type ModerateResult struct{ *client.Response }

// Verdict says of a content whether, and in which way, it is harmful.
type Verdict struct {
	Flagged    bool
	Categories map[string]bool    // "violence", "self-harm/intent"
	Scores     map[string]float64 // 0 to 1, by category
	Raw        json.RawMessage    // all of it
}

// Moderate asks whether texts are harmful: Moderation without options.
func (c *Client) Moderate(ctx context.Context, texts ...string) ([]Verdict, error) {
	r, err := c.Moderation(ctx, ModerateRequest{Texts: texts})
	if err != nil {
		return nil, err
	}
	return r.Verdicts(), nil
}

// Moderation asks whether contents are harmful: Call of createModeration. A result
// without a verdict for each text is a *client.ResponseError.
func (c *Client) Moderation(ctx context.Context, req ModerateRequest, opts ...client.CallOption) (*ModerateResult, error) {
	r, err := c.Call(ctx, "createModeration", req, opts...)
	if r == nil {
		return nil, err
	}
	result := &ModerateResult{r}
	if got := r.Get("results.#").Int(); err == nil && (got == 0 || req.Parts == nil && req.Texts != nil && got != int64(len(req.Texts))) {
		err = missing(r, "results", "a verdict for each text")
	}
	return result, err
}

// Verdicts are the results.
func (r *ModerateResult) Verdicts() []Verdict {
	var verdicts []Verdict
	r.Get("results").ForEach(func(_, v gjson.Result) bool {
		verdict := Verdict{
			Flagged: v.Get("flagged").Bool(), Raw: json.RawMessage(v.Raw),
			Categories: make(map[string]bool), Scores: make(map[string]float64),
		}
		v.Get("categories").ForEach(func(name, is gjson.Result) bool {
			verdict.Categories[name.String()] = is.Bool()
			return true
		})
		v.Get("category_scores").ForEach(func(name, score gjson.Result) bool {
			verdict.Scores[name.String()] = score.Float()
			return true
		})
		verdicts = append(verdicts, verdict)
		return true
	})
	return verdicts
}
