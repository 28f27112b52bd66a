package openai

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"iter"
	"maps"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client"
)

// ImageRequest is the everyday part of a request for pictures. Fields at their zero
// value are left out; pointers tell zero from absent.
type ImageRequest struct {
	Model             string
	Prompt            string
	N                 *int64
	Size              string // "1024x1024", "auto"
	Quality           string
	Background        string // "transparent", "opaque", "auto"
	Moderation        string // "low", "auto"; not of edits
	OutputFormat      string // "png", "jpeg", "webp"
	OutputCompression *int64 // 0 to 100
	PartialImages     *int64 // of a stream: how many there are before the last
	User              string

	// Extra holds every other field of the request by its name in the API. Its
	// entries override the fields above; one that is nil is written as null.
	Extra map[string]any
}

// Params returns the request as params of createImage.
func (r ImageRequest) Params() client.Params {
	p := client.Params{}
	setText(p, "model", r.Model)
	setText(p, "prompt", r.Prompt)
	set(p, "n", r.N)
	setText(p, "size", r.Size)
	setText(p, "quality", r.Quality)
	setText(p, "background", r.Background)
	setText(p, "moderation", r.Moderation)
	setText(p, "output_format", r.OutputFormat)
	set(p, "output_compression", r.OutputCompression)
	set(p, "partial_images", r.PartialImages)
	setText(p, "user", r.User)
	maps.Copy(p, r.Extra)
	return p
}

// MarshalJSON writes the request as the API has it.
func (r ImageRequest) MarshalJSON() ([]byte, error) { return marshal(r.Params()) }

// EditImageRequest is a request for a picture that is made of others.
type EditImageRequest struct {
	ImageRequest
	Images        []Media // at most 16
	Mask          *Media  // what is transparent in it is edited
	InputFidelity string  // "high", "low"
}

// params are those of createImageEdit; the files are open until u is closed.
func (r EditImageRequest) params(u *uploads) (client.Params, error) {
	const operation = "createImageEdit"
	p := r.ImageRequest.Params()
	setText(p, "input_fidelity", r.InputFidelity)
	var images []client.File
	for _, m := range r.Images {
		file, err := u.add(operation, "image", m)
		if err != nil {
			return nil, err
		}
		images = append(images, file)
	}
	switch len(images) {
	case 0: // validation says that it is missing
	case 1:
		p["image"] = images[0]
	default:
		p["image"] = images
	}
	if r.Mask != nil {
		mask, err := u.add(operation, "mask", *r.Mask)
		if err != nil {
			return nil, err
		}
		p["mask"] = mask
	}
	maps.Copy(p, r.Extra)
	return p, nil
}

// inMemory returns the request with files that nothing has to close.
func (r EditImageRequest) inMemory() (EditImageRequest, error) {
	fail := func(field string, m Media, err error) (EditImageRequest, error) {
		return r, &client.FileError{Operation: "createImageEdit", Field: field, Name: m.path, Err: err}
	}
	images := make([]Media, len(r.Images))
	for i, m := range r.Images {
		var err error
		if images[i], err = m.inMemory(); err != nil {
			return fail("image", m, err)
		}
	}
	r.Images = images
	if r.Mask != nil {
		mask, err := r.Mask.inMemory()
		if err != nil {
			return fail("mask", *r.Mask, err)
		}
		r.Mask = &mask
	}
	return r, nil
}

// ImageResult is pictures.
type ImageResult struct{ *client.Response }

// Picture is one of the pictures of a result, or of a stream.
type Picture struct {
	URL           string // where the server keeps it for a while, else ""
	RevisedPrompt string
	Partial       bool // of a stream: there are better ones to come
	Index         int  // of a partial one, from 0
	Raw           json.RawMessage

	base64 string
}

// Bytes is the picture itself, nil where the result has its URL instead.
func (p Picture) Bytes() ([]byte, error) {
	if p.base64 == "" {
		return nil, nil
	}
	return base64.StdEncoding.DecodeString(p.base64)
}

func pictureOf(v gjson.Result) Picture {
	return Picture{
		URL: v.Get("url").String(), RevisedPrompt: v.Get("revised_prompt").String(),
		Raw: json.RawMessage(v.Raw), base64: v.Get("b64_json").String(),
	}
}

