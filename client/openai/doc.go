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
// The files, in reading order:
//
//	client.go   Client, New, From
//	message.go  messages, parts and tools
//	chat.go     ChatRequest, Chat, ChatResult
//	respond.go  RespondRequest, Respond, RespondResult
//	socket.go   Realtime, ResponsesSocket
//	json.go     writing JSON
package openai
