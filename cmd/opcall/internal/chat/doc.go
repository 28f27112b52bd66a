// Package chat is the command "opcall chat": a conversation in the terminal.
//
//	chat.go     the command: which conversation, with which model and tools
//	talk.go     line by line until the end, or one turn of the arguments
//	turn.go     one turn: text as it comes, tools, Ctrl-C
//	history.go  conversations as files
//	tool.go     tools of a file: programs that a person approves
package chat
