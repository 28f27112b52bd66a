package near

// maxFolded bounds the names whose letters are compared.
const maxFolded = 128

// alignment measures the optimal string alignment distance (insert, delete,
// replace, swap neighbours) of names from one of at most maxFolded bytes.
type alignment struct {
	from   []byte
	places [256]uint64 // of each byte in from, a bit each, where from has at most 64
}

// begin sets the name that distances are measured from.
func (a *alignment) begin(from []byte) {
	a.from = from
	if len(from) <= 64 {
		for i, c := range from {
			a.places[c] |= 1 << i
		}
	}
}

// end forgets the name.
func (a *alignment) end() {
	if len(a.from) <= 64 {
		for _, c := range a.from {
			a.places[c] = 0
		}
	}
	a.from = nil
}

// to returns the distance to a name, or something over limit where it is larger
// than that.
func (a *alignment) to(name []byte, limit int) int {
	// What both begin with costs nothing, and the names of a document often begin alike.
	same := 0
	for same < len(name) && same < len(a.from) && name[same] == a.from[same] {
		same++
	}
	name = name[same:]
	switch {
	case len(a.from) == same:
		return len(name)
	case len(a.from) <= 64:
		return a.byColumns(name, same)
	}
	return byRows(a.from[same:], name, limit)
}

// cells is how many steps it takes at most to measure a name.
func (a *alignment) cells(name []byte) int {
	if len(a.from) <= 64 {
		return len(name)
	}
	return len(a.from) * len(name)
}

// byColumns computes a column of the table at a time, each cell as its
// difference from the one above, a bit of up or down (Hyyrö, A bit-vector
// algorithm for computing Levenshtein and Damerau edit distances, 2003). The name is
// compared with from without its first letters.
func (a *alignment) byColumns(name []byte, without int) int {
	distance := len(a.from) - without
	last := uint64(1) << (distance - 1)
	up, down := ^uint64(0), uint64(0)
	diagonal, before := uint64(0), uint64(0) // cells that cost no more than the one before them; the places of the letter before
	for _, c := range name {
		here := a.places[c] >> without
		swapped := (^diagonal & here) << 1 & before
		diagonal = ((here & up) + up) ^ up | here | down | swapped
		right, left := down|^(diagonal|up), diagonal&up
		if right&last != 0 {
			distance++
		}
		if left&last != 0 {
			distance--
		}
		right = right<<1 | 1
		up, down = left<<1|^(diagonal|right), right&diagonal
		before = here
	}
	return distance
}

// byRows fills the table row by row, until a row has nothing within the limit.
func byRows(from, name []byte, limit int) int {
	var rows [3][maxFolded + 1]uint8
	before, prev, cur := &rows[0], &rows[1], &rows[2]
	for j := range len(name) + 1 {
		prev[j] = uint8(j)
	}
	for i := 1; i <= len(from); i++ {
		cur[0] = uint8(i)
		best := cur[0]
		for j := 1; j <= len(name); j++ {
			cost := uint8(1)
			if from[i-1] == name[j-1] {
				cost = 0
			}
			d := min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && from[i-1] == name[j-2] && from[i-2] == name[j-1] {
				d = min(d, before[j-2]+1)
			}
			cur[j] = d
			best = min(best, d)
		}
		if int(best) > limit {
			return limit + 1
		}
		before, prev, cur = prev, cur, before
	}
	return int(prev[len(name)])
}
