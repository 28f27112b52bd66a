package yamltext

import (
	"bytes"
	"regexp"
	"strconv"
	"sync"
)

// pattern returns a regular expression that is compiled when it is first needed: most
// programs read no YAML.
func pattern(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}

// errorPlace is where the parser's messages name a place, in any of its versions.
var errorPlace = pattern(`(?:^|[^a-zA-Z])(?:L|line[ :]+)(\d+)`)

// errorHead is what its messages say before they come to the point.
var errorHead = pattern(`^(?:unable to parse specification: )?(?:go-)?yaml(?: load error)?(?: in \w+)?(?: \([^)]*\))?(?: at (?:L[0-9.CL-]+|<unknown position>))?: (?:line \d+: )?`)

// syntaxError turns the parser's message into an Error.
func syntaxError(data []byte, err error) error {
	yamlErr := &Error{}
	if m := errorPlace().FindStringSubmatch(err.Error()); m != nil {
		yamlErr.Line, _ = strconv.Atoi(m[1])
	}
	if line := tabIndented(data); line > 0 && (yamlErr.Line == 0 || line <= yamlErr.Line+1) {
		yamlErr.Line = line
		yamlErr.Reason = "the line is indented with a tab; YAML takes spaces (YAML 1.2 §6.1)"
		return yamlErr
	}
	yamlErr.Reason = errorHead().ReplaceAllString(err.Error(), "")
	return yamlErr
}

// tabIndented returns the first line, from 1, that begins with a tab, or with
// spaces and a tab, or 0.
func tabIndented(data []byte) int {
	line, start := 1, true
	for _, c := range data {
		switch {
		case c == '\n':
			line, start = line+1, true
		case start && c == '\t':
			return line
		case c != ' ':
			start = false
		}
	}
	return 0
}

// secondDocument returns the line, from 1, of the mark at which a second document with
// anything in it begins (YAML 1.2 §9.1.2), or 0. The parser would pass over it.
func secondDocument(data []byte) int {
	number, first, mark := 0, false, 0
	for line := range bytes.Lines(data) {
		number++
		text := bytes.TrimRight(line, " \t\r\n")
		rest, isMark := bytes.CutPrefix(text, []byte("---"))
		if isMark = isMark && (len(rest) == 0 || rest[0] == ' ' || rest[0] == '\t'); isMark {
			if text = bytes.TrimLeft(rest, " \t"); first && mark == 0 {
				mark = number
			}
		}
		if content := bytes.TrimLeft(text, " \t"); len(content) == 0 || content[0] == '#' || bytes.Equal(text, []byte("...")) || text[0] == '%' {
			continue
		}
		if mark > 0 {
			return mark
		}
		first = true
	}
	return 0
}

// directive is a %YAML directive of version 1.2, at the start of a text. The
// parser takes 1.1 alone. What differs is how scalars are read, which it does
// not decide here.
var directive = pattern(`\A(?:(?:[ \t]*(?:#[^\n]*)?|%[^\n]*)\n)*?%YAML[ \t]+1\.2[ \t\r]*(?:#[^\n]*)?\n`)

// accepted returns data as the parser takes it, of the same length.
func accepted(data []byte) []byte {
	end := directive().FindIndex(data)
	if end == nil {
		return data
	}
	data = bytes.Clone(data)
	head := data[:end[1]]
	at := bytes.LastIndex(head, []byte("%YAML"))
	at += bytes.Index(head[at:], []byte("1.2"))
	data[at+2] = '1'
	return data
}

// blockHead ends with the head of a block scalar.
var blockHead = pattern(`[|>][+-]?[ \t\r]*(?:#.*)?$`)

// withoutTabs replaces the tab with which the first line of a block scalar may
// begin, behind its indentation (YAML 1.2 §8.1.1.1): the parser takes it for
// indentation. It returns the text that stands in for it, or "" when there is no
// such line.
func withoutTabs(data []byte) ([]byte, string) {
	standIn := ""
	for r := rune(0xE000); standIn == "" && r < 0xE020; r++ { // of Unicode's private use area
		if !bytes.ContainsRune(data, r) {
			standIn = string(r)
		}
	}
	if standIn == "" || bytes.IndexByte(data, '\t') < 0 {
		return nil, ""
	}
	var out bytes.Buffer
	head, replaced := false, false
	for line := range bytes.Lines(data) {
		text := bytes.TrimRight(line, " \t\r\n")
		inner := bytes.TrimLeft(line, " ")
		if head && len(text) > 0 && inner[0] == '\t' && len(inner) < len(line) {
			out.Write(line[:len(line)-len(inner)])
			out.WriteString(standIn)
			line, replaced = inner[1:], true
		}
		out.Write(line)
		if len(text) > 0 {
			head = blockHead().Match(text)
		}
	}
	if !replaced {
		return nil, ""
	}
	return out.Bytes(), standIn
}
