// Package credential gets the access tokens of APIs whose security scheme is oauth2 with
// the clientCredentials flow, or openIdConnect (OpenAPI 3.1 §4.8.27), where a program asks
// for tokens in its own name (RFC 6749 §4.4):
//
//	c, err := client.New(client.WithSpecFile("api.yaml"), client.WithBaseURL("https://api.example.com"),
//		credential.WithClientCredentials("oauth", id, secret,
//			credential.TokenURL("https://login.example.com/token"), credential.Scopes("read")))
//
// The client keeps a token until it expires, gets one for all calls that need it at the same
// time, and another one after a response with status 401: see [client.WithTokenSource], which
// this package gives its source.
//
// The secret goes to the token endpoint and to nowhere else. A description does not decide
// which that is: the caller names it, or takes over that of a description by
// [DocumentTokenURL]. Redirects of the endpoint are not followed. Errors hold neither the secret
// nor what was sent.
//
// The package stands beside client so that only programs that need it link
// golang.org/x/oauth2.
//
// Files, in reading order:
//
//	clientcredentials.go  the option, its own options, the source of tokens
//	tokenurl.go           the address of the endpoint: the caller's, a description's, a discovered one
//	error.go              why there is no token, and what to do
package credential
