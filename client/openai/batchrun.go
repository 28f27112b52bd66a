package openai

import (
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/internal/extension"
)

// BatchRun is batches that the server works on, or has worked on: those that Batch.Start
// started, or ResumeBatch names. It is safe for concurrent use.
type BatchRun struct {
	client  *client.Client
	options []client.CallOption
	jobs    []*batchJob
}

// batchJob is one batch of a run.
type batchJob struct {
	id   string
	file *batchFile // its calls, nil where another program added them
}

// ResumeBatch returns the batches with these IDs as a run: those of a process that has
// ended, or those that somebody else started.
func (c *Client) ResumeBatch(ids ...string) *BatchRun {
	r := &BatchRun{client: c.Client}
	for _, id := range ids {
		r.jobs = append(r.jobs, &batchJob{id: id})
	}
	return r
}

// IDs returns the IDs of the batches, by which ResumeBatch takes them up again.
func (r *BatchRun) IDs() []string {
	ids := make([]string, len(r.jobs))
	for i, job := range r.jobs {
		ids[i] = job.id
	}
	return ids
}

// Wait waits until no batch goes on any more: c.Wait of retrieveBatch, one batch after
// the other, with its options. A batch that fails, expires or is cancelled ends the wait
// for it as one that is completed does: its results say so. The error is that of a look
// that failed, of the limit of the wait, or of ctx.
func (r *BatchRun) Wait(ctx context.Context, opts ...client.CallOption) error {
	for _, job := range r.jobs {
		if _, err := r.wait(ctx, job, opts); err != nil {
			return err
		}
	}
	return nil
}

// wait returns the batch in its final state.
func (r *BatchRun) wait(ctx context.Context, job *batchJob, opts []client.CallOption) (*client.Response, error) {
	done, err := r.client.Wait(ctx, "retrieveBatch", client.Params{"batch_id": job.id}, r.with(opts)...)
	var ended *client.WaitError
	if errors.As(err, &ended) && ended.Failed {
		return ended.Response, nil
	}
	return done, err
}

// with returns the options of the run and those of a call.
func (r *BatchRun) with(opts []client.CallOption) []client.CallOption {
	return append(slices.Clip(r.options), opts...)
}

// Cancel cancels the batches that still go on. What they have done until then is among
// the results. The errors of batches that could not be cancelled are joined.
func (r *BatchRun) Cancel(ctx context.Context, opts ...client.CallOption) error {
	var errs []error
	for _, job := range r.jobs {
		params := client.Params{"batch_id": job.id}
		_, err := r.client.Call(ctx, "cancelBatch", params, r.with(opts)...)
		var refused *client.APIError
		if errors.As(err, &refused) && refused.StatusCode < 500 && r.isOver(ctx, params, opts) {
			err = nil
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// isOver reports whether a batch does not go on.
func (r *BatchRun) isOver(ctx context.Context, params client.Params, opts []client.CallOption) bool {
	now, err := r.client.Call(ctx, "retrieveBatch", params, r.with(opts)...)
	if err != nil {
		return false
	}
	states, err := extension.ReadWait(now.Operation())
	return err == nil && states != nil && !slices.Contains(states.Pending, now.Get(states.State).String())
}

// Results waits for the batches, one after the other, and yields what became of each
// call: of a batch in the order in which its calls were added. Every call of a batch is
// yielded once, also when its batch has failed, expired or was cancelled: then Err says so.
// Lines of the output that belong to no call come last, with a *BatchLineError as Err.
//
// The error of the iteration is not that of a call: a wait that failed, or a file that could
// not be downloaded. It ends the iteration. Files are downloaded to a temporary folder,
// which goes when the iteration ends, so that results take no more memory than one line.
// Ranging again starts over.
//
// The calls are read from the Batch that started the run, or, where that is closed or
// was in another process, from the input file on the server. Where that is gone as well,
// results come in the order of the output, and calls without a result are not noticed.
//
// The options are those of Wait, of the downloads, and of the responses, which are
// validated in the tier of WithResponseValidation.
func (r *BatchRun) Results(ctx context.Context, opts ...client.CallOption) iter.Seq2[BatchResult, error] {
	return func(yield func(BatchResult, error) bool) {
		for _, job := range r.jobs {
			out, err := r.open(ctx, job, opts)
			if err != nil {
				yield(BatchResult{BatchID: job.id}, err)
				return
			}
			more, err := yieldAll(out, yield)
			switch {
			case !more:
				return
			case err != nil:
				yield(BatchResult{BatchID: job.id}, err)
				return
			}
		}
	}
}

// yieldAll yields the results of one batch, and reports whether the loop wants more. The
// files are removed however the body of the loop ends, by a panic too.
func yieldAll(out *batchOutput, yield func(BatchResult, error) bool) (more bool, err error) {
	defer func() { err = out.close() }()
	for _, result := range out.results() {
		if !yield(result, nil) {
			return false, nil
		}
	}
	return true, nil
}

// InOrder is Results in the order in which the calls were added to the Batch, whatever
// batches they are in: it waits for all batches first. The order is known of the run that
// Start returned; one of ResumeBatch comes batch after batch, as Results does. Of each
// call about 100 bytes are in memory.
func (r *BatchRun) InOrder(ctx context.Context, opts ...client.CallOption) iter.Seq2[BatchResult, error] {
	known := func(job *batchJob) bool { return job.file != nil }
	if !slices.ContainsFunc(r.jobs, known) || len(r.jobs) == 1 {
		return r.Results(ctx, opts...)
	}
	return func(yield func(BatchResult, error) bool) {
		if id, err := r.yieldInOrder(ctx, opts, yield); err != nil {
			yield(BatchResult{BatchID: id}, err)
		}
	}
}

// yieldInOrder yields the results of all batches, and returns what failed, with the first
// batch that it is about. There is no error where the loop has been left. The files are
// removed as in yieldAll.
func (r *BatchRun) yieldInOrder(ctx context.Context, opts []client.CallOption, yield func(BatchResult, error) bool) (id string, err error) {
	var outputs []*batchOutput
	left := false
	defer func() {
		for _, out := range outputs {
			failed := out.close()
			if failed == nil || left {
				continue
			}
			if err == nil {
				id, err = out.job.id, failed
				continue
			}
			err = errors.Join(err, failed)
		}
	}()
	for _, job := range r.jobs {
		out, err := r.open(ctx, job, opts)
		if err != nil {
			return job.id, err
		}
		outputs = append(outputs, out)
	}
	for result := range merged(outputs) {
		if left = !yield(result, nil); left {
			break
		}
	}
	return "", nil
}

// merged yields the results of batches by the places of their calls.
func merged(outputs []*batchOutput) iter.Seq[BatchResult] {
	return func(yield func(BatchResult) bool) {
		type source struct {
			next   func() (int, BatchResult, bool)
			place  int
			result BatchResult
			ok     bool
		}
		sources := make([]*source, len(outputs))
		for i, out := range outputs {
			next, stop := iter.Pull2(out.results())
			defer stop()
			sources[i] = &source{next: next}
			sources[i].place, sources[i].result, sources[i].ok = next()
		}
		for {
			var first *source
			for _, s := range sources {
				if s.ok && (first == nil || s.place < first.place) {
					first = s
				}
			}
			if first == nil || !yield(first.result) {
				return
			}
			first.place, first.result, first.ok = first.next()
		}
	}
}
