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

// The limits of what a report keeps of answers, which a target chooses the size
// of: a report that nobody can read, or not even the kit, is lost. Each is many
// times what the answers of an implementation need. Where one cuts, the report
// says so.
const (
	mostOfTexts     = 4 << 10  // bytes of the texts of a case, before they become brief
	mostDifferences = 32       // of a case
	mostFound       = 16 << 20 // bytes of the differences and notes of a run
	mostExchanged   = 12 << 20 // bytes of the answers of a run, beyond leastExchanged of each
	leastExchanged  = 256      // bytes of an answer that are always kept, and as many of its header
)

// room is what is left of a limit of a whole run. It is safe for concurrent use.
type room struct{ left atomic.Int64 }

func newRoom(bytes int64) *room {
	r := &room{}
	r.left.Store(bytes)
	return r
}

// take takes a number of bytes, and reports whether there were as many.
func (r *room) take(bytes int) bool {
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

func newRooms() rooms { return rooms{newRoom(mostFound), newRoom(mostExchanged)} }

// envelope is about what a difference has in JSON beside its texts.
const envelope = 300

// keep adds what an answer of a case shows to its result, as far as the limits
// go. Of too many differences, those that bind most are kept: they decide whether
// the case fails, and at which level.
func (r rooms) keep(result *report.Result, differences []report.Difference, notes []report.Difference, moreNotes int) {
	differences = append(result.Differences, differences...)
	notes = append(result.Notes, notes...)
	differences, more := most(differences, mostDifferences)
	notes, less := most(notes, judge.MostNotes)
	size, room := 0, mostOfTexts
	for _, list := range [][]report.Difference{differences, notes} {
		for i := range list {
			limit := excerpt.Most
			if room < 0 {
				limit = excerpt.Brief
			}
			bytes := excerpt.Difference(&list[i], limit)
			room -= bytes
			size += bytes + envelope
		}
	}
	if !r.found.take(size) {
		kept, dropped := most(differences, 1)
		for i := range kept {
			excerpt.Difference(&kept[i], excerpt.Brief)
		}
		less, more = less+len(notes), more+dropped
		differences, notes = kept, nil
	}
	result.Differences, result.MoreDifferences = differences, result.MoreDifferences+more
	result.Notes, result.MoreNotes = notes, result.MoreNotes+less+moreNotes
}

// most returns no more than a number of differences, those that bind most, in
// their order, and how many there are beside them.
func most(differences []report.Difference, number int) (kept []report.Difference, more int) {
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

// exchange shortens the answer of an exchange if the run has no room for the
// whole of it.
func (r rooms) exchange(e *report.Exchange) {
	e.Error = excerpt.Shorten(e.Error, excerpt.Most)
	size := max(0, excerpt.SizeInJSON(e.Answer)-leastExchanged)
	lists := []*[]string{&e.AnswerEarly, &e.AnswerHeader, &e.AnswerTrailer}
	header := excerpt.SizeInJSON(e.AnswerReason)
	for _, list := range lists {
		for _, field := range *list {
			header += excerpt.SizeInJSON(field)
		}
	}
	if r.exchanged.take(size + max(0, header-leastExchanged)) {
		return
	}
	if size > 0 {
		e.Cut = true
		if e.Encoding != "" { // of which four characters are three bytes
			e.Answer = strings.Clone(e.Answer[:leastExchanged])
		} else {
			e.Answer = excerpt.Shorten(e.Answer, leastExchanged)
		}
	}
	if header <= leastExchanged {
		return
	}
	e.Cut = true
	e.AnswerReason = excerpt.Shorten(e.AnswerReason, excerpt.Brief)
	for _, list := range lists {
		*list = fewFields(*list)
	}
}

// fewFields are the first header fields, and how many there are beside them.
func fewFields(fields []string) []string {
	left, kept := leastExchanged, []string(nil)
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
