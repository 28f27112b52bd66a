package clienttest

import (
	"cmp"
	"net/http"
	"strings"

	"github.com/opcall/opcall/client/internal/extension"
	pagestyle "github.com/opcall/opcall/client/internal/paging"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/order"
	"github.com/opcall/opcall/schema"
)

// Resource is a kind of object that the server keeps, as the paths of the document
// show it: POST /files makes one, GET /files lists them, /files/{file_id} is one. An
// operation that the document does not have is "".
type Resource struct {
	Path   string // template of the collection; of an object without others beside it its own
	Item   string // template of one object, "" of an object without others beside it
	Create string // IDs of operations
	List   string
	Get    string
	Update string
	Delete string
}

// Resources lists what the server keeps, by path. Without state it is what the server
// would keep.
func (s *Server) Resources() []Resource {
	var list []Resource
	for _, r := range s.resources().byPath {
		list = append(list, r.Resource)
	}
	order.Sort(list, func(a, b Resource) int { return cmp.Compare(a.Path, b.Path) })
	return list
}

// resource is a Resource with what the document says of making one.
type resource struct {
	Resource
	parameter string // of the item's path: "file_id"
	parent    string // template of the object that it belongs to: "/threads/{thread_id}", "" without one
	made      bool   // objects of it can be made; of others the document alone says what there is
}

// use is what an operation does to a resource.
type use int

const (
	noUse use = iota
	createUse
	listUse
	getUse
	updateUse
	deleteUse
	actionUse  // POST /batches/{batch_id}/cancel
	contentUse // GET /files/{file_id}/content
)

// role is what an operation does, to which resource.
type role struct {
	use
	resource *resource
	verb     string           // of an action: "cancel"
	state    *extension.State // of the operation; every object has a role, and few operations say much
	single   bool             // the resource is an object without others beside it
	view     bool             // of a list: it is of objects that parameters select, at a path of its own
}

// resources are those of a document.
type resources struct {
	byPath map[string]*resource
	roles  map[string]role // by operation ID
}

// derivation finds the resources of a document by the shape of its paths.
type derivation struct {
	resources
	operations map[string]map[string]*schema.Operation // path → method → the first operation there
	items      map[string]string                       // path of a collection → path of one object in it
}

func derive(doc *schema.Document) *resources {
	d := &derivation{
		resources:  resources{byPath: make(map[string]*resource), roles: make(map[string]role)},
		operations: make(map[string]map[string]*schema.Operation),
		items:      make(map[string]string),
	}
	for op := range doc.Operations() {
		path := templateOf(op)
		if d.operations[path] == nil {
			d.operations[path] = make(map[string]*schema.Operation)
		}
		if d.operations[path][op.Method] == nil {
			d.operations[path][op.Method] = op
		}
		d.addItems(path)
	}
	for op := range doc.Operations() {
		if r := d.role(op); r.use != noUse {
			state := extension.ReadState(op)
			r.state = &state
			d.roles[op.ID] = r
		}
	}
	d.follow(doc)
	return &d.resources
}

// templateOf is the path of an operation, without the slash that some APIs end all paths in.
func templateOf(op *schema.Operation) string { return strings.TrimSuffix(op.Path, "/") }

// addItems notes each beginning of a path that ends in a parameter.
func (d *derivation) addItems(path string) {
	for i := 1; i < len(path); i++ {
		end := strings.IndexByte(path[i:], '/')
		if end < 0 {
			end = len(path) - i
		}
		if _, ok := parameterOf(path[:i+end]); ok {
			if before := path[:i-1]; before != "" && d.items[before] == "" {
				d.items[before] = path[:i+end]
			}
		}
		i += end
	}
}

// parameterOf returns the parameter that is the last segment of a path.
func parameterOf(path string) (string, bool) {
	last := path[strings.LastIndexByte(path, '/')+1:]
	if len(last) < 3 || last[0] != '{' || strings.IndexByte(last, '}') != len(last)-1 {
		return "", false
	}
	return last[1 : len(last)-1], true
}

