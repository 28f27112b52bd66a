package openai

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/internal/extension"
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
}

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

// The waits between two looks at a video where the server names none.
const (
	firstPoll   = time.Second // half as long again each time
	longestPoll = 15 * time.Second
	slowestPoll = time.Minute // however long the server asks to wait
)

// WaitVideo waits until a video is made: it calls GetVideo, as often as the server asks
// it to (openai-poll-after-ms), else from every second to every 15, until the video is
// completed. One that failed is a *VideoError. ctx bounds the wait.
func (c *Client) WaitVideo(ctx context.Context, id string, opts ...client.CallOption) (*Video, error) {
	pause := firstPoll
	for {
		v, err := video(c.Call(ctx, "GetVideo", client.Params{"video_id": id}, opts...))
		if err != nil {
			return v, err
		}
		states := extension.Wait(v.Operation())
		switch {
		case slices.Contains(states.Done, v.Status()):
			return v, nil
		case slices.Contains(states.Failed, v.Status()):
			problem := v.Get(states.Error)
			return v, &VideoError{Video: v, Code: problem.Get("code").String(), Message: problem.Get("message").String()}
		}
		if err := sleep(ctx, pollAfter(v, states.After, pause)); err != nil {
			return v, err
		}
		pause = min(pause*3/2, longestPoll)
	}
}

// pollAfter is how long the server asks to wait, in the header of that name, else the
// default.
func pollAfter(v *Video, header string, pause time.Duration) time.Duration {
	if ms, err := strconv.ParseFloat(v.Header().Get(header), 64); err == nil && ms > 0 {
		return time.Duration(min(ms*float64(time.Millisecond), float64(slowestPoll)))
	}
	return pause
}

// sleep waits, or until ctx ends, which is an error.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return cmp.Or(context.Cause(ctx), ctx.Err())
	}
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
