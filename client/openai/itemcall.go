package openai

import (
	"encoding/json"
	"time"
)

// CallID is what the output of the item refers to, "" where it is not a call that waits
// for one.
func (i Item) CallID() string { return i.fields().Get("call_id").String() }

// ComputerCall is an item of the type "computer_call": something to do on a screen.
type ComputerCall struct {
	CallID       string
	Actions      []ComputerAction
	SafetyChecks []SafetyCheck // to be acknowledged
}

// ComputerAction is one action: Type is "click", "type", "screenshot" and so on, and
// says which members Raw has.
type ComputerAction struct {
	Type string
	Raw  json.RawMessage // all of it
}

// SafetyCheck is a warning about a call.
type SafetyCheck struct{ ID, Code, Message string }

// ComputerCall is the item as something to do on a screen.
func (i Item) ComputerCall() *ComputerCall {
	if i.Type != "computer_call" {
		return nil
	}
	item := i.fields()
	c := &ComputerCall{CallID: i.CallID()}
	actions := item.Get("actions").Array()
	if action := item.Get("action"); action.IsObject() && len(actions) == 0 {
		actions = append(actions, action)
	}
	for _, a := range actions {
		c.Actions = append(c.Actions, ComputerAction{a.Get("type").String(), json.RawMessage(a.Raw)})
	}
	for _, check := range item.Get("pending_safety_checks").Array() {
		c.SafetyChecks = append(c.SafetyChecks, SafetyCheck{check.Get("id").String(), check.Get("code").String(), check.Get("message").String()})
	}
	return c
}

// ShellCall is an item of the type "shell_call" or "local_shell_call": commands to
// run.
type ShellCall struct {
	CallID    string
	Commands  []string // lines for a shell, of a "shell_call"
	Arguments []string // one command with its arguments, of a "local_shell_call"
	Directory string
	Env       map[string]string
	Timeout   time.Duration // 0 for none
	MaxOutput int64         // characters, 0 for no limit
}

// ShellCall is the item as commands to run.
func (i Item) ShellCall() *ShellCall {
	if i.Type != "shell_call" && i.Type != "local_shell_call" {
		return nil
	}
	action := i.fields().Get("action")
	c := &ShellCall{
		CallID: i.CallID(), Commands: stringsOf(action.Get("commands")), Arguments: stringsOf(action.Get("command")),
		Directory: action.Get("working_directory").String(), MaxOutput: action.Get("max_output_length").Int(),
		Timeout: time.Duration(action.Get("timeout_ms").Int()) * time.Millisecond,
	}
	for name, value := range action.Get("env").Map() {
		if c.Env == nil {
			c.Env = map[string]string{}
		}
		c.Env[name] = value.String()
	}
	return c
}

// PatchCall is an item of the type "apply_patch_call": a file to change.
type PatchCall struct {
	CallID    string
	Operation string // "create_file", "update_file", "delete_file"
	Path      string
	Diff      string // of a file that is made or changed
}

// PatchCall is the item as a file to change.
func (i Item) PatchCall() *PatchCall {
	if i.Type != "apply_patch_call" {
		return nil
	}
	operation := i.fields().Get("operation")
	return &PatchCall{
		CallID: i.CallID(), Operation: operation.Get("type").String(), Path: operation.Get("path").String(), Diff: operation.Get("diff").String(),
	}
}
