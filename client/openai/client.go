package openai

import "github.com/opcall/opcall/client"

// Types of this package that last, such as Conversation, keep the client.Client and not the
// Client. Through an interface that holds one of them reflection would reach the Client, and
// the linker then leaves all its methods, and what they use, in a program with text/template.

// Client is a client of the OpenAI API: everything that a client.Client does,
// and the typed helpers of this package. It is safe for concurrent use.
type Client struct{ *client.Client }

// New makes a client as client.New does, with the same defaults and environment
// variables.
func New(opts ...client.Option) (*Client, error) {
	c, err := client.New(opts...)
	if err != nil {
		return nil, err
	}
	return From(c), nil
}

// From adds the typed helpers to a client, which both share from then on:
// openai.From(server.Client()) in tests.
func From(c *client.Client) *Client { return &Client{c} }
