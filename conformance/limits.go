package conformance

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"github.com/vpnconform/vpnconform/conformance/report"
)

// The limits of what a report keeps of answers, which a target chooses the size
// of: a report that nobody can read, or not even the kit, is lost. Each is many
// times what the answers of an implementation need. Where one cuts, the report
// says so.
const (
	mostOfText       = 1 << 10  // bytes of a text in a difference: a value, a place, a reason
	mostOfTexts      = 4 << 10  // bytes of the texts of a case, before they become brief
	brief            = 64       // bytes of a text that is brief
	mostDifferences  = 32       // of a case
	mostNotes        = 8        // of a case
	mostBrokenDuties = 2        // of a rule, by one answer
	mostFound        = 16 << 20 // bytes of the differences and notes of a run
	mostExchanged    = 12 << 20 // bytes of the answers of a run, beyond leastExchanged of each
	leastExchanged   = 256      // bytes of an answer that are always kept, and as many of its header
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

// inJSON is the number of bytes that a text has in JSON.
func inJSON(s string) int {
	n := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\' || c == '\n' || c == '\r' || c == '\t':
			n += 2
		case c < ' ' || c == 0xe2: // which U+2028 begins with
			n += 6
		default:
			n++
		}
	}
	return n
}

// shortened is the beginning of a text that has more than a number of bytes in
// JSON, and how many it has in all. It does not keep the whole text in memory.
func shortened(s string, most int) string {
	if len(s) <= most && inJSON(s) <= most {
		return s
	}
	end, size := 0, 0
	for end < len(s) {
		_, width := utf8.DecodeRuneInString(s[end:])
		if size += inJSON(s[end : end+width]); size > most {
			break
		}
		end += width
	}
	return strings.ToValidUTF8(s[:end], "\uFFFD") + fmt.Sprintf("... (%d bytes)", len(s))
}

// shorten shortens the texts of a difference, and returns how many bytes they have.
func shorten(d *report.Difference, most int) int {
	size := 0
	for _, text := range []*string{&d.Pointer, &d.Want, &d.Got} {
		*text = shortened(*text, most)
		size += inJSON(*text)
	}
	d.Why = shortened(d.Why, max(most, 4*brief)) // mostly a sentence of the document
	return size + inJSON(d.Why)
}

// envelope is about what a difference has in JSON beside its texts.
const envelope = 300

// keep adds what an answer of a case shows to its result, as far as the limits
// go. Of too many differences, those that bind most are kept: they decide whether
// the case fails, and at which level.
func (r rooms) keep(result *report.Result, differences []report.Difference, notes []report.Difference, moreNotes int) {
	differences = append(result.Differences, differences...)
	notes = append(result.Notes, notes...)
	differences, more := most(differences, mostDifferences)
	notes, less := most(notes, mostNotes)
	size, room := 0, mostOfTexts
	for _, list := range [][]report.Difference{differences, notes} {
		for i := range list {
			limit := mostOfText
			if room < 0 {
				limit = brief
			}
			bytes := shorten(&list[i], limit)
			room -= bytes
			size += bytes + envelope
		}
	}
	if !r.found.take(size) {
		kept, dropped := most(differences, 1)
		for i := range kept {
			shorten(&kept[i], brief)
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
	slices.SortStableFunc(binding, func(a, b int) int { return rank(differences[a].Level) - rank(differences[b].Level) })
	binding = binding[:number]
	slices.Sort(binding)
	for _, i := range binding {
		kept = append(kept, differences[i])
	}
	return kept, len(differences) - number
}

// fewOfEach returns the first few differences of each rule.
func fewOfEach(duties []report.Difference) []report.Difference {
	seen := map[string]int{}
	return slices.DeleteFunc(duties, func(d report.Difference) bool {
		seen[d.Rule]++
		return seen[d.Rule] > mostBrokenDuties
	})
}

// exchange shortens the answer of an exchange if the run has no room for the
// whole of it.
func (r rooms) exchange(e *report.Exchange) {
	e.Error = shortened(e.Error, mostOfText)
	size := max(0, inJSON(e.Answer)-leastExchanged)
	lists := []*[]string{&e.AnswerEarly, &e.AnswerHeader, &e.AnswerTrailer}
	header := inJSON(e.AnswerReason)
	for _, list := range lists {
		for _, field := range *list {
			header += inJSON(field)
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
			e.Answer = shortened(e.Answer, leastExchanged)
		}
	}
	if header <= leastExchanged {
		return
	}
	e.Cut = true
	e.AnswerReason = shortened(e.AnswerReason, brief)
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
		field = shortened(field, left)
		left -= inJSON(field)
		kept = append(kept, field)
	}
	if more := len(fields) - len(kept); more > 0 {
		kept = append(kept, fmt.Sprintf("...: %d more fields", more))
	}
	return kept
}