func parentOf(path string) string { return path[:max(0, strings.LastIndexByte(path, '/'))] }

// role finds out what an operation does.
func (d *derivation) role(op *schema.Operation) role {
	path := templateOf(op)
	if _, ok := parameterOf(path); ok {
		return d.itemRole(op)
	}
	_, ofItem := parameterOf(parentOf(path))
	item, hasItems := d.items[path]
	switch {
	case hasItems:
		return d.collectionRole(op, item)
	case d.isSingle(path):
		return d.singleRole(op)
	case d.isView(op):
		return role{use: listUse, resource: d.itemAt(d.items[parentOf(path)]), view: true}
	case op.Method == http.MethodGet && ofItem && isFile(op):
		return role{use: contentUse, resource: d.itemAt(parentOf(path))}
	case op.Method == http.MethodGet && ofItem && !d.addsToList(path):
		r := d.add(path, "")
		r.List = cmp.Or(r.List, op.ID)
		return role{use: listUse, resource: r}
	case op.Method == http.MethodPost && ofItem && d.returnsItem(op):
		return role{use: actionUse, resource: d.itemAt(parentOf(path)), verb: path[strings.LastIndexByte(path, '/')+1:]}
	}
	if d.addsToList(path) {
		r := d.add(path, "")
		switch op.Method {
		case http.MethodPost:
			r.Create, r.made = cmp.Or(r.Create, op.ID), true
			return role{use: createUse, resource: r}
		case http.MethodGet:
			r.List = cmp.Or(r.List, op.ID)
			return role{use: listUse, resource: r}
		}
	}
	if state := extension.ReadState(op); op.Method == http.MethodPost && state.ID != "" {
		r := d.add(path, "")
		r.Create, r.made = cmp.Or(r.Create, op.ID), true
		return role{use: createUse, resource: r}
	}
	return role{}
}

// collectionRole is that of an operation at the path of a collection.
func (d *derivation) collectionRole(op *schema.Operation, item string) role {
	path := templateOf(op)
	switch op.Method {
	case http.MethodPost:
		if answerInJSON(op) != nil || d.isMadeUnseen(op, item) {
			r := d.add(path, item)
			r.Create, r.made = cmp.Or(r.Create, op.ID), true
			return role{use: createUse, resource: r}
		}
	case http.MethodGet:
		r := d.add(path, item)
		r.List = cmp.Or(r.List, op.ID)
		return role{use: listUse, resource: r}
	case http.MethodPut, http.MethodPatch: // the ID of the object is in the body
		if get := d.operations[item][http.MethodGet]; get != nil && sameObject(get, op) {
			r := d.add(path, item)
			r.made = r.made || op.Method == http.MethodPut
			return role{use: updateUse, resource: r}
		}
	}
	return role{}
}

// isMadeUnseen reports whether an operation makes an object and does not return it: its
// response has no body, or the path of the object in Location alone.
func (d *derivation) isMadeUnseen(op *schema.Operation, item string) bool {
	get := d.operations[item][http.MethodGet]
	response, ok := op.Response(success(op))
	return ok && len(response.Content) == 0 && op.RequestBody != nil && get != nil && answerInJSON(get) != nil
}

// isView reports whether an operation below the path of a collection lists objects of it:
// /pets/findByStatus.
func (d *derivation) isView(op *schema.Operation) bool {
	get, media := d.operations[d.items[parentOf(templateOf(op))]][http.MethodGet], answerInJSON(op)
	if op.Method != http.MethodGet || get == nil || answerInJSON(get) == nil || media == nil || media.Schema == nil || answerInJSON(get).Schema == nil {
		return false
	}
	items, _ := jsonscan.Member(media.Schema.JSON(), "items")
	return items == answerInJSON(get).Schema.JSON()
}

