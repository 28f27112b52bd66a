package clienttest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/schema"
)

// shapes has resources in the shapes of several vendors.
const shapes = `
openapi: 3.1.0
info: {title: Shapes, version: "1"}
servers: [{url: "https://shapes.example"}]
paths:
  /pets:
    get: {operationId: listPets, parameters: [{name: status, in: query, schema: {type: string}}], responses: {"200": {description: OK, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Pet"}}}}}}}
    post: {operationId: addPet, requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}, responses: {"201": {description: OK, content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}}}
    put: {operationId: putPet, requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}, responses: {"200": {description: OK, content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}}}
  /pets/findByStatus:
    get: {operationId: findPets, parameters: [{name: status, in: query, schema: {type: string}}, {name: toys, in: query, schema: {type: string}}], responses: {"200": {description: OK, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Pet"}}}}}}}
  /pets/{petId}:
    parameters: [{name: petId, in: path, required: true, schema: {type: integer}}]
    get: {operationId: getPet, responses: {"200": {description: OK, content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}}}
    post: {operationId: renamePet, parameters: [{name: name, in: query, schema: {type: string}}], responses: {"200": {description: OK, content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}}}
    put: {operationId: replacePet, requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}, responses: {"204": {description: OK}}}
    patch:
      operationId: patchPet
      requestBody: {content: {application/merge-patch+json: {schema: {type: object}}, application/json-patch+json: {schema: {}}, application/json: {schema: {type: object}}}}
      responses: {"200": {description: OK, content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}}
    delete: {operationId: deletePet, responses: {"204": {description: gone}}}
  /orders:
    get: {operationId: listOrders, responses: {"200": {description: OK, content: {application/json: {schema: {type: object, properties: {orders: {type: array, items: {$ref: "#/components/schemas/Order"}}}}}}}}}
    post: {operationId: addOrder, requestBody: {content: {application/json: {schema: {type: object, properties: {order: {$ref: "#/components/schemas/Order"}}}}}}, responses: {"201": {description: OK, content: {application/json: {schema: {$ref: "#/components/schemas/OneOrder"}}}}}}
  /orders/{orderNumber}:
    parameters: [{name: orderNumber, in: path, required: true, schema: {type: string}}]
    get: {operationId: getOrder, responses: {"200": {description: OK, content: {application/json: {schema: {$ref: "#/components/schemas/OneOrder"}}}}}}
    patch: {operationId: patchOrder, requestBody: {content: {application/json: {schema: {type: object, properties: {order: {type: object}}}}}}, responses: {"200": {description: OK, content: {application/json: {schema: {$ref: "#/components/schemas/OneOrder"}}}}}}
    delete: {operationId: deleteOrder, responses: {"204": {description: gone}}}
  /articles/:
    get: {operationId: listArticles, responses: {"200": {description: OK, content: {application/vnd.api+json: {schema: {type: object, required: [data], properties: {data: {type: array, items: {$ref: "#/components/schemas/Article"}}}}}}}}}
    post: {operationId: addArticle, requestBody: {content: {application/vnd.api+json: {schema: {type: object, properties: {data: {type: object}}}}}}, responses: {"201": {description: OK, content: {application/vnd.api+json: {schema: {$ref: "#/components/schemas/OneArticle"}}}}}}
  /articles/{id}/:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {operationId: getArticle, responses: {"200": {description: OK, content: {application/vnd.api+json: {schema: {$ref: "#/components/schemas/OneArticle"}}}}}}
    patch: {operationId: patchArticle, requestBody: {content: {application/vnd.api+json: {schema: {type: object, properties: {data: {type: object}}}}}}, responses: {"200": {description: OK, content: {application/vnd.api+json: {schema: {$ref: "#/components/schemas/OneArticle"}}}}}}
    delete: {operationId: deleteArticle, responses: {"204": {description: gone}}}
  /notes/:
    post: {operationId: addNote, requestBody: {content: {application/json: {schema: {type: object}}}}, responses: {"201": {description: made}}}
  /notes/{id}/:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {operationId: getNote, responses: {"200": {description: OK, content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}}}
    put: {operationId: putNote, requestBody: {content: {application/json: {schema: {type: object}}}}, responses: {"204": {description: OK}}}
  /comments:
    get: {operationId: listComments, responses: {"200": {description: OK, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Comment"}}}}}}}
    post: {operationId: addComment, requestBody: {content: {application/json: {schema: {type: object}}}}, responses: {"201": {description: OK, content: {application/json: {schema: {$ref: "#/components/schemas/Comment"}}}}}}
  /comments/{commentId}:
    get: {operationId: getComment, parameters: [{name: commentId, in: path, required: true, schema: {type: integer}}], responses: {"200": {description: OK, content: {application/json: {schema: {$ref: "#/components/schemas/Comment"}}}}}}
  /accounts:
    post: {operationId: addAccount, requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Account"}}}}, responses: {"201": {description: OK, content: {application/json: {schema: {$ref: "#/components/schemas/Account"}}}}}}
  /accounts/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {operationId: getAccount, responses: {"200": {description: OK, content: {application/json: {schema: {$ref: "#/components/schemas/Account"}}}}}}
    patch: {operationId: patchAccount, requestBody: {content: {application/json: {schema: {type: object}}}}, responses: {"200": {description: OK, content: {application/json: {schema: {$ref: "#/components/schemas/Account"}}}}}}
  /tickets:
    post: {operationId: addTicket, requestBody: {content: {application/json: {schema: {type: object}}}}, responses: {"201": {description: OK, content: {application/json: {schema: {$ref: "#/components/schemas/Ticket"}}}}}}
  /tickets/{id}:
    get: {operationId: getTicket, parameters: [{name: id, in: path, required: true, schema: {type: string}}], responses: {"200": {description: OK, content: {application/json: {schema: {$ref: "#/components/schemas/Ticket"}}}}}}
components:
  schemas:
    Pet:
      type: object
      required: [name]
      properties: {id: {type: integer}, name: {type: string}, tag: {type: string}, status: {enum: [free, sold]}, owner: {type: object, properties: {name: {type: string}, city: {type: string}}}, toys: {type: array, items: {type: string}}}
    Order: {type: object, required: [number], properties: {number: {type: string}, lines: {type: array, items: {type: object, properties: {sku: {type: string}}}}, paid: {type: boolean}}}
    OneOrder: {type: object, properties: {order: {$ref: "#/components/schemas/Order"}}}
    Article: {type: object, required: [type, id, attributes], properties: {type: {const: articles}, id: {type: string, format: uuid}, attributes: {type: object, required: [title], properties: {title: {type: string}, body: {type: string}}}}}
    OneArticle: {type: object, required: [data], properties: {data: {$ref: "#/components/schemas/Article"}, links: {type: object}}}
    Note: {type: object, properties: {id: {type: string}, text: {type: string}}}
    Comment:
      oneOf:
        - {type: object, required: [kind, id, text], properties: {kind: {const: text}, id: {type: integer}, text: {type: string}}}
        - {type: object, required: [kind, id, url], properties: {kind: {const: link}, id: {type: integer}, url: {type: string}}}
    Account: {allOf: [{type: object, required: [id], properties: {id: {type: string}}}, {type: object, properties: {name: {type: string}, password: {type: string, writeOnly: true}}}]}
    Ticket: {type: object, required: [id], properties: {id: {type: string, pattern: "^T-[0-9]{6}$"}}}
`