// Pictures are the pictures, in the order of the response.
func (r *ImageResult) Pictures() []Picture { return picturesOf(r.Get("data")) }

func picturesOf(list gjson.Result) []Picture {
	var pictures []Picture
	for _, v := range list.Array() {
		pictures = append(pictures, pictureOf(v))
	}
	return pictures
}

// Bytes is the first picture.
func (r *ImageResult) Bytes() ([]byte, error) { return pictureOf(r.Get("data.0")).Bytes() }

// Usage counts the tokens.
func (r *ImageResult) Usage() Usage { return usageOf(r.Get("usage"), "input", "output") }

// Image makes pictures of a prompt: Call of createImage. A result without a picture is
// a *client.ResponseError.
func (c *Client) Image(ctx context.Context, req ImageRequest, opts ...client.CallOption) (*ImageResult, error) {
	r, err := c.Call(ctx, "createImage", req, opts...)
	return imageResult(r, err)
}

// EditImage makes pictures of others: Call of createImageEdit. A file that cannot be
// read is a *client.FileError.
func (c *Client) EditImage(ctx context.Context, req EditImageRequest, opts ...client.CallOption) (*ImageResult, error) {
	var u uploads
	defer u.close()
	params, err := req.params(&u)
	if err != nil {
		return nil, err
	}
	r, err := c.Call(ctx, "createImageEdit", params, opts...)
	return imageResult(r, err)
}

func imageResult(r *client.Response, err error) (*ImageResult, error) {
	if r == nil {
		return nil, err
	}
	if first := r.Get("data.0"); err == nil && first.Get("b64_json").String() == "" && first.Get("url").String() == "" {
		err = missing(r, "data", "a picture")
	}
	return &ImageResult{r}, err
}

// ImageStream makes a picture and shows it while it becomes one: Stream of createImage.
func (c *Client) ImageStream(ctx context.Context, req ImageRequest, opts ...client.CallOption) (*ImageStream, error) {
	return c.imageStream(ctx, "createImage", req, opts)
}

// EditImageStream is ImageStream for EditImage. The files are in memory until it
// returns.
func (c *Client) EditImageStream(ctx context.Context, req EditImageRequest, opts ...client.CallOption) (*ImageStream, error) {
	req, err := req.inMemory()
	if err != nil {
		return nil, err
	}
	params, err := req.params(&uploads{})
	if err != nil {
		return nil, err
	}
	return c.imageStream(ctx, "createImageEdit", params, opts)
}

func (c *Client) imageStream(ctx context.Context, operation string, params any, opts []client.CallOption) (*ImageStream, error) {
	s, err := c.Stream(ctx, operation, params, append([]client.CallOption{client.WithStreamAccumulation()}, opts...)...)
	if err != nil {
		return nil, err
	}
	return &ImageStream{s}, nil
}

// ImageStream is a picture that becomes one.
type ImageStream struct{ *client.Stream }

// Pictures yields the partial pictures and then the whole ones, with the errors of
// client.Stream.Events.
func (s *ImageStream) Pictures() iter.Seq2[Picture, error] {
	return func(yield func(Picture, error) bool) {
		for ev, err := range s.Events() {
			if err != nil {
				yield(Picture{}, err)
				return
			}
			for _, picture := range picturesIn(ev) {
				if !yield(picture, nil) {
					return
				}
			}
		}
	}
}

// picturesIn returns the pictures of an event; those of a response that does not stream
// are a list.
func picturesIn(ev client.Event) []Picture {
	if list := ev.Get("data"); list.IsArray() {
		return picturesOf(list)
	}
	picture := pictureOf(gjson.ParseBytes(ev.Data))
	if picture.base64 == "" {
		return nil
	}
	picture.Partial = strings.HasSuffix(ev.Type, ".partial_image")
	picture.Index = int(ev.Get("partial_image_index").Int())
	return []Picture{picture}
}

// Final reads the stream to its end and returns what Image would have returned, with
// the errors of client.Stream.Final.
func (s *ImageStream) Final() (*ImageResult, error) { return imageResult(s.Stream.Final()) }
