package conformance

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/vpnconform/vpnconform/conformance/internal/excerpt"
	"github.com/vpnconform/vpnconform/conformance/internal/judge"
	"github.com/vpnconform/vpnconform/conformance/report"
)

// The limits of what a report keeps of answers, whose size a target chooses. A report
// that is too large to be read is lost. Each limit is many times what the answers of an
// implementation need. Where a limit cuts, the report says so.
const (
	mostTextBytes    = 4 << 10  // bytes of the texts of a case, before they become brief
	mostDifferences  = 32       // of a case
	mostFoundBytes   = 16 << 20 // bytes of the differences and notes of a run
	mostAnswerBytes  = 12 << 20 // bytes of the answers of a run, beyond leastExchanged of each
	leastAnswerBytes = 256      // bytes of an answer that are always kept, and as many of its header
)

// room is the rest of a limit of a whole run. It is safe for concurrent use.
type room struct{ left atomic.Int64 }

// newRoom returns a room of a number of bytes.
func newRoom(bytes int64) *room {
	r := &room{}
	r.left.Store(bytes)
	return r
}

// reserve takes a number of bytes, and reports whether there were enough.
func (r *room) reserve(bytes int) bool {
	if bytes <= 0 {
		return true
	}
	if r.left.Add(-int64(bytes)) >= 0 {
		return true
	}
	r.left.Add(int64(bytes))
	return false
}

// rooms are the limits of a run.
type rooms struct{ found, exchanged *room }

// newRooms returns the limits of a run, unused.
func newRooms() rooms { return rooms{newRoom(mostFoundBytes), newRoom(mostAnswerBytes)} }

// differenceOverhead is roughly the size in JSON of a difference without its texts.
const differenceOverhead = 300

// keep adds the findings of an answer to the result of its case, within the limits. Of
// too many differences it keeps the most binding: they decide whether the case fails,
// and at which level.
func (r rooms) keep(result *report.Result, differences []report.Difference, notes []report.Difference, moreNotes int) {
	differences = append(result.Differences, differences...)
	notes = append(result.Notes, notes...)
	differences, more := keepMostBinding(differences, mostDifferences)
	notes, less := keepMostBinding(notes, judge.MostNotes)
	size, room := 0, mostTextBytes
	for _, list := range [][]report.Difference{differences, notes} {
		for i := range list {
			limit := excerpt.Most
			if room < 0 {
				limit = excerpt.Brief
			}
			bytes := excerpt.Difference(&list[i], limit)
			room -= bytes
			size += bytes + differenceOverhead
		}
	}
	if !r.found.reserve(size) {
		kept, dropped := keepMostBinding(differences, 1)
		for i := range kept {
			excerpt.Difference(&kept[i], excerpt.Brief)
		}
		less, more = less+len(notes), more+dropped
		differences, notes = kept, nil
	}
	result.Differences, result.MoreDifferences = differences, result.MoreDifferences+more
	result.Notes, result.MoreNotes = notes, result.MoreNotes+less+moreNotes
}

// keepMostBinding returns at most a number of differences, the most binding ones in their
// order, and how many it left out.
func keepMostBinding(differences []report.Difference, number int) (kept []report.Difference, more int) {
	if len(differences) <= number {
		return differences, 0
	}
	binding := make([]int, len(differences)) // positions
	for i := range binding {
		binding[i] = i
	}
	slices.SortStableFunc(binding, func(a, b int) int { return judge.Rank(differences[a].Level) - judge.Rank(differences[b].Level) })
	binding = binding[:number]
	slices.Sort(binding)
	for _, i := range binding {
		kept = append(kept, differences[i])
	}
	return kept, len(differences) - number
}

// shortenExchange shortens the answer of an exchange if the run has no room for all of
// it.
func (r rooms) shortenExchange(e *report.Exchange) {
	e.Error = excerpt.Shorten(e.Error, excerpt.Most)
	size := max(0, excerpt.SizeInJSON(e.Answer)-leastAnswerBytes)
	lists := []*[]string{&e.AnswerEarly, &e.AnswerHeader, &e.AnswerTrailer}
	header := excerpt.SizeInJSON(e.AnswerReason)
	for _, list := range lists {
		for _, field := range *list {
			header += excerpt.SizeInJSON(field)
		}
	}
	if r.exchanged.reserve(size + max(0, header-leastAnswerBytes)) {
		return
	}
	if size > 0 {
		e.Cut = true
		if e.Encoding != "" { // a multiple of four characters stays decodable
			e.Answer = strings.Clone(e.Answer[:leastAnswerBytes])
		} else {
			e.Answer = excerpt.Shorten(e.Answer, leastAnswerBytes)
		}
	}
	if header <= leastAnswerBytes {
		return
	}
	e.Cut = true
	e.AnswerReason = excerpt.Shorten(e.AnswerReason, excerpt.Brief)
	for _, list := range lists {
		*list = shortenFields(*list)
	}
}

// shortenFields keeps the first header fields, and says how many it left out.
func shortenFields(fields []string) []string {
	left, kept := leastAnswerBytes, []string(nil)
	for _, field := range fields {
		if left <= 0 {
			break
		}
		field = excerpt.Shorten(field, left)
		left -= excerpt.SizeInJSON(field)
		kept = append(kept, field)
	}
	if more := len(fields) - len(kept); more > 0 {
		kept = append(kept, fmt.Sprintf("...: %d more fields", more))
	}
	return kept
}