// itemRole is that of an operation at the path of one object.
func (d *derivation) itemRole(op *schema.Operation) role {
	r := d.itemAt(templateOf(op))
	if r == nil {
		return role{}
	}
	switch op.Method {
	case http.MethodGet:
		if isFile(op) {
			return role{use: contentUse, resource: r}
		}
		r.Get = cmp.Or(r.Get, op.ID)
		return role{use: getUse, resource: r}
	case http.MethodPost, http.MethodPatch, http.MethodPut:
		if verb := extension.ReadState(op).Action; verb != "" {
			return role{use: actionUse, resource: r, verb: verb}
		}
		r.Update = cmp.Or(r.Update, op.ID)
		r.made = r.made || op.Method == http.MethodPut
		return role{use: updateUse, resource: r}
	case http.MethodDelete:
		r.Delete = cmp.Or(r.Delete, op.ID)
		return role{use: deleteUse, resource: r}
	}
	return role{}
}

// singleRole is that of an operation on an object without others beside it.
func (d *derivation) singleRole(op *schema.Operation) role {
	r := d.add(templateOf(op), "")
	switch op.Method {
	case http.MethodGet:
		r.Get = cmp.Or(r.Get, op.ID)
		return role{use: getUse, resource: r, single: true}
	case http.MethodPost, http.MethodPatch, http.MethodPut:
		r.Update = cmp.Or(r.Update, op.ID)
		return role{use: updateUse, resource: r, single: true}
	case http.MethodDelete:
		r.Delete = cmp.Or(r.Delete, op.ID)
		return role{use: deleteUse, resource: r, single: true}
	}
	return role{}
}

// isSingle reports whether what a path returns is what is written there.
func (d *derivation) isSingle(path string) bool {
	methods := d.operations[path]
	get := methods[http.MethodGet]
	if get == nil {
		return false
	}
	for _, method := range []string{http.MethodPost, http.MethodPatch, http.MethodPut} {
		if write := methods[method]; write != nil && sameObject(get, write) {
			return true
		}
	}
	return false
}

// addsToList reports whether what is posted to a path is listed there: GET returns a list,
// and POST takes a body and returns an object.
func (d *derivation) addsToList(path string) bool {
	get, post := d.operations[path][http.MethodGet], d.operations[path][http.MethodPost]
	if get == nil || post == nil || post.RequestBody == nil || answerInJSON(post) == nil {
		return false
	}
	_, noList := pagestyle.Find(get)
	_, noObject := pagestyle.Find(post)
	return noList == nil && noObject != nil
}

// returnsItem reports whether an operation below the path of an object returns that
// object.
func (d *derivation) returnsItem(op *schema.Operation) bool {
	item := parentOf(templateOf(op))
	for _, path := range []string{item, parentOf(item)} {
		for _, other := range d.operations[path] {
			if other.Method != http.MethodDelete && sameObject(op, other) {
				return true
			}
		}
	}
	return false
}

// sameObject reports whether two operations return objects of the same schema.
func sameObject(a, b *schema.Operation) bool {
	of, other := answerInJSON(a), answerInJSON(b)
	return of != nil && other != nil && of.Schema != nil && other.Schema != nil && of.Schema.JSON() == other.Schema.JSON()
}

// isFile reports whether an operation returns something else than JSON.
func isFile(op *schema.Operation) bool {
	name := otherThanJSON(op, success(op))
	return name != "" && !extension.IsEventStream(name)
}

func (d *derivation) itemAt(item string) *resource {
	path := parentOf(item)
	if d.items[path] != item {
		return nil
	}
	return d.add(path, item)
}

func (d *derivation) add(path, item string) *resource {
	r := d.byPath[path]
	if r == nil {
		r = &resource{Resource: Resource{Path: path, Item: item}, parent: parentOf(path)}
		if _, ok := parameterOf(r.parent); !ok {
			r.parent = ""
		}
		r.parameter, _ = parameterOf(item)
		d.byPath[path] = r
	}
	return r
}

// follow gives the operations that the document says make objects of another
// collection the resource of that.
func (d *derivation) follow(doc *schema.Document) {
	for op := range doc.Operations() {
		state := extension.ReadState(op)
		if state.Like == "" {
			continue
		}
		if like, ok := d.roles[state.Like]; ok {
			d.roles[op.ID] = role{use: createUse, resource: like.resource, state: &state}
		}
	}
}
