package openai

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// UnfitFileError reports a file that the server would not take, before it is sent.
type UnfitFileError struct {
	Name    string
	Purpose Purpose
	Reason  string // what is wrong, and how to mend it
}

func (e *UnfitFileError) Error() string {
	return fmt.Sprintf("upload: the file %.120q for %.40q: %s", e.Name, string(e.Purpose), e.Reason)
}

// LinesError reports lines of a JSONL file that are not what its purpose needs.
type LinesError struct {
	Name      string
	Component string         // that lines are validated against
	Lines     []*schema.Line // with their Err, the first 20; their Text is cut
	More      int            // invalid lines beyond those
	Total     int            // lines of the file
	hint      string
}

func (e *LinesError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%.120q: %d of %d lines are invalid", e.Name, len(e.Lines)+e.More, e.Total)
	for _, line := range e.Lines {
		b.WriteString("\n  " + strings.ReplaceAll(line.Err.Error(), "\n", "\n  "))
	}
	if e.More > 0 {
		fmt.Fprintf(&b, "\n  and %d more", e.More)
	}
	return b.String() + e.hint
}

// Unwrap returns the errors of the lines.
func (e *LinesError) Unwrap() []error {
	all := make([]error, len(e.Lines))
	for i, line := range e.Lines {
		all[i] = line.Err
	}
	return all
}

// maxLines bounds the lines of a LinesError.
const maxLines = 20

// CheckUpload says whether Upload would send the file, and sends nothing: a file
// without the name or the extension that files of its purpose need, or too large, is an
// *UnfitFileError; invalid lines of files for fine-tuning and batches are a *LinesError,
// with their numbers. What is known of purposes is in the document (x-opcall-upload).
// Where requests are validated in the Lenient tier or not at all, neither are files;
// WithUnknownFields is not for lines.
//
// The file is read to its end if its lines are validated; a Reader that cannot seek back
// has nothing left afterwards.
func (c *Client) CheckUpload(ctx context.Context, req UploadRequest, opts ...client.CallOption) error {
	src, err := req.open(ctx)
	if err != nil {
		return err
	}
	defer src.close()
	_, err = c.checkUpload(ctx, &req, src, opts)
	return err
}

// checkUpload is CheckUpload for a file that is open. It returns how the file can be
// uploaded.
func (c *Client) checkUpload(ctx context.Context, req *UploadRequest, src *source, opts []client.CallOption) (uploadLimits, error) {
	limits, err := c.uploadLimits(req)
	if err != nil {
		return limits, err
	}
	b, err := c.Bind("createFile", client.Params{"file": client.File{Name: "file", Body: strings.NewReader("")}, "purpose": string(req.Purpose)}, opts...)
	if err != nil {
		return limits, err
	}
	tier := tierOf(b)
	if tier != schema.Standard && tier != schema.Strict {
		return limits, nil
	}
	if err := b.Validate(); err != nil { // the purpose
		return limits, err
	}
	if reason := limits.refuse(src); reason != "" {
		return limits, &UnfitFileError{Name: src.name, Purpose: req.Purpose, Reason: reason}
	}
	return limits, c.checkLines(ctx, req, src, limits.Lines, tier)
}

// refuse says what is wrong with the name or size of a file, "" for nothing.
func (l uploadLimits) refuse(src *source) string {
	extension := strings.ToLower(path.Ext(src.name))
	wanted := strings.Join(l.Extensions, " or ")
	switch {
	case l.Extensions == nil:
	case src.name == "" || src.name == "." || src.name == "/":
		return "it has no name; set Name, with the extension that says what it is: " + cmp.Or("\"data"+wanted+"\"", "\"data.txt\"")
	case len(l.Extensions) > 0 && !slices.Contains(l.Extensions, extension):
		return fmt.Sprintf("got the extension %.20q, want %s; set Name if the file has another name on the disk", extension, wanted)
	case extension == "" || extension == ".":
		return "its name has no extension, by which the server tells what it is; set Name: \"" + strings.TrimSuffix(src.name, ".") + ".txt\""
	}
	switch most := l.most(); {
	case most > 0 && src.size > most:
		return tooLarge(src.size, most)
	case l.Extensions != nil && src.size == 0:
		return "it is empty"
	}
	return ""
}

