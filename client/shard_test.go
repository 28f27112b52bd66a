package client_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/opcall/opcall/client"
)

// TestShardHashIsTheDocumentedOne: 0x2c26b46b68ffc68f begins the SHA-256 of "foo".
func TestShardHashIsTheDocumentedOne(t *testing.T) {
	t.Parallel()
	for _, count := range []int{1, 2, 3, 7, 1000} {
		want := int(uint64(0x2c26b46b68ffc68f) % uint64(count))
		for i := range count {
			if has := (client.Shard{Index: i, Count: count}).Has("foo"); has != (i == want) {
				t.Errorf("shard %d/%d has foo: %v, want shard %d to have it", i, count, has, want)
			}
		}
	}
}

func TestParseShardRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "1", "1/", "/2", "2/2", "-1/2", "0/0", "0/-1", "a/b", "1/2/3", " 0/2"} {
		if got, err := client.ParseShard(text); err == nil {
			t.Errorf("%q: got %v, want an error", text, got)
		}
	}
	if got, err := client.ParseShard("2/3"); err != nil || got != (client.Shard{Index: 2, Count: 3}) || got.String() != "2/3" {
		t.Errorf("2/3: got %v, %v", got, err)
	}
}

func TestShardFromEnvironment(t *testing.T) {
	const slurm = "SLURM_ARRAY_TASK_"
	for name, test := range map[string]struct {
		environment map[string]string
		count       int
		want        string // the shard, or a part of the error
	}{
		"nothing":              {nil, 4, client.ErrNoShard.Error()},
		"negative count":       {nil, -1, "count of -1"},
		"kubernetes":           {map[string]string{"JOB_COMPLETION_INDEX": "3"}, 4, "3/4"},
		"kubernetes, no count": {map[string]string{"JOB_COMPLETION_INDEX": "3"}, 0, "spec.completions"},
		"kubernetes, beyond":   {map[string]string{"JOB_COMPLETION_INDEX": "4"}, 4, "want 0 to 3"},
		"kubernetes, empty":    {map[string]string{"JOB_COMPLETION_INDEX": ""}, 4, `got ""`},
		"kubernetes, -1":       {map[string]string{"JOB_COMPLETION_INDEX": "-1"}, 4, `got "-1"`},
		"kubernetes, huge":     {map[string]string{"JOB_COMPLETION_INDEX": "99999999999999999999"}, 4, "want a number"},
		"slurm":                {map[string]string{slurm + "ID": "0", slurm + "COUNT": "3", slurm + "MIN": "0", slurm + "MAX": "2"}, 0, "0/3"},
		"slurm from 1":         {map[string]string{slurm + "ID": "3", slurm + "COUNT": "3", slurm + "MIN": "1", slurm + "MAX": "3"}, 3, "2/3"},
		"slurm in steps":       {map[string]string{slurm + "ID": "7", slurm + "COUNT": "4", slurm + "MIN": "1", slurm + "MAX": "10", slurm + "STEP": "3"}, 0, "2/4"},
		"slurm, uneven end":    {map[string]string{slurm + "ID": "7", slurm + "COUNT": "3", slurm + "MIN": "1", slurm + "MAX": "9", slurm + "STEP": "3"}, 0, "2/3"},
		"slurm between steps":  {map[string]string{slurm + "ID": "6", slurm + "COUNT": "4", slurm + "MIN": "1", slurm + "MAX": "10", slurm + "STEP": "3"}, 0, "ID is 6"},
		"slurm with gaps":      {map[string]string{slurm + "ID": "1", slurm + "COUNT": "3", slurm + "MIN": "1", slurm + "MAX": "7"}, 0, "gaps"},
		"slurm, other count":   {map[string]string{slurm + "ID": "0", slurm + "COUNT": "3", slurm + "MIN": "0"}, 4, "the count is given as 4"},
		"slurm, beyond":        {map[string]string{slurm + "ID": "3", slurm + "COUNT": "3", slurm + "MIN": "0"}, 0, "ID is 3"},
		"slurm, no count":      {map[string]string{slurm + "ID": "0", slurm + "MIN": "0"}, 0, "COUNT is not set"},
		"slurm, no minimum":    {map[string]string{slurm + "ID": "0", slurm + "COUNT": "1"}, 0, "MIN is not set"},
		"slurm, step 0":        {map[string]string{slurm + "ID": "0", slurm + "COUNT": "1", slurm + "MIN": "0", slurm + "STEP": "0"}, 0, `got "0"`},
		"slurm, words":         {map[string]string{slurm + "ID": "first", slurm + "COUNT": "x", slurm + "MIN": "0"}, 0, `got "first"`},
	} {
		t.Run(name, func(t *testing.T) {
			for name, value := range test.environment {
				t.Setenv(name, value)
			}
			got, err := client.ShardFromEnvironment(test.count)
			switch {
			case err == nil && got.String() != test.want:
				t.Errorf("got %v, want %s", got, test.want)
			case err != nil && !strings.Contains(err.Error(), test.want):
				t.Errorf("got error %v, want one with %q", err, test.want)
			case errors.Is(err, client.ErrNoShard) != (name == "nothing"):
				t.Errorf("got error %v", err)
			}
		})
	}
}
