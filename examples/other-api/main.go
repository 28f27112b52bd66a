// Other-api calls an API that is not OpenAI's: its description is a few lines, and its
// key goes into a header of its own. A mistake is found before anything is sent.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/schema"
)

const description = `
openapi: 3.1.0
info: {title: Weather, version: "1"}
servers: [{url: "https://weather.example/v1"}]
security: [{stationKey: []}]
paths:
  /places/{place}/days:
    get:
      operationId: listDays
      parameters:
        - {name: place, in: path, required: true, schema: {type: string}}
        - {name: units, in: query, schema: {enum: [metric, imperial]}}
      responses:
        "200":
          description: OK
          content: {application/json: {schema: {type: object, required: [high], properties: {high: {const: 18}}}}}
components:
  securitySchemes:
    stationKey: {type: apiKey, in: header, name: X-Station-Key}
`

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	doc, err := schema.Load([]byte(description))
	if err != nil {
		return err
	}
	server, err := clienttest.Start(clienttest.WithDocument(doc)) // in place of weather.example
	if err != nil {
		return err
	}
	defer server.Close()

	c, err := client.New(
		client.WithDocument(doc),
		client.WithBaseURL(server.URL()),
		client.WithCredential("stationKey", "my-station-key"),
	)
	if err != nil {
		return err
	}
	day, err := c.Call(ctx, "listDays", client.Params{"place": "Paris/Orly", "units": "metric"})
	if err != nil {
		return err
	}
	fmt.Printf("High: %d °C\n", day.Get("high").Int())
	fmt.Println("Path:", server.LastRequest("listDays").Path)

	_, err = c.Call(ctx, "listDays", client.Params{"place": "Paris", "units": "metrical"})
	if err == nil {
		return errors.New("a wrong unit was sent, want it refused")
	}
	fmt.Println("Refused:", err)
	return nil
}
