package otel

import (
	"net"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/opcall/opcall/client"
)

// The names of the semantic conventions. They are constants here, as those for
// generative AI move between the packages of OpenTelemetry with each of its versions.
const (
	attributeActivity      = attribute.Key("gen_ai.operation.name")
	attributeProvider      = attribute.Key("gen_ai.provider.name")
	attributeRequestModel  = attribute.Key("gen_ai.request.model")
	attributeResponseModel = attribute.Key("gen_ai.response.model")
	attributeInputTokens   = attribute.Key("gen_ai.usage.input_tokens")
	attributeOutputTokens  = attribute.Key("gen_ai.usage.output_tokens")
	attributeFirstChunk    = attribute.Key("gen_ai.response.time_to_first_chunk")
	attributeTokenType     = attribute.Key("gen_ai.token.type")
	attributeMethod        = attribute.Key("http.request.method")
	attributeStatus        = attribute.Key("http.response.status_code")
	attributeResendCount   = attribute.Key("http.request.resend_count")
	attributeTemplate      = attribute.Key("url.template")
	attributeAddress       = attribute.Key("server.address")
	attributePort          = attribute.Key("server.port")
	attributeErrorType     = attribute.Key("error.type")

	// Those of this library.
	attributeOperation = attribute.Key("opcall.operation")
	attributeRequestID = attribute.Key("opcall.request_id")
	attributeAttempts  = attribute.Key("opcall.attempts")
)

// identity is what the span of a call, and its metrics, have from the start.
func (c *call) identity() []attribute.KeyValue {
	list := server(c.info)
	if c.info.Activity == "" {
		return list
	}
	list = append(list, attributeActivity.String(c.info.Activity))
	if c.info.Provider != "" {
		list = append(list, attributeProvider.String(c.info.Provider))
	}
	if c.info.Model != "" {
		list = append(list, attributeRequestModel.String(c.info.Model))
	}
	return list
}

// request is what the span of an attempt, and its metric, have from the start.
func (c *call) request() []attribute.KeyValue {
	return append(server(c.info), attributeMethod.String(c.info.Method), attributeTemplate.String(c.info.Path))
}

// server is the address and port of a host, the port being that of the scheme where
// the address has none.
func server(info client.CallInfo) []attribute.KeyValue {
	address, port := info.Host, ""
	if host, number, err := net.SplitHostPort(info.Host); err == nil {
		address, port = host, number
	}
	n, err := strconv.Atoi(port)
	switch {
	case err == nil:
	case strings.HasSuffix(info.Scheme, "s"):
		n = 443
	default:
		n = 80
	}
	return []attribute.KeyValue{attributeAddress.String(strings.Trim(address, "[]")), attributePort.Int(n)}
}

// errorType is the status of a response that is an error, else the class, else nothing.
func errorType(class client.ErrorClass, status int) []attribute.KeyValue {
	switch {
	case !failed(class):
		return nil
	case class == client.ClassAPI && status >= 400:
		return []attribute.KeyValue{attributeErrorType.String(strconv.Itoa(status))}
	}
	return []attribute.KeyValue{attributeErrorType.String(string(class))}
}
