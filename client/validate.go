package client

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/schema"
)

// Validate validates the params against the document, in the tier of the settings:
// the second step of Call, and the last that needs no address. The error is a
// *schema.ValidationError with every problem; pointers begin with the name of
// the parameter or body field. In the Lenient tier the problems are findings, for
// WithFindings, and only a parameter that the path lacks is an error. Coverage
// reports what is validated against what.
//
// Validate changes nothing, so that the tier never decides about what is sent, and
// is safe for concurrent use.
func (b *Bound) Validate() error {
	if err := b.settings.checkOutgoing(b.plan.name, b.checkSent); err != nil {
		return err
	}
	return b.missingPath()
}

// checkOutgoing applies the tier of requests to what leaves, a request or an event
// of a socket: nothing is checked in the Off tier, what Standard refuses is reported
// to WithFindings in the Lenient tier, and an error in all others, new values aside
// where WithNewValues allows them. The function check returns nil where nothing is
// wrong.
func (s *settings) checkOutgoing(name string, check func(schema.Tier) *schema.ValidationError) error {
	switch {
	case s.requestTier == schema.Off, s.requestTier == schema.Lenient && s.onFindings == nil:
		return nil
	case s.requestTier == schema.Lenient:
		if invalid := check(schema.Standard); invalid != nil {
			s.onFindings(name, invalid.Findings())
		}
		return nil
	}
	invalid := check(s.requestTier)
	if invalid == nil {
		return nil
	}
	admitted := s.admitNew(invalid)
	if !isNothing(invalid) {
		return invalid
	}
	if len(admitted) > 0 && s.onFindings != nil {
		found := schema.ValidationError{Subject: invalid.Subject, Problems: admitted}
		s.onFindings(name, found.Findings())
	}
	return nil
}

// checkSent is check for what leaves: what a server made is overlooked, and reported
// to WithFindings.
func (b *Bound) checkSent(tier schema.Tier) *schema.ValidationError {
	invalid := b.check(tier)
	if invalid == nil || len(b.received) == 0 {
		return invalid
	}
	if overlooked := b.overlook(invalid); len(overlooked) > 0 && b.settings.onFindings != nil {
		found := schema.ValidationError{Subject: invalid.Subject, Problems: overlooked}
		b.settings.onFindings(b.plan.name, found.Findings())
	}
	if len(invalid.Problems) == 0 {
		return nil
	}
	return invalid
}

// check returns what is wrong by a tier that has errors, nil where nothing is.
func (b *Bound) check(tier schema.Tier) *schema.ValidationError {
	var invalid schema.ValidationError
	opts := b.settings.validation(asRequest, tier, "")
	b.checkParameters(&invalid, opts)
	b.checkBody(&invalid, opts)
	if len(invalid.Problems) == 0 {
		return nil
	}
	found := invalid // what is found is allocated, and nothing where nothing is
	found.Subject = b.plan.name
	maskInvalid(&found, b.settings.ownSecrets())
	return &found
}

// Validate binds params and validates them against the document, as Call does
// before it sends anything. Nothing is sent and no key is needed.
func (c *Client) Validate(operationID string, params any, opts ...CallOption) error {
	b, err := c.Bind(operationID, params, opts...)
	if err != nil {
		return err
	}
	return b.Validate()
}

func (b *Bound) has(p *schema.Parameter) bool {
	return slices.ContainsFunc(b.arguments, func(a argument) bool { return a.parameter == p && a.json != "null" })
}

// missingPath is what no tier lets through: a path with a hole.
func (b *Bound) missingPath() error {
	var problems []schema.Problem
	for _, p := range b.Operation.Parameters {
		if p.In == "path" && !b.has(p) {
			problems = append(problems, missing(p))
		}
	}
	if problems == nil {
		return nil
	}
	return &schema.ValidationError{Subject: b.plan.name, Problems: problems}
}

func missing(p *schema.Parameter) schema.Problem {
	return schema.Problem{In: p.In, Pointer: pointerTo(p.Name), Keyword: "required", Want: p.Name, Message: "missing " + p.In + " parameter " + quoteName(p.Name)}
}

func (b *Bound) checkParameters(invalid *schema.ValidationError, tier []schema.ValidateOption) {
	for _, p := range b.Operation.Parameters {
		if p.Required && !b.has(p) && !b.suppliedElsewhere(p) {
			invalid.Problems = append(invalid.Problems, missing(p))
		}
	}
	for _, a := range b.arguments {
		switch {
		case a.parameter.Schema == nil, a.json == "null", // absent
			a.json == `""` && a.parameter.AllowEmptyValue: // OpenAPI 3.0 §4.7.12.2: valid, whatever the schema says
			continue
		case a.parameter.Required && a.leavesNothing():
			invalid.Problems = append(invalid.Problems, schema.Problem{
				In: a.parameter.In, Pointer: pointerTo(a.parameter.Name), Keyword: "required", Want: a.parameter.Name,
				Message: "got " + a.json + ", which is not sent at all, want at least one value",
			})
			continue
		}
		mergeAt(invalid, a.parameter.Schema.Validate(a.json, tier...), a.parameter.In, pointerTo(a.parameter.Name))
	}
}

