package openai

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/embed"
)

// Azure makes a client of an Azure OpenAI or Foundry resource by its v1 API, whose
// models are the names of deployments:
//
//	c, err := openai.New(openai.Azure("https://NAME.openai.azure.com", key))
//	r, err := c.Chat(ctx, openai.ChatRequest{Model: "my-deployment", …})
//
// The key goes into the header api-key. Where it is empty, client.WithTokenSource has
// the tokens, of Entra ID for example, which go as bearer tokens. OPENAI_* and
// OPCALL_SPEC are not read.
//
// The endpoint is the address of the resource, or of a gateway before it; /openai/v1 is
// added where it is not its end. An endpoint with a query, or one that is the address of
// a deployment or a project, is an error of New.
func Azure(endpoint, key string) client.Option {
	return client.WithOptions(func() ([]client.Option, error) {
		base, err := azureBase(endpoint)
		if err != nil {
			return nil, err
		}
		return azure(base+"/v1", key), nil
	})
}

// AzureDeployments is Azure for a dated API version ("2024-10-21"): the addresses name
// the deployment, which is the model of the request. embed.Azure is the overlay that
// says which operations have such addresses; it patches the built-in document, or the
// one of client.WithSpec.
func AzureDeployments(endpoint, apiVersion, key string) client.Option {
	return client.WithOptions(func() ([]client.Option, error) {
		base, err := azureBase(endpoint)
		switch {
		case err != nil:
			return nil, err
		case apiVersion == "" || strings.Trim(apiVersion, "0123456789abcdefghijklmnopqrstuvwxyz-") != "":
			return nil, fmt.Errorf(`Azure: got API version %.40q, want one like "2024-10-21"`, apiVersion)
		}
		return append(azure(base, key), client.WithQuery("api-version", apiVersion), client.WithOverlay(embed.Azure())), nil
	})
}

func azure(base, key string) []client.Option {
	options := []client.Option{client.WithoutEnvironment(), client.WithBaseURL(base)}
	if key = strings.Trim(key, " \t"); key != "" {
		options = append(options, client.WithAPIKey(""), client.WithHeader("Api-Key", key))
	}
	return options
}

// azureBase returns an endpoint with /openai at its end. Errors quote no query, which
// may hold a key.
func azureBase(endpoint string) (string, error) {
	address := strings.TrimSpace(endpoint)
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return "", errors.New("Azure: got an endpoint that is not an address, want one like https://NAME.openai.azure.com")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return "", errors.New("Azure: got an endpoint with a query or fragment, want one like https://NAME.openai.azure.com;" +
			" AzureDeployments takes the api-version")
	case strings.Contains(u.Path, "/deployments/") || strings.HasSuffix(u.Path, "/deployments"):
		return "", errors.New("Azure: got the address of a deployment, want that of the resource, https://" + u.Host +
			"; the name of the deployment is the Model of requests")
	case strings.Contains(u.Path, "/api/projects/"):
		return "", errors.New("Azure: got the address of a project, want that of the resource, https://" + u.Host)
	}
	address = strings.TrimRight(address, "/")
	address = strings.TrimRight(strings.TrimSuffix(address, "/openai/v1"), "/")
	return strings.TrimSuffix(address, "/openai") + "/openai", nil
}
