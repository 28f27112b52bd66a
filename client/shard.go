package client

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// Shard is a part of the calls of a job that is split over several processes: the calls
// whose hash, modulo Count, is Index. The hash is the first 8 bytes of the SHA-256 of the
// ID, as a big-endian number: it is the same on every machine and in every version. The
// zero Shard is all calls.
type Shard struct {
	Index int // from 0
	Count int
}

// Has reports whether the call with an ID belongs to the shard.
func (s Shard) Has(id string) bool {
	if s.Count <= 1 {
		return true
	}
	sum := sha256.Sum256([]byte(id))
	return s.has(sum)
}

func (s Shard) has(sum [sha256.Size]byte) bool {
	return s.Count <= 1 || binary.BigEndian.Uint64(sum[:8])%uint64(s.Count) == uint64(s.Index)
}

// String is the form that ParseShard reads: "0/4" is the first of four.
func (s Shard) String() string { return strconv.Itoa(s.Index) + "/" + strconv.Itoa(max(1, s.Count)) }

func (s Shard) check() error {
	switch {
	case s == Shard{}:
		return nil
	case s.Count < 1:
		return fmt.Errorf("shard: got %d shards, want 1 or more", s.Count)
	case s.Index < 0 || s.Index >= s.Count:
		return fmt.Errorf("shard: got index %d of %d shards, want 0 to %d", s.Index, s.Count, s.Count-1)
	}
	return nil
}

// ParseShard reads "INDEX/COUNT", with an index from 0.
func ParseShard(text string) (Shard, error) {
	index, count, ok := strings.Cut(text, "/")
	i, wrongIndex := strconv.Atoi(index)
	n, wrongCount := strconv.Atoi(count)
	if !ok || wrongIndex != nil || wrongCount != nil {
		return Shard{}, fmt.Errorf("shard: got %.80q, want INDEX/COUNT such as 0/4", text)
	}
	s := Shard{Index: i, Count: n}
	if n == 0 {
		return Shard{}, errors.New("shard: got 0 shards, want 1 or more")
	}
	return s, s.check()
}

// ErrNoShard says that the environment names no shard.
var ErrNoShard = errors.New("shard: neither JOB_COMPLETION_INDEX nor SLURM_ARRAY_TASK_ID is set")

// ShardFromEnvironment returns the shard of a process that is one of a Kubernetes indexed
// Job or of a Slurm array job.
//
// JOB_COMPLETION_INDEX is the index in Kubernetes, which does not say how many there are:
// count is the Job's spec.completions. Of an array job, SLURM_ARRAY_TASK_ID is counted from
// SLURM_ARRAY_TASK_MIN in steps of SLURM_ARRAY_TASK_STEP, and SLURM_ARRAY_TASK_COUNT says
// how many there are; a count above 0 has to agree with it. An array with gaps, such as
// 1,2,7, is an error of all its tasks.
//
// The error is ErrNoShard where neither is set.
func ShardFromEnvironment(count int) (Shard, error) {
	if count < 0 {
		return Shard{}, fmt.Errorf("shard: got a count of %d, want 0 or more", count)
	}
	if _, ok := os.LookupEnv("JOB_COMPLETION_INDEX"); ok {
		return kubernetesShard(count)
	}
	if _, ok := os.LookupEnv("SLURM_ARRAY_TASK_ID"); ok {
		return slurmShard(count)
	}
	return Shard{}, ErrNoShard
}

func kubernetesShard(count int) (Shard, error) {
	index, err := environmentNumber("JOB_COMPLETION_INDEX", 0)
	switch {
	case err != nil:
		return Shard{}, err
	case count == 0:
		return Shard{}, errors.New("shard: JOB_COMPLETION_INDEX is set, which does not say how many shards there are: give the Job's spec.completions as the count")
	case index >= count:
		return Shard{}, fmt.Errorf("shard: JOB_COMPLETION_INDEX is %d of %d shards, want 0 to %d", index, count, count-1)
	}
	return Shard{Index: index, Count: count}, nil
}

func slurmShard(count int) (Shard, error) {
	const prefix = "SLURM_ARRAY_TASK_"
	id, err := environmentNumber(prefix+"ID", 0)
	tasks, wrong := environmentNumber(prefix+"COUNT", 1)
	err = errors.Join(err, wrong)
	first, wrong := environmentNumber(prefix+"MIN", 0)
	err = errors.Join(err, wrong)
	step := 1
	if _, ok := os.LookupEnv(prefix + "STEP"); ok {
		step, wrong = environmentNumber(prefix+"STEP", 1)
		err = errors.Join(err, wrong)
	}
	if err != nil {
		return Shard{}, err
	}
	last := first + (tasks-1)*step
	if _, ok := os.LookupEnv(prefix + "MAX"); ok {
		if last, err = environmentNumber(prefix+"MAX", 0); err != nil {
			return Shard{}, err
		}
	}
	switch {
	case count > 0 && count != tasks:
		return Shard{}, fmt.Errorf("shard: SLURM_ARRAY_TASK_COUNT is %d, and the count is given as %d", tasks, count)
	case last < first || (last-first)/step+1 != tasks:
		return Shard{}, fmt.Errorf("shard: the array has %d tasks from %d to %d in steps of %d: one with gaps has no shards", tasks, first, last, step)
	case id < first || id > last || (id-first)%step != 0:
		return Shard{}, fmt.Errorf("shard: SLURM_ARRAY_TASK_ID is %d, want one of %d to %d in steps of %d", id, first, last, step)
	}
	return Shard{Index: (id - first) / step, Count: tasks}, nil
}

// environmentNumber reads a variable of at least the given number.
func environmentNumber(name string, least int) (int, error) {
	text, ok := os.LookupEnv(name)
	if !ok {
		return 0, fmt.Errorf("shard: %s is not set", name)
	}
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 32)
	if err != nil || int(n) < least {
		return 0, fmt.Errorf("shard: %s: got %.40q, want a number from %d", name, text, least)
	}
	return int(n), nil
}
