package openai_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/openai"
)

// videoJob is what the server says of a video.
func videoJob(status, problem string) string {
	return `{"id":"video_1","object":"video","model":"sora-2","status":"` + status + `","progress":50,"created_at":1,"completed_at":null,"expires_at":null,"prompt":"x","size":"720x1280","seconds":"4","remixed_from_video_id":null,"error":` + problem + `}`
}

// TestVideoIsMadeAndDownloaded in three steps.
func TestVideoIsMadeAndDownloaded(t *testing.T) {
	server := clienttest.NewServer(t)
	c := openai.From(server.Client())
	picture := openai.Bytes("a.png", []byte(pixel))
	v, err := c.Video(t.Context(), openai.VideoRequest{Model: "sora-2", Prompt: "a moon", Seconds: "4", Size: "720x1280", Reference: &picture})
	if err != nil || v.ID() == "" {
		t.Fatalf("got %v, %v", v, err)
	}
	if v, err = c.WaitVideo(t.Context(), v.ID()); err != nil || v.Status() != "completed" {
		t.Fatalf("got %v, %v", v, err)
	}
	var b bytes.Buffer
	if n, err := c.DownloadVideo(t.Context(), &b, v.ID(), "thumbnail"); err != nil || n == 0 {
		t.Errorf("got %d, %v", n, err)
	}
	if got := server.LastRequest("RetrieveVideoContent").Query; got != "variant=thumbnail" {
		t.Errorf("got %s", got)
	}
	path := filepath.Join(t.TempDir(), "a.mp4")
	if n, err := c.DownloadVideoFile(t.Context(), path, v.ID(), ""); err != nil || n == 0 {
		t.Errorf("got %d, %v", n, err)
	}
	if info, err := os.Stat(path); err != nil || info.Size() == 0 {
		t.Errorf("got %v, %v", info, err)
	}
	if _, err := c.Video(t.Context(), openai.VideoRequest{Prompt: ""}); err == nil {
		t.Error("a video without a prompt is asked for")
	}
}

// TestWaitVideoKeepsToTheServersPace, and to its own where the server has none.
func TestWaitVideoKeepsToTheServersPace(t *testing.T) {
	const own = time.Second + 1500*time.Millisecond + 2250*time.Millisecond // less up to a quarter
	for name, tt := range map[string]struct {
		header      string
		least, most time.Duration
	}{
		"of its own":  {"", own * 3 / 4, own},
		"told":        {"200", 600 * time.Millisecond, 600 * time.Millisecond},
		"for ever":    {"1e18", 15 * time.Minute, 15 * time.Minute},
		"not a pause": {"-5", own * 3 / 4, own},
		"nonsense":    {"soon", own * 3 / 4, own},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				polls := 0
				c := openai.From(mustClient(t, client.WithMiddleware(func(http.RoundTripper) http.RoundTripper {
					return roundTripper(func(req *http.Request) (*http.Response, error) {
						status := "in_progress"
						if polls++; polls == 4 {
							status = "completed"
						}
						return respondTo(req, videoJob(status, "null"), "openai-poll-after-ms", tt.header), nil
					})
				})))
				started := time.Now()
				v, err := c.WaitVideo(t.Context(), "video_1")
				if err != nil || v.Status() != "completed" || polls != 4 {
					t.Fatalf("got %v after %d polls, %v", v, polls, err)
				}
				if took := time.Since(started); took < tt.least || took > tt.most {
					t.Errorf("took %v, want %v to %v", took, tt.least, tt.most)
				}
			})
		})
	}
}

// respondTo makes a JSON response with one more header.
func respondTo(req *http.Request, body, name, value string) *http.Response {
	return &http.Response{
		StatusCode: 200, Request: req, Header: http.Header{"Content-Type": {"application/json"}, http.CanonicalHeaderKey(name): {value}},
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}
}

func TestWaitVideoEndsWithFailureOrContext(t *testing.T) {
	h := newHost(t, responding("application/json", videoJob("failed", `{"code":"moderation_blocked","message":"no moons"}`)))
	c := openai.From(mustClient(t, client.WithBaseURL(h.URL)))
	v, err := c.WaitVideo(t.Context(), "video_1")
	var failed *openai.VideoError
	if !errors.As(err, &failed) || v == nil || failed.Code != "moderation_blocked" {
		t.Fatalf("got %v", err)
	}
	if want := `GetVideo: video video_1: failed: "moderation_blocked": "no moons"`; err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	h = newHost(t, responding("application/json", videoJob("queued", "null")))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if v, err := openai.From(mustClient(t, client.WithBaseURL(h.URL))).WaitVideo(ctx, "video_1"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, %v", v, err)
	}
	h = newHost(t, responding("application/json", `{"object":"video"}`))
	var unusable *client.ResponseError
	if _, err := openai.From(mustClient(t, client.WithBaseURL(h.URL))).WaitVideo(t.Context(), "video_1"); !errors.As(err, &unusable) {
		t.Errorf("without a status: got %v", fmt.Sprint(err))
	}
}
