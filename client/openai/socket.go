package openai

import (
	"context"

	"github.com/opcall/opcall/client"
)

// Realtime opens a Realtime session: the socket "realtime". Params belong to its
// address: "model", or "call_id" for a call that was accepted. The sockets
// "realtime-beta" and "realtime-translation" are opened by Socket.
func (c *Client) Realtime(ctx context.Context, params client.Params, opts ...client.CallOption) (*client.Socket, error) {
	return c.Socket(ctx, "realtime", params, opts...)
}

// ResponsesSocket opens the socket "responses", on which responses are created
// by events of the type response.create.
func (c *Client) ResponsesSocket(ctx context.Context, opts ...client.CallOption) (*client.Socket, error) {
	return c.Socket(ctx, "responses", nil, opts...)
}