func tooLarge(size, most int64) string {
	return fmt.Sprintf("got %d bytes, want at most %d: split it", size, most)
}

// checkLines validates the lines of a file by the format that it has.
func (c *Client) checkLines(ctx context.Context, req *UploadRequest, src *source, formats []extension.LineFormat, tier schema.Tier) error {
	format, err := c.formatOf(req, src, formats)
	if err != nil || format.Component == "" {
		return err
	}
	invalid := &LinesError{Name: src.name, Component: format.Component}
	for line, err := range c.Document().ValidateLines(format.Component, &untilDone{ctx, io.NewSectionReader(src, 0, src.size)}, optionsOf(format.Open, tier)...) {
		if err != nil {
			return &client.FileError{Operation: "createFile", Field: "file", Name: src.name, Err: err}
		}
		invalid.Total++
		switch {
		case line.Err == nil:
		case len(invalid.Lines) == maxLines:
			invalid.More++
		default:
			line.Text = strings.Clone(line.Text[:min(len(line.Text), 200)])
			invalid.Lines = append(invalid.Lines, &line)
		}
	}
	switch {
	case invalid.Total == 0:
		return &UnfitFileError{Name: src.name, Purpose: req.Purpose, Reason: "it has no lines"}
	case len(invalid.Lines) == 0:
		return nil
	case format.Format != "" && len(formats) > 1:
		invalid.hint = fmt.Sprintf("\n  (validated as the format %q; Format sets another: %s)", format.Format, formatNames(formats))
	}
	return invalid
}

// formatOf returns the format of a file: the one that the caller says, or the first
// one that declares the most of what the first line has. It is empty where lines are not
// validated.
func (c *Client) formatOf(req *UploadRequest, src *source, formats []extension.LineFormat) (extension.LineFormat, error) {
	if req.Format != "" {
		i := slices.IndexFunc(formats, func(f extension.LineFormat) bool { return f.Format == req.Format })
		if i < 0 {
			want := cmp.Or(formatNames(formats), "none: the lines of such files are not validated")
			return extension.LineFormat{}, &UnfitFileError{Name: src.name, Purpose: req.Purpose, Reason: fmt.Sprintf("got %.40q as Format, want %s", req.Format, want)}
		}
		return formats[i], nil
	}
	var best extension.LineFormat
	most := -1
	for _, format := range formats {
		component, err := c.Document().Component(format.Component)
		if format.Open || err != nil && format.Component != schema.BatchRequestInput {
			continue // it has to be said, or the document does not have it
		}
		if n := declaredMembers(component, src); n > most {
			best, most = format, n
		}
	}
	return best, nil
}

// declaredMembers counts the members of a file's first line that a component, which may
// be nil, declares.
func declaredMembers(component *schema.Schema, src *source) (n int) {
	if component == nil {
		return 0
	}
	names, _ := component.Fields()
	for line := range component.Document().ValidateLines(component.Name(), io.NewSectionReader(src, 0, src.size), schema.WithTier(schema.Off)) {
		if jsonscan.Check(line.Text, maxFirstLine) != nil {
			break
		}
		for name := range jsonscan.Members(line.Text) {
			if slices.Contains(names, name) {
				n++
			}
		}
		break
	}
	return n
}

// maxFirstLine bounds how deep the values of a line are nested.
const maxFirstLine = 1000

func optionsOf(open bool, tier schema.Tier) []schema.ValidateOption {
	options := []schema.ValidateOption{schema.WithTier(tier)}
	if open {
		options = append(options, schema.WithUnknownFields())
	}
	return options
}

func formatNames(formats []extension.LineFormat) string {
	var names []string
	for _, format := range formats {
		names = append(names, format.Format)
	}
	return strings.Join(names, ", ")
}