// leavesNothing reports whether the argument is an empty array or object, which the
// styles of OpenAPI write as nothing at all (RFC 6570 §2.3); as JSON it is a text.
func (a argument) leavesNothing() bool {
	return (a.json == "[]" || a.json == "{}") && a.parameter.MediaType == "" && a.parameter.In != "path"
}

// suppliedElsewhere reports whether a parameter comes from the settings, the
// credentials among them, or the document's extensions, or is not for the caller to set:
// OpenAPI 3.1 §4.8.12.1 ignores three headers where they are declared, and net/http writes
// three others.
func (b *Bound) suppliedElsewhere(p *schema.Parameter) bool {
	if b.credentialFor(p) {
		return true
	}
	switch p.In {
	case "header":
		switch name := http.CanonicalHeaderKey(p.Name); name {
		case "Accept", "Content-Type", "Authorization", "Host", "Content-Length", "Transfer-Encoding":
			return true
		default:
			return b.settings.header.Get(name) != "" || b.plan.headers[name] != ""
		}
	case "query":
		inPath, _ := url.ParseQuery(b.Operation.Query)
		return b.settings.query.Has(p.Name) || inPath.Has(p.Name)
	}
	return false
}

// asRequest and asResponse say which way an instance goes, without an allocation for
// each call.
var (
	asRequest  = []schema.ValidateOption{schema.WithDirection(schema.DirectionRequest)}
	asResponse = []schema.ValidateOption{schema.WithDirection(schema.DirectionResponse)}
)

// validation returns the options of validating a subject that goes one way; the
// subject is "" where it needs no name.
func (s *settings) validation(way []schema.ValidateOption, tier schema.Tier, subject string) []schema.ValidateOption {
	opts := slices.Clip(way)
	if tier != schema.Standard {
		opts = append(opts, schema.WithTier(tier))
	}
	if subject != "" {
		opts = append(opts, schema.WithSubject(subject))
	}
	if s.unknownFields {
		opts = append(opts, schema.WithUnknownFields())
	}
	return opts
}

func (b *Bound) checkBody(invalid *schema.ValidationError, tier []schema.ValidateOption) {
	media, text := b.body.media, b.body.json
	switch {
	case media == nil:
		if request := b.Operation.RequestBody; request != nil && request.Required {
			invalid.Problems = append(invalid.Problems, b.missingBody())
		}
		return
	case media.Schema == nil || b.body.raw != nil || b.isExtra():
		return
	case text == "":
		text = object(placeholders(b.checkFiles(invalid)))
	}
	err := media.Schema.Validate(text, tier...)
	if err == nil {
		return
	}
	var wrong *schema.ValidationError
	if b.body.absent && errors.As(err, &wrong) && wrong.Problems[0].Pointer == "" && wrong.Problems[0].Keyword == "type" {
		invalid.Problems = append(invalid.Problems, b.missingBody()) // no object, which nobody gave
		return
	}
	b.explainNullFiles(err)
	merge(invalid, err)
}

func (b *Bound) missingBody() schema.Problem {
	return schema.Problem{Keyword: "required", Message: "missing request body: " + extension.MediaTypes(b.Operation.RequestBody.MediaTypes())}
}

// isExtra reports whether the body consists of nothing but what WithExtraBody sets,
// which is for what the document does not know.
func (b *Bound) isExtra() bool { return b.body.absent && len(b.settings.extraBody) > 0 }

// placeholders puts strings where files are, which is what schemas describe
// them as.
func placeholders(fields []field) []field {
	out := make([]field, len(fields))
	for i, f := range fields {
		if f.files != nil {
			items := make([]string, len(f.files))
			for j, file := range f.files {
				items[j], _ = marshalText(file.Name) // a string always encodes
			}
			f.json = items[0]
			if f.list {
				f.json = "[" + strings.Join(items, ",") + "]"
			}
		}
		out[i] = f
	}
	return out
}

// merge adds the problems of a part of the whole.
func merge(invalid *schema.ValidationError, err error) { mergeAt(invalid, err, "", "") }

// mergeAt is merge for a part that stands at a pointer, of a parameter if in says
// where that goes.
func mergeAt(invalid *schema.ValidationError, err error, in string, at schema.Pointer) {
	if err == nil {
		return
	}
	var part *schema.ValidationError
	if !errors.As(err, &part) {
		return
	}
	for _, p := range part.Problems {
		p.Pointer = at + p.Pointer
		if in != "" {
			p.In = in
		}
		invalid.Problems = append(invalid.Problems, p)
	}
	invalid.More += part.More
	if invalid.Err == nil {
		invalid.Err = part.Err
	}
}
