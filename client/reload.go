package client

import (
	"context"
	"errors"
	"runtime"
	"time"
	"weak"

	"github.com/opcall/opcall/schema"
)

// reload is what WithSpecReload asks for. It brings the function that does it, as a
// program that does not ask has no need of what compares documents: a twentieth of its
// size.
type reload struct {
	path     string
	interval time.Duration
	report   func(schema.Update)
	watch    func(*config) (*schema.Document, *following, error)
}

// WithSpecReload is WithSpecFile for a file that changes: the client looks at it
// every interval, schema.DefaultWatchInterval where that is not positive, and calls
// the operations of the new document from then on, as Swap does. Calls and streams
// in flight finish on the document that they began with. Overlays and errata apply to
// each document.
//
// A file that cannot be read, or whose document has errors, changes nothing. New
// fails where that is so from the start. The function report, which may be nil, gets
// each later schema.Update after it has taken effect, errors among them; it is called
// by one goroutine, one update after the other.
//
// The client follows the file until Close, or until nothing refers to the client any
// longer.
func WithSpecReload(path string, interval time.Duration, report func(schema.Update)) Option {
	return clientOption(func(c *config) error {
		if path == "" {
			return errors.New("WithSpecReload: got no path")
		}
		c.document, c.spec, c.specFile, c.specFS = nil, nil, path, nil
		c.reload = &reload{path, interval, report, watch}
		return nil
	})
}

// following is a file that is being followed, by a goroutine of its own.
type following struct {
	*reload
	first  chan schema.Update // what is in the file from the start
	client chan weak.Pointer[Client]
	cancel context.CancelFunc
	done   chan struct{} // closed when the goroutine has ended
}

// watch loads the document of WithSpecReload. The updates that follow wait for start.
func watch(c *config) (*schema.Document, *following, error) {
	ctx, cancel := context.WithCancel(context.Background()) // until Close
	f := &following{c.reload, make(chan schema.Update), make(chan weak.Pointer[Client]), cancel, make(chan struct{})}
	go f.follow(ctx, c.loadOptions())
	first := <-f.first
	if first.Err != nil {
		f.stop()
		return nil, nil, first.Err
	}
	return first.Document, f, nil
}

// stop gives the file up.
func (f *following) stop() {
	f.cancel()
	<-f.done
}

// follow swaps the client's document for each that follows. It keeps neither the client
// nor a document alive: an update is dropped before the next one is waited for.
func (f *following) follow(ctx context.Context, opts []schema.Option) {
	defer close(f.done)
	var client weak.Pointer[Client]
	started := false
	for update := range schema.Watch(ctx, f.path, f.interval, opts...) {
		if !started {
			f.first <- update
			select {
			case client = <-f.client:
				started = true
				continue
			case <-ctx.Done():
				return
			}
		}
		c := client.Value()
		if c == nil {
			return
		}
		if update.Err == nil {
			c.Swap(update.Document)
		}
		c = nil // may be freed while the next update is waited for
		if f.report != nil {
			f.report(update)
		}
	}
}

// start follows the file from here on.
func (f *following) start(c *Client) {
	c.stop, c.stopped = f.cancel, f.done
	runtime.AddCleanup(c, func(cancel context.CancelFunc) { cancel() }, f.cancel)
	f.client <- weak.Make(c)
}

// Close ends what the client does by itself: to follow the file of WithSpecReload.
// It returns once that has ended, and must not be called by the function that gets the
// updates. Calls are possible all the same, before and after. It always returns nil, and
// may be called more than once.
func (c *Client) Close() error {
	if c.stop != nil {
		c.stop()
		<-c.stopped
	}
	return nil
}
