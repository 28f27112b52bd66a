package openai

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/embed"
	"github.com/opcall/opcall/internal/near"
	"github.com/opcall/opcall/schema"
)

// Compatible makes a client of a host that speaks the OpenAI API in a way of its own:
//
//	c, err := openai.New(openai.Compatible("http://localhost:11434/v1"))
//
// Requests go to baseURL, with the key of client.WithAPIKey if one is given; OPENAI_*
// and OPCALL_SPEC are not read, so that no key of OpenAI's reaches the host. Requests
// may have fields that the document does not know, and are sent where they are invalid
// by it: client.WithFindings learns of that. Options after this one override it.
//
// Host knows the addresses of some hosts.
func Compatible(baseURL string) client.Option {
	return client.WithOptions(func() ([]client.Option, error) {
		return compatible(baseURL), nil
	})
}

func compatible(baseURL string) []client.Option {
	return []client.Option{
		client.WithBaseURL(baseURL), client.WithoutEnvironment(),
		client.WithRequestValidation(schema.Lenient), client.WithUnknownFields(),
	}
}

// Host is Compatible for a host by its name: "deepseek", "gemini", "groq", "mistral",
// "ollama", "openrouter" or "vllm", the last two of which run on this machine at their
// usual ports. Another name is an error of New. embed.Hosts has the addresses.
func Host(name string) client.Option {
	return client.WithOptions(func() ([]client.Option, error) {
		address, err := addressOf("hosts", "host", name)
		if err != nil {
			return nil, err
		}
		return compatible(address), nil
	})
}

// Region sends requests to a region of OpenAI's, for projects whose data stays there:
// "ae", "au", "ca", "eu", "gb", "in", "jp", "kr", "sg" or "us". It is
// client.WithBaseURL of https://eu.api.openai.com/v1 and so on. Another name is an error
// of New.
func Region(name string) client.Option {
	return client.WithOptions(func() ([]client.Option, error) {
		address, err := addressOf("regions", "region", name)
		return []client.Option{client.WithBaseURL(address)}, err
	})
}

// addressOf looks a name up in a list of embed.Hosts.
func addressOf(list, what, name string) (string, error) {
	var all map[string]map[string]struct{ BaseURL string }
	if err := json.Unmarshal(embed.Hosts(), &all); err != nil {
		return "", err
	}
	if found, ok := all[list][strings.ToLower(strings.TrimSpace(name))]; ok {
		return found.BaseURL, nil
	}
	names := slices.Sorted(maps.Keys(all[list]))
	nearest := near.Names(name, names, 1)
	if len(nearest) == 0 {
		return "", fmt.Errorf("unknown %s %.40q, want one of %s", what, name, strings.Join(names, ", "))
	}
	return "", fmt.Errorf("unknown %s %.40q%s", what, name, near.Question([]string{fmt.Sprintf("%q", nearest[0])}))
}
