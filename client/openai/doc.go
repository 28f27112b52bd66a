// Package openai has typed helpers for the OpenAI API over package client. A
// Client of this package is a client.Client with more methods: what a helper
// cannot do, Call can.
//
//	c, err := openai.New() // reads OPENAI_API_KEY
//	r, err := c.Chat(ctx, openai.ChatRequest{
//		Model:    "gpt-5-mini",
//		Messages: []openai.Message{openai.User("Which is the largest moon of Saturn?")},
//	})
//	fmt.Println(r.Text())
//
// Requests (ChatRequest, RespondRequest) are the params of every method that takes
// some, and have a field Extra for what they do not name. Results embed the
// client.Response: Get, Value, Raw and Findings show what the views do not. What a
// server made, a Message or an Item, goes back as it came, members of compatible
// hosts included.
//
// RunTools lets a model call Go functions until it needs no more:
//
//	weather, err := openai.Tool("weather", "the weather in a city", weatherIn) // func(ctx, In) (Out, error)
//	run, err := c.RunTools(ctx, request, weather).Final()
//
// A Conversation keeps what was said, turn by turn:
//
//	talk, err := c.NewConversation(openai.RespondRequest{Model: "gpt-5-mini"})
//	turn, err := talk.Send(ctx, "Which is the largest moon of Saturn?")
//
// Parse returns a result as a Go value, which the model is held to:
//
//	weather, err := openai.Parse[Weather](ctx, c, request)
//
// Upload and Download move files of any size, in parts that go on after an error:
//
//	file, err := c.Upload(ctx, openai.UploadRequest{File: openai.Path("train.jsonl"), Purpose: openai.ForFineTuning})
//
// A Batch collects calls for the Batch API, and yields what came of each:
//
//	err = batch.Add("question-1", "createChatCompletion", request)
//	run, err := batch.Start(ctx)
//	for result, err := range run.Results(ctx) { … }
//
// A result that is not what was asked for is an error: *client.ResponseError and
// *client.APIError, also under a status that says success.
//
// The files, in reading order:
//
//	client.go         Client, New, From
//	message.go        messages, in both APIs; part.go for what they are made of
//	tool.go           tools and their calls; format.go for structured outputs
//	chat.go           ChatRequest, Chat, ChatStream; chatresult.go
//	respond.go        RespondRequest, Respond, RespondStream; input.go
//	respondresult.go  RespondResult and its output; item.go: items by type, itemcall.go
//	                  for those that wait for the client
//	result.go         usage, annotations, logprobs; unfinished.go: refusals, results that are cut
//	returned.go       how parts of a response go back with the next request
//	toolfunc.go       Tool: a Go function as a tool; toolcall.go calls it
//	typeschema.go     the JSON Schema of a Go type; typecheck.go for types without
//	                  one, typearrange.go for what a strict schema has to be
//	ownschema.go      JSON Schemas of the caller, and what is validated against them
//	exchange.go       a request of either API that grows with what is said;
//	                  exchangeapi.go for what each does differently
//	run.go            RunTools; runloop.go for its rounds, runcalls.go for the calls of one
//	conversation.go   Conversation: what was said, turn by turn; conversationjson.go
//	parse.go          Parse: a result as a Go value; parsestream.go, whose partial values
//	                  cutjson.go completes
//	embedding.go      Embed, Embeddings; vector.go reads the vectors
//	moderation.go     Moderate, Moderation
//	media.go          Path, Bytes, Reader, FS: the files of the following
//	image.go          Image, EditImage, and their streams
//	speech.go         Speak, SpeakFile
//	transcription.go  Transcribe, Translate, TranscribeStream
//	video.go          Video, WaitVideo, DownloadVideo
//	file.go           Upload, File; filecheck.go: what is refused before it is sent,
//	                  filesource.go: files that are read more than once, and change
//	fileparts.go      uploads in parts; filestate.go: how they go on
//	download.go       Download, DownloadFile
//	downloadpart.go   what has come of a file, for another process to go on with
//	batch.go          Batch: calls for the Batch API; batchfile.go: their lines on the disk
//	batchstart.go     Start, which starts each batch once
//	batchrun.go       BatchRun: Wait, Cancel, Results, InOrder; batchoutput.go: where in
//	                  the output the result of a call is, batchresult.go: what it says
//	host.go           Compatible, Host, Region; azure.go for Azure OpenAI
//	meter.go          Meter: what requests used and cost
//	realtime.go       RealtimeSession: what goes in; realtimeoutput.go: what comes
//	                  out, and calls of tools; realtimesettings.go, with ClientSecret
//	socket.go         Realtime, ResponsesSocket
//	json.go           members of JSON objects
package openai