func shapeServer(t *testing.T) *clienttest.Server {
	t.Helper()
	doc, err := schema.Load([]byte(shapes))
	if err != nil {
		t.Fatal(err)
	}
	return clienttest.NewServer(t, clienttest.WithDocument(doc), clienttest.WithState(clienttest.StrictState))
}

// exchange is a request to a server of shapes and what its response has to be.
type exchange struct {
	request string // "METHOD PATH BODY"; {id} is that of the last response, or its Location
	status  int
	want    string // JSON, "" where it does not matter
}

func TestObjectsOfOtherShapesAreKept(t *testing.T) {
	for name, steps := range map[string][]exchange{
		"the request names the object by id": {
			{`POST /pets {"id":77,"name":"Rex","status":"sold"}`, 201, `{"id":77,"name":"Rex","status":"sold"}`},
			{`POST /pets {"name":"Tom"}`, 201, ""},
			{`GET /pets/77`, 200, `{"id":77,"name":"Rex","status":"sold"}`},
			{`PUT /pets {"id":77,"name":"Rexi"}`, 200, `{"id":77,"name":"Rexi"}`},
			{`PUT /pets {"id":78,"name":"New"}`, 200, `{"id":78,"name":"New"}`},
			{`GET /pets/77`, 200, `{"id":77,"name":"Rexi"}`},
			{`GET /pets/78`, 200, `{"id":78,"name":"New"}`},
			{`GET /pets?status=sold`, 200, `[]`},
			{`DELETE /pets/77`, 204, ""},
			{`GET /pets/77`, 404, ""},
		},
		"a new ID is not one that a request has taken": {
			{`POST /pets {"id":2,"name":"a"}`, 201, ""},
			{`POST /pets {"name":"b"}`, 201, ""},
			{`GET /pets/2`, 200, `{"id":2,"name":"a"}`},
		},
		"PUT replaces, without a response too": {
			{`POST /pets {"id":5,"name":"a","tag":"x","owner":{"name":"o"}}`, 201, ""},
			{`PUT /pets/5 {"name":"b"}`, 204, ""},
			{`GET /pets/5`, 200, `{"id":5,"name":"b"}`},
			{`POST /pets/5?name=c`, 200, `{"id":5,"name":"c"}`},
		},
		"a merge patch takes away and goes below": {
			{`POST /pets {"id":5,"name":"a","tag":"x","owner":{"name":"o"}}`, 201, ""},
			{`PATCH:merge-patch+json /pets/5 {"tag":null,"owner":{"city":"c"},"name":null}`, 200, `{"id":5,"name":"a","owner":{"name":"o","city":"c"}}`},
			{`PATCH:json /pets/5 {"owner":{"city":"d"}}`, 200, `{"id":5,"name":"a","owner":{"city":"d"}}`},
		},
		"a JSON Patch is applied": {
			{`POST /pets {"id":5,"name":"a","tag":"x","toys":["t","u"]}`, 201, ""},
			{`PATCH:json-patch+json /pets/5 [{"op":"test","path":"/name","value":"a"},{"op":"replace","path":"/name","value":"b"},{"op":"remove","path":"/tag"},{"op":"add","path":"/toys/1","value":"v"},{"op":"add","path":"/toys/-","value":"w"},{"op":"move","from":"/toys/0","path":"/tag"},{"op":"copy","from":"/tag","path":"/toys/0"}]`, 200, `{"id":5,"name":"b","toys":["t","v","u","w"],"tag":"t"}`},
			{`PATCH:json-patch+json /pets/5 [{"op":"test","path":"/name","value":"z"}]`, 409, ""},
			{`PATCH:json-patch+json /pets/5 [{"op":"remove","path":"/name"}]`, 400, ""},
			{`PATCH:json-patch+json /pets/5 [{"op":"remove","path":"/toys/4"}]`, 400, ""},
			{`PATCH:json-patch+json /pets/5 [{"op":"replace","path":"/none/x","value":1}]`, 400, ""},
			{`PATCH:json-patch+json /pets/5 {"op":"remove"}`, 400, ""},
			{`PATCH:json-patch+json /pets/5 [` + strings.Repeat(`{"op":"copy","from":"","path":"/owner"},`, 64) + `{"op":"remove","path":"/tag"}]`, 400, ""},
			{`GET /pets/5`, 200, `{"id":5,"name":"b","toys":["t","v","u","w"],"tag":"t"}`},
		},
		"a test of a JSON Patch compares types": {
			{`POST /pets {"id":6,"name":"n","owner":{"name":"1"}}`, 201, ""},
			{`PATCH:json-patch+json /pets/6 [{"op":"test","path":"/owner","value":{"name":1}}]`, 409, ""},
			{`PATCH:json-patch+json /pets/6 [{"op":"test","path":"/id","value":6.0}]`, 200, ""},
		},
		"an object in an envelope": {
			{`POST /orders {"order":{"number":"A-1","lines":[{"sku":"x"}]}}`, 201, `{"order":{"number":"A-1","lines":[{"sku":"x"}]}}`},
			{`POST /orders {"order":{"number":"A-2"}}`, 201, ""},
			{`GET /orders`, 200, `{"orders":[{"number":"A-1","lines":[{"sku":"x"}]},{"number":"A-2"}]}`},
			{`PATCH:json /orders/A-1 {"order":{"paid":true}}`, 200, `{"order":{"number":"A-1","lines":[{"sku":"x"}],"paid":true}}`},
			{`GET /orders/A-1`, 200, `{"order":{"number":"A-1","lines":[{"sku":"x"}],"paid":true}}`},
			{`DELETE /orders/A-1`, 204, ""},
			{`GET /orders/A-1`, 404, ""},
		},
		"JSON:API, and paths that end in a slash": {
			{`POST:vnd.api+json /articles/ {"data":{"type":"articles","attributes":{"title":"One","body":"b"}}}`, 201, ""},
			{`GET /articles/{id}/`, 200, ""},
			{`PATCH:vnd.api+json /articles/{id}/ {"data":{"attributes":{"title":"Two"}}}`, 200, `{"data":{"type":"articles","attributes":{"title":"Two","body":"b"},"id":"00000000-0000-4000-8000-000000000001"}}`},
			{`GET /articles/`, 200, `{"data":[{"type":"articles","attributes":{"title":"Two","body":"b"},"id":"00000000-0000-4000-8000-000000000001"}]}`},
			{`DELETE /articles/00000000-0000-4000-8000-000000000001/`, 204, ""},
			{`GET /articles/00000000-0000-4000-8000-000000000001/`, 404, ""},
		},
		"a list at a path of its own": {
			{`POST /pets {"id":1,"name":"a","status":"sold","toys":["x"]}`, 201, ""},
			{`POST /pets {"id":2,"name":"b","status":"free"}`, 201, ""},
			{`POST /pets {"id":3,"name":"c"}`, 201, ""},
			{`GET /pets/findByStatus?status=free`, 200, `[{"id":2,"name":"b","status":"free"}]`},
			{`GET /pets/findByStatus`, 200, `[{"id":1,"name":"a","status":"sold","toys":["x"]},{"id":2,"name":"b","status":"free"},{"id":3,"name":"c"}]`},
		},
		"what is made is at its Location": {
			{`POST /notes/ {"text":"a"}`, 201, ""},
			{`GET {id}`, 200, `{"id":"note_test_0001","text":"a"}`},
			{`PUT /notes/own/ {"text":"b"}`, 204, ""},
			{`GET /notes/own/`, 200, `{"id":"own","text":"b"}`},
		},
		"an object of another branch than the sample": {
			{`POST /comments {"kind":"text","text":"a"}`, 201, `{"kind":"text","id":1,"text":"a"}`},
			{`POST /comments {"kind":"link","url":"u"}`, 201, `{"kind":"link","id":2,"url":"u"}`},
			{`GET /comments`, 200, `[{"kind":"text","id":1,"text":"a"},{"kind":"link","id":2,"url":"u"}]`},
			{`GET /comments/2`, 200, `{"kind":"link","id":2,"url":"u"}`},
		},
		"what is writeOnly is in no response": {
			{`POST /accounts {"id":"a","name":"n","password":"p"}`, 201, `{"id":"a","name":"n"}`},
			{`PATCH:json /accounts/a {"name":"m","password":"q"}`, 200, `{"id":"a","name":"m"}`},
			{`GET /accounts/a`, 200, `{"id":"a","name":"m"}`},
		},
		"an ID that has to match a pattern": {
			{`POST /tickets {}`, 201, ""},
			{`POST /tickets {}`, 201, `{"id":"T-000002"}`},
			{`GET /tickets/{id}`, 200, `{"id":"T-000002"}`},
		},
		"an ID that has to match a pattern is not one that a request has taken": {
			{`POST /tickets {"id":"T-000002"}`, 201, ""},
			{`POST /tickets {}`, 201, `{"id":"T-000003"}`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := shapeServer(t)
			id := ""
			for _, step := range steps {
				status, location, body := ask(t, server, strings.ReplaceAll(step.request, "{id}", id))
				if status != step.status || step.want != "" && !sameJSON(body, step.want) {
					t.Fatalf("%s\ngot  %d %s\nwant %d %s", step.request, status, body, step.status, step.want)
				}
				if body == "" && location != "" {
					id = location
				}
				if given := gjson.Get(body, "id").String() + gjson.Get(body, "data.id").String(); given != "" {
					id = given
				}
			}
		})
	}
}

