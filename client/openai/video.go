package openai

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"

	"github.com/opcall/opcall/client"
)

// VideoRequest is a request for a video. Fields at their zero value are left out.
type VideoRequest struct {
	Model     string
	Prompt    string
	Seconds   string // "4", "8", "12"
	Size      string // "720x1280"
	Reference *Media // a picture that the video begins with

	// Extra holds every other field of the request by its name in the API. Its
	// entries override the fields above; one that is nil is written as null.
	Extra map[string]any
}

func (r VideoRequest) params(u *uploads) (client.Params, error) {
	p := client.Params{"prompt": r.Prompt} // the description takes a request without a body
	setText(p, "model", r.Model)
	setText(p, "seconds", r.Seconds)
	setText(p, "size", r.Size)
	if r.Reference != nil {
		file, err := u.add("createVideo", "input_reference", *r.Reference)
		if err != nil {
			return nil, err
		}
		p["input_reference"] = file
	}
	maps.Copy(p, r.Extra)
	return p, nil
}

// Video is a video that is made, or has been.
type Video struct{ *client.Response }

// ID is the video's ID.
func (v *Video) ID() string { return v.Get("id").String() }

// Status says how far it is: "queued", "in_progress", "completed", "failed".
func (v *Video) Status() string { return v.Get("status").String() }

// Progress is the share of the work that is done, in percent.
func (v *Video) Progress() int { return int(v.Get("progress").Int()) }

// VideoError is a video that could not be made.
type VideoError struct {
	Video         *Video
	Code, Message string // as the server says it
	err           *client.WaitError
}

// Unwrap returns the error of the wait.
func (e *VideoError) Unwrap() error { return e.err }

func (e *VideoError) Error() string {
	text := fmt.Sprintf("%s: video %.80s: %s", e.Video.Operation().ID, e.Video.ID(), e.Video.Status())
	if e.Code != "" {
		text += fmt.Sprintf(": %.80q", e.Code)
	}
	if e.Message != "" {
		text += fmt.Sprintf(": %.400q", e.Message)
	}
	return text
}

// Video begins to make a video: Call of createVideo. WaitVideo waits for it.
func (c *Client) Video(ctx context.Context, req VideoRequest, opts ...client.CallOption) (*Video, error) {
	var u uploads
	defer u.close()
	params, err := req.params(&u)
	if err != nil {
		return nil, err
	}
	return video(c.Call(ctx, "createVideo", params, opts...))
}

func video(r *client.Response, err error) (*Video, error) {
	if r == nil {
		return nil, err
	}
	if err == nil && (r.Get("id").String() == "" || r.Get("status").String() == "") {
		err = missing(r, "id or status", "a video")
	}
	return &Video{r}, err
}

// WaitVideo waits until a video is made: Wait of GetVideo, with its pace and limits. One that
// failed is a *VideoError, which wraps the *client.WaitError.
func (c *Client) WaitVideo(ctx context.Context, id string, opts ...client.CallOption) (*Video, error) {
	v, err := video(c.Wait(ctx, "GetVideo", client.Params{"video_id": id}, opts...))
	var ended *client.WaitError
	if errors.As(err, &ended) && ended.Failed {
		return v, &VideoError{Video: v, Code: ended.Code, Message: ended.Message, err: ended}
	}
	return v, err
}

// DownloadVideo writes a video that is made to w: Call of RetrieveVideoContent. The
// variant is "video", "thumbnail" or "spritesheet"; "" is the video.
func (c *Client) DownloadVideo(ctx context.Context, w io.Writer, id, variant string, opts ...client.CallOption) (int64, error) {
	params := client.Params{"video_id": id}
	setText(params, "variant", variant)
	r, err := c.Call(ctx, "RetrieveVideoContent", params, opts...)
	if err != nil {
		return 0, err
	}
	if isText(r) {
		return 0, missing(r, "video", "a video")
	}
	return r.WriteTo(w)
}

// DownloadVideoFile is DownloadVideo into a file, which is there only when all of it is:
// until then it has another name.
func (c *Client) DownloadVideoFile(ctx context.Context, path, id, variant string, opts ...client.CallOption) (int64, error) {
	return replaceFile(path, func(w io.Writer) (int64, error) { return c.DownloadVideo(ctx, w, id, variant, opts...) })
}
