package openai_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/coder/websocket"
	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/openai"
	"github.com/opcall/opcall/schema"
)

// talk opens a session with a test server.
func talk(t *testing.T, server *clienttest.Server, settings openai.RealtimeSettings) *openai.RealtimeSession {
	t.Helper()
	settings.Model = "gpt-realtime"
	s, err := openai.From(server.Client()).RealtimeSession(t.Context(), settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// turn reads one turn of a session.
func turn(t *testing.T, s *openai.RealtimeSession) (text, heard string, audio int, calls []openai.ToolOutcome) {
	t.Helper()
	for out, err := range s.Outputs(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		text += out.Text
		heard += out.Heard
		audio += len(out.Audio)
		if out.Call != nil {
			calls = append(calls, *out.Call)
		}
	}
	return text, heard, audio, calls
}

// TestRealtimeTalks by text and sound, turn after turn.
func TestRealtimeTalks(t *testing.T) {
	server := clienttest.NewServer(t)
	server.RespondSocket("realtime", clienttest.SocketAnswer{Output: clienttest.Say("Titan is a moon.")}, clienttest.SocketAnswer{Output: clienttest.Say("So is Rhea.")})
	s := talk(t, server, openai.RealtimeSettings{
		Instructions: "Be brief.", Voice: "alloy", Transcription: "whisper-1", Language: "en", NoiseReduction: "near_field",
		ManualTurns: true, Speed: new(1.0), MaxOutputTokens: new(int64(100)), InputFormat: "audio/pcm", OutputFormat: "audio/pcm", ToolChoice: "auto",
	})
	if err := s.SendText(t.Context(), "What is Titan?"); err != nil {
		t.Fatal(err)
	}
	if err := s.Respond(t.Context()); err != nil {
		t.Fatal(err)
	}
	if text, _, audio, _ := turn(t, s); text != "Titan is a moon." || audio == 0 || audio%480 != 0 {
		t.Errorf("got %q and %d bytes of sound", text, audio)
	}
	sound := make([]byte, 4800*2+100)
	if n, err := s.SendAudio(t.Context(), iotest.OneByteReader(bytes.NewReader(sound)), 0); err != nil || n != int64(len(sound)) {
		t.Fatalf("got %d, %v", n, err)
	}
	if err := errors.Join(s.Commit(t.Context()), s.Respond(t.Context())); err != nil {
		t.Fatal(err)
	}
	if text, heard, _, _ := turn(t, s); text != "So is Rhea." || heard == "" {
		t.Errorf("got %q, heard %q", text, heard)
	}
	var got []string
	for _, e := range server.SocketEvents("realtime") {
		if e.Refusal != nil {
			t.Errorf("%s: %v", e.Type, e.Refusal)
		}
		got = append(got, fmt.Sprintf("%s %d", e.Type, len(e.Get("audio").String())))
	}
	want := []string{
		"session.update 0", "conversation.item.create 0", "response.create 0",
		"input_audio_buffer.append 6400", "input_audio_buffer.append 6400", "input_audio_buffer.append 136",
		"input_audio_buffer.commit 0", "response.create 0",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestRealtimeSettingsTellZeroFromAbsent on the wire.
func TestRealtimeSettingsTellZeroFromAbsent(t *testing.T) {
	server := clienttest.NewServer(t)
	tool := openai.FunctionTool{Name: "f", Description: "d", Parameters: map[string]any{"type": "object"}, Strict: new(true)}
	for want, settings := range map[string]openai.RealtimeSettings{
		`{"type":"realtime"}`: {},
		`{"audio":{"input":{"format":{"type":"audio/pcmu"},"turn_detection":null},"output":{"format":{"rate":24000,"type":"audio/pcm"},"speed":0.25}},"max_output_tokens":0,"output_modalities":["text"],"tools":[{"description":"d","name":"f","parameters":{"type":"object"},"type":"function"}],"tracing":null,"type":"realtime"}`: {
			Modalities: []string{"text"}, Speed: new(0.25), MaxOutputTokens: new(int64(0)), ManualTurns: true, InputFormat: "audio/pcmu", OutputFormat: "audio/pcm",
			Tools: []any{&tool}, Extra: map[string]any{"tracing": nil},
		},
		`{"audio":{"input":{"turn_detection":{"type":"semantic_vad"}}},"tool_choice":"none","type":"realtime"}`: {TurnDetection: client.Params{"type": "semantic_vad"}, ToolChoice: "none"},
	} {
		s := talk(t, server, settings)
		s.SendText(t.Context(), "x") // so that the settings have come
		s.Respond(t.Context())
		turn(t, s)
		var got string
		for _, e := range server.SocketEvents("realtime") {
			if e.Type == "session.update" {
				got = e.Get("session").Raw
			}
		}
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		s.Close()
	}
	c := openai.From(server.Client(client.WithRequestValidation(schema.Lenient)))
	s, err := c.RealtimeSession(t.Context(), openai.RealtimeSettings{Model: "m", Speed: new(0.0)}) // which the API refuses
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, err := range s.Outputs(t.Context()) {
		if err != nil {
			break
		}
	}
	events := server.SocketEvents("realtime")
	if got := events[len(events)-1].Get("session.audio.output.speed").Raw; got != "0" {
		t.Errorf("got a speed of %q", got)
	}
}

// TestRealtimeCallsTools, several at once, and tells the model what went wrong.
func TestRealtimeCallsTools(t *testing.T) {
	server := clienttest.NewServer(t)
	server.RespondSocket("realtime",
		clienttest.SocketAnswer{Output: clienttest.CallTool("weather", paris).CallTool("weather", oslo).CallTool("weather", `{"city":5}`).CallTool("nothing", `{}`)},
		clienttest.SocketAnswer{Output: clienttest.Say("It is sunny.")})
	s := talk(t, server, openai.RealtimeSettings{Modalities: []string{"text"}, Tools: []any{weatherTool()}})
	s.SendText(t.Context(), "What is the weather?")
	s.Respond(t.Context())
	text, _, _, calls := turn(t, s)
	if text != "It is sunny." || len(calls) != 4 {
		t.Fatalf("got %q, %d calls", text, len(calls))
	}
	var got []string
	for _, e := range server.SocketEvents("realtime") {
		if e.Get("item.type").String() == "function_call_output" {
			got = append(got, e.Get("item.call_id").String()+" "+e.Get("item.output").String())
		}
	}
	want := []string{"sun in Paris", "error: the station of Oslo is closed", "error: invalid arguments: ", `error: there is no tool "nothing"`}
	for i := range want {
		if len(got) != 4 || !strings.Contains(got[i], want[i]) || calls[i].Call.ID+" "+calls[i].Output != got[i] {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
}

// TestRealtimeStopsAfterManyRounds of calls.
func TestRealtimeStopsAfterManyRounds(t *testing.T) {
	server := clienttest.NewServer(t)
	server.RespondSocket("realtime", clienttest.SocketAnswer{Output: clienttest.CallTool("weather", paris)})
	s := talk(t, server, openai.RealtimeSettings{Tools: []any{weatherTool()}})
	s.Respond(t.Context())
	var last error
	rounds := 0
	for out, err := range s.Outputs(t.Context()) {
		if last = err; out.Call != nil {
			rounds++
		}
	}
	var cut *openai.RealtimeError
	if !errors.As(last, &cut) || cut.CallsPending != 1 || rounds != 16 || !strings.Contains(last.Error(), "asks for 1 more calls of functions after 16 rounds") {
		t.Errorf("got %v after %d rounds", last, rounds)
	}
}

// TestRealtimeLeavesCallsToTheCaller where it has no tool of its own.
func TestRealtimeLeavesCallsToTheCaller(t *testing.T) {
	server := clienttest.NewServer(t)
	server.RespondSocket("realtime", clienttest.SocketAnswer{Output: clienttest.CallTool("weather", paris)})
	s := talk(t, server, openai.RealtimeSettings{Tools: []any{weatherTool().Definition()}})
	s.Respond(t.Context())
	done := false
	for out, err := range s.Outputs(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		done = out.Event.Type == "response.done" && out.Event.Get("response.output.0.name").String() == "weather"
	}
	if !done {
		t.Error("the call did not come out")
	}
}

// TestRealtimeInterruption stops the model and truncates what was not heard.
func TestRealtimeInterruption(t *testing.T) {
	server := clienttest.NewServer(t)
	server.RespondSocket("realtime", clienttest.SocketAnswer{Output: clienttest.Say("A long story about a moon."), Pause: 11})
	s := talk(t, server, openai.RealtimeSettings{})
	s.SendText(t.Context(), "Tell me a story.")
	s.Respond(t.Context())
	bytes, status := 0, ""
	for out, err := range s.Outputs(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if bytes += len(out.Audio); bytes >= 960 && len(out.Audio) > 0 {
			if err := s.Interrupt(t.Context(), 15*time.Millisecond); err != nil {
				t.Fatal(err)
			}
			bytes = -1 << 20
		}
		if out.Event.Type == "response.done" {
			status = out.Event.Get("response.status").String()
		}
	}
	if status != "cancelled" {
		t.Errorf("got a response that is %q", status)
	}
	s.Interrupt(t.Context(), time.Hour) // nothing is left to stop
	s.SendText(t.Context(), "x")
	var got []string
	for ev, err := range s.Events() {
		if err != nil {
			t.Fatal(err)
		}
		if ev.Type == "conversation.item.done" {
			break
		}
	}
	for _, e := range server.SocketEvents("realtime")[3:] {
		got = append(got, e.Type+" "+e.Get("audio_end_ms").Raw)
	}
	if want := "response.cancel \nconversation.item.truncate 15\nconversation.item.create "; strings.Join(got, "\n") != want {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
}

// TestRealtimeEndsWithErrors that the server reports, of responses and of its own.
func TestRealtimeEndsWithErrors(t *testing.T) {
	server := clienttest.NewServer(t)
	tests := map[string]struct {
		answer clienttest.SocketAnswer
		want   string
	}{
		"failed": {clienttest.SocketAnswer{Output: clienttest.Say("x").Fail("server_error", "oh")}, `: failed: "server_error"`},
		"cut":    {clienttest.SocketAnswer{Output: clienttest.Say("x").Stop("length")}, `: incomplete: "max_output_tokens"`},
		"filter": {clienttest.SocketAnswer{Output: clienttest.Say("x").Stop("content_filter")}, `: incomplete: "content_filter"`},
		"closed": {clienttest.SocketAnswer{Output: clienttest.Say("x"), Fail: clienttest.CloseSocket(2, 1011, "oh")}, "1011"},
		"broken": {clienttest.SocketAnswer{Output: clienttest.Say("x"), Fail: clienttest.DropSocket(2)}, "realtime: "},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			server.RespondSocket("realtime", tt.answer)
			s := talk(t, server, openai.RealtimeSettings{})
			s.Respond(t.Context())
			var last error
			for _, err := range s.Text(t.Context()) {
				last = err
			}
			if last == nil || !strings.Contains(last.Error(), tt.want) {
				t.Errorf("got %v, want %s", last, tt.want)
			}
		})
	}
	s := talk(t, server, openai.RealtimeSettings{ManualTurns: true})
	s.Commit(t.Context()) // of nothing
	var refused *client.APIError
	for _, err := range s.Audio(t.Context()) {
		if !errors.As(err, &refused) {
			t.Errorf("got %v", err)
		}
	}
	server.RespondSocket("realtime", clienttest.SocketAnswer{Output: clienttest.Say("Go on.")})
	s.Respond(t.Context())
	if text, _, _, _ := turn(t, s); text != "Go on." {
		t.Errorf("after an error: got %q", text)
	}
}

// TestRealtimeOfBadInput is refused before a socket is opened, or before it is sent.
func TestRealtimeOfBadInput(t *testing.T) {
	server := clienttest.NewServer(t)
	c := openai.From(server.Client())
	text, err := openai.TextTool(openai.CustomTool{Name: "free"}, func(context.Context, string) (string, error) { return "", nil })
	if err != nil {
		t.Fatal(err)
	}
	for want, settings := range map[string]openai.RealtimeSettings{
		"ManualTurns and TurnDetection": {ManualTurns: true, TurnDetection: client.Params{"type": "server_vad"}},
		"Language without":              {Language: "en"},
		"got a nil tool":                {Tools: []any{(*openai.ToolFunc)(nil)}},
		`the custom tool "free"`:        {Tools: []any{text}},
	} {
		if _, err := c.RealtimeSession(t.Context(), settings); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if n := len(server.Requests()); n != 0 {
		t.Errorf("got %d requests", n)
	}
	var invalid *schema.ValidationError
	if _, err := c.RealtimeSession(t.Context(), openai.RealtimeSettings{Model: "m", Speed: new(9.0)}); !errors.As(err, &invalid) {
		t.Errorf("invalid settings: got %v", err)
	}
	s := talk(t, server, openai.RealtimeSettings{})
	broken := errors.New("the microphone fell down")
	for name, tt := range map[string]struct {
		reader io.Reader
		pace   float64
		sent   int64
		want   string
	}{
		"no reader":       {nil, 0, 0, "got a nil reader"},
		"negative pace":   {strings.NewReader("ab"), -1, 0, "got -1 as the pace"},
		"half a sample":   {strings.NewReader("abc"), 0, 3, "half a sample"},
		"a broken reader": {io.MultiReader(strings.NewReader("abcd"), iotest.ErrReader(broken)), 0, 4, broken.Error()},
		"nothing":         {strings.NewReader(""), 0, 0, ""},
	} {
		n, err := s.SendAudio(t.Context(), tt.reader, tt.pace)
		if n != tt.sent || (tt.want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %d, %v", name, n, err)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.SendAudio(ended, bytes.NewReader(make([]byte, 48000)), 1); !errors.Is(err, context.Canceled) {
		t.Errorf("an ended context: got %v", err)
	}
}

// TestRealtimeReportsThatSomebodySpeaks, and takes no offence at what came too late.
func TestRealtimeReportsThatSomebodySpeaks(t *testing.T) {
	got := make(chan string, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.CloseNow()
		send := func(text string) { conn.Write(r.Context(), websocket.MessageText, []byte(text)) }
		send(`{"type":"response.created","response":{"id":"r1"}}`)
		send(`{"type":"response.output_audio.delta","item_id":"i1","content_index":0,"delta":"` + strings.Repeat("AAAA", 160) + `"}`)
		send(`{"type":"input_audio_buffer.speech_started","audio_start_ms":5,"item_id":"i2"}`)
		for {
			_, data, err := conn.Read(r.Context())
			if err != nil {
				return
			}
			kind := gjson.GetBytes(data, "type").String()
			got <- kind + " " + gjson.GetBytes(data, "audio_end_ms").Raw
			switch kind {
			case "response.cancel":
				send(`{"type":"error","error":{"type":"invalid_request_error","code":"response_cancel_not_active","message":"none","event_id":"` + gjson.GetBytes(data, "event_id").String() + `"}}`)
			case "conversation.item.truncate":
				send(`{"type":"response.done","response":{"id":"r1","status":"cancelled","output":[]}}`)
			}
		}
	}))
	defer server.Close()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	s, err := openai.From(mustClient(t, client.WithBaseURL(server.URL), client.WithHTTPClient(&http.Client{Transport: transport}))).RealtimeSession(t.Context(), openai.RealtimeSettings{Model: "m"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	interrupted := false
	for out, err := range s.Outputs(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		if out.Interrupted {
			interrupted = true
			if err := s.Interrupt(ctx, time.Hour); err != nil { // longer than it was
				t.Fatal(err)
			}
		}
	}
	if !interrupted {
		t.Error("nobody was told")
	}
	for _, want := range []string{"session.update ", "response.cancel ", "conversation.item.truncate 10"} {
		select {
		case kind := <-got:
			if kind != want {
				t.Errorf("got %q, want %q", kind, want)
			}
		case <-ctx.Done():
			t.Fatalf("%q was not sent", want)
		}
	}
}

// A secret is made for a session.
func TestClientSecretIsPrintedByNothing(t *testing.T) {
	server := clienttest.NewServer(t)
	c := openai.From(server.Client())
	key, err := c.ClientSecret(t.Context(), openai.RealtimeSettings{Model: "gpt-realtime", Voice: "alloy"}, time.Minute)
	if err != nil || key.Value() == "" || key.Expires().IsZero() {
		t.Fatalf("got %v, %v", key, err)
	}
	const want = `{"expires_after":{"anchor":"created_at","seconds":60},"session":{"audio":{"output":{"voice":"alloy"}},"model":"gpt-realtime","type":"realtime"}}`
	if got := string(server.LastRequest("create-realtime-client-secret").Body); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := fmt.Sprintf("%v %+v", key, key); strings.Contains(got, key.Value()) {
		t.Errorf("got %s", got)
	}
	var invalid *schema.ValidationError
	if _, err := c.ClientSecret(t.Context(), openai.RealtimeSettings{}, time.Second); !errors.As(err, &invalid) {
		t.Errorf("a second: got %v", err)
	}
	if _, err := c.ClientSecret(t.Context(), openai.RealtimeSettings{Language: "en"}, 0); err == nil {
		t.Error("settings that contradict each other are sent")
	}
}