func TestConcurrentChangesOfAnObjectAreAllKept(t *testing.T) {
	server := shapeServer(t)
	const pets = 4
	long := strings.Repeat(`{"op":"test","path":"/name","value":"n"},`, 400) // so that others have the time to change it
	var running sync.WaitGroup
	for id := range pets {
		ask(t, server, fmt.Sprintf(`POST /pets {"id":%d,"name":"n"}`, id+1))
		for name, value := range map[string]string{"tag": `"t"`, "status": `"sold"`, "owner": `{"city":"c"}`, "toys": `["t"]`} {
			running.Go(func() {
				ask(t, server, fmt.Sprintf(`PATCH:json-patch+json /pets/%d [%s{"op":"add","path":"/%s","value":%s}]`, id+1, long, name, value))
			})
		}
	}
	running.Wait()
	for id := range pets {
		_, _, body := ask(t, server, fmt.Sprintf(`GET /pets/%d`, id+1))
		if want := fmt.Sprintf(`{"id":%d,"name":"n","tag":"t","status":"sold","owner":{"city":"c"},"toys":["t"]}`, id+1); !sameJSON(body, want) {
			t.Errorf("got %s, want %s", body, want)
		}
	}
}

func TestPatchThatDoublesAnObjectIsBounded(t *testing.T) {
	server := shapeServer(t)
	ask(t, server, `POST /pets {"id":1,"name":"n","toys":["t"]}`)
	twice := strings.Repeat(`,{"op":"copy","from":"/toys","path":"/toys/-"}`, 60)
	status, _, body := ask(t, server, `PATCH:json-patch+json /pets/1 [`+twice[1:]+`]`)
	if status != 400 || !strings.Contains(body, "too often") {
		t.Errorf("got %d %s, want 400 for what it costs", status, body)
	}
}

// ask sends a request of an exchange.
func ask(t *testing.T, server *clienttest.Server, request string) (status int, location, body string) {
	t.Helper()
	method, rest, _ := strings.Cut(request, " ")
	path, text, _ := strings.Cut(rest, " ")
	method, kind, given := strings.Cut(method, ":")
	if !given {
		kind = "json"
	}
	req, err := http.NewRequestWithContext(t.Context(), method, server.URL()+path, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if text != "" {
		req.Header.Set("Content-Type", "application/"+kind)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header.Get("Location"), string(data)
}

func sameJSON(a, b string) bool {
	var x, y any
	return json.Unmarshal([]byte(a), &x) == nil && json.Unmarshal([]byte(b), &y) == nil && fmt.Sprint(x) == fmt.Sprint(y)
}
