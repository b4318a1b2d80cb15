package inventory

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// Fault is one deliberate mistake. Those without a rule to ignore, a request and an answer to change are made where the
// name stands in the server.
type Fault struct {
	Name string // such as title-unbounded
	Says string // what such a server does

	ignores string              // id of the rule that is not enforced
	request func(*http.Request) // changes a request before it is read
	answer  func(*answer)       // changes an answer before it is sent
}

// Faults lists the deliberate mistakes. It is not to be changed.
var Faults = []Fault{
	// What is to be refused is accepted.
	{Name: "title-unbounded", Says: "accepts a title of more than 80 characters", ignores: "NewBook.title.maxLength"},
	{Name: "title-empty", Says: "accepts an empty title", ignores: "NewBook.title.minLength"},
	{Name: "title-changed-unbounded", Says: "accepts a longer title in a change", ignores: "BookChanges.title.maxLength"},
	{Name: "subtitle-unbounded", Says: "accepts a subtitle of more than 120 characters", ignores: "NewBook.subtitle.maxLength"},
	{Name: "isbn-open", Says: "accepts any text as isbn", ignores: "NewBook.isbn.pattern"},
	{Name: "isbn-optional", Says: "accepts a book without isbn", ignores: "NewBook.isbn.required"},
	{Name: "language-open", Says: "accepts any language", ignores: "NewBook.language.enum"},
	{Name: "copies-unbounded", Says: "accepts more than 99 copies", ignores: "NewBook.copies.maximum"},
	{Name: "board-unbounded", Says: "accepts a board beyond the 40th", ignores: "Shelf.board.maximum"},
	{Name: "authors-unbounded", Says: "accepts more than 5 authors", ignores: "NewBook.authors.maxItems"},
	{Name: "author-unbounded", Says: "accepts an author of more than 60 characters", ignores: "NewBook.authors.items.maxLength"},
	{Name: "shelf-open", Says: "accepts further members of shelf", ignores: "Shelf.additionalProperties"},
	{Name: "create-unchecked", Says: "adds a book with more copies lent than there are", ignores: "NewBook.lent-within-copies"},
	{Name: "update-unchecked", Says: "holds lent against copies when a book is added, and not when it is changed", ignores: "BookChanges.lent-within-copies"},
	{Name: "update-unmerged", Says: "holds lent against copies in the change alone, not in the book as it is afterwards"},
	{Name: "library-unchecked", Says: "adds a book with any X-Library", ignores: "createBook.X-Library.pattern"},
	{Name: "library-unbounded", Says: "adds a book with an X-Library of more than 12 characters", ignores: "createBook.X-Library.maxLength"},
	{Name: "library-optional", Says: "adds a book without X-Library", request: func(r *http.Request) {
		if r.Method == http.MethodPost && r.Header.Get("X-Library") == "" {
			r.Header.Set("X-Library", "main")
		}
	}},
	{Name: "limit-above", Says: "accepts a limit above 50", ignores: "listBooks.limit.maximum"},
	{Name: "limit-below", Says: "takes a limit below 1 for none", ignores: "listBooks.limit.minimum"},
	{Name: "state-open", Says: "lists nothing for a state that there is not", ignores: "listBooks.state.enum"},
	{Name: "marker-unchecked", Says: "begins at the first book for a marker that it never gave"},

	// What is accepted is not carried out as asked.
	{Name: "null-refused", Says: "refuses a book whose subtitle is null"},
	{Name: "null-ignored", Says: "keeps the subtitle when it is changed to null"},
	{Name: "default-forgotten", Says: "leaves the language empty when none was sent"},
	{Name: "id-twice", Says: "gives the second book the id of the first"},
	{Name: "id-reused", Says: "numbers a new book by how many there are, which after a deletion is the id of another"},
	{Name: "get-another", Says: "shows the last book, whichever was asked for"},
	{Name: "update-resets", Says: "gives members that a change does not have their defaults"},
	{Name: "update-creates", Says: "adds the book that a change does not find"},
	{Name: "update-forgotten", Says: "shows the changed book and keeps the old one"},
	{Name: "state-kept", Says: "leaves the state as it was when a book is changed"},
	{Name: "created-at-moves", Says: "sets created_at when a book is changed"},
	{Name: "updated-at-kept", Says: "leaves updated_at as it was when a book is changed"},
	{Name: "delete-nothing", Says: "says that the book is gone, and keeps it"},
	{Name: "delete-missing", Says: "says of any book that it is gone, even of one that never was"},

	// Lists.
	{Name: "limit-ignored", Says: "ignores limit", request: without("limit")},
	{Name: "limit-default", Says: "has pages of 10 books when there is no limit", request: func(r *http.Request) {
		if query := r.URL.Query(); !query.Has("limit") {
			query.Set("limit", "10")
			r.URL.RawQuery = query.Encode()
		}
	}},
	{Name: "marker-ignored", Says: "ignores marker", request: without("marker")},
	{Name: "marker-of-deleted", Says: "refuses the marker of a book that is deleted"},
	{Name: "state-ignored", Says: "ignores the filter by state", request: without("state")},
	{Name: "library-ignored", Says: "ignores the filter by library", request: func(r *http.Request) {
		if r.Method == http.MethodGet {
			r.Header.Del("X-Library")
		}
	}},
	{Name: "page-too-long", Says: "has one book more on a page than limit"},
	{Name: "page-drops", Says: "leaves out a book between two pages"},
	{Name: "page-repeats", Says: "begins a page with the last book of the page before"},
	{Name: "page-backwards", Says: "lists the books of a page from the last to the first"},
	{Name: "next-when-full", Says: "names a next page after the last one, if that is full"},
	{Name: "next-never", Says: "names no next page"},

	// Answers.
	{Name: "created-200", Says: "adds a book with status 200", answer: status(http.StatusCreated, http.StatusOK)},
	{Name: "location-missing", Says: "has no Location", answer: func(a *answer) { a.header.Del("Location") }},
	{Name: "location-relative", Says: "has a Location that is the id alone", answer: func(a *answer) {
		if at := a.header.Get("Location"); at != "" {
			a.header.Set("Location", strings.TrimPrefix(at, "/books/"))
		}
	}},
	{Name: "deleted-200", Says: "removes a book with status 200 and null", answer: on(http.StatusNoContent, func(a *answer) {
		a.replace(http.StatusOK, nil)
	})},
	{Name: "missing-null", Says: "answers status 200 and null for what is not there", answer: on(http.StatusNotFound, func(a *answer) {
		a.replace(http.StatusOK, nil)
	})},
	{Name: "missing-400", Says: "answers status 400 for what is not there", answer: status(http.StatusNotFound, http.StatusBadRequest)},
	{Name: "refused-500", Says: "refuses with status 500", answer: status(http.StatusBadRequest, http.StatusInternalServerError)},
	{Name: "refused-text", Says: "refuses in plain text", answer: on(http.StatusBadRequest, func(a *answer) {
		a.header.Set("Content-Type", "text/plain; charset=utf-8")
		a.body.Reset()
		a.body.WriteString("bad request\n")
	})},
	{Name: "refused-flat", Says: "refuses without the member error around code and message", answer: on(http.StatusBadRequest, func(a *answer) {
		var body map[string]any
		if json.Unmarshal(a.body.Bytes(), &body) == nil {
			a.replace(a.status, body["error"])
		}
	})},
	{Name: "content-type-text", Says: "sends JSON as text/plain", answer: func(a *answer) {
		if a.body.Len() > 0 {
			a.header.Set("Content-Type", "text/plain; charset=utf-8")
		}
	}},
	{Name: "book-bare", Says: "shows a book without the member book around it", answer: func(a *answer) {
		var body map[string]any
		if json.Unmarshal(a.body.Bytes(), &body) == nil && body["book"] != nil {
			a.replace(a.status, body["book"])
		}
	}},
	{Name: "title-lower-case", Says: "shows the title in lower case", answer: books(func(book map[string]any) {
		book["title"] = strings.ToLower(book["title"].(string))
	})},
	{Name: "subtitle-absent", Says: "leaves out a subtitle that is null", answer: books(func(book map[string]any) {
		if book["subtitle"] == nil {
			delete(book, "subtitle")
		}
	})},
	{Name: "copies-text", Says: "shows copies as a text", answer: books(func(book map[string]any) {
		book["copies"] = book["copies"].(json.Number).String()
	})},
	{Name: "authors-null", Says: "shows null for no authors", answer: books(func(book map[string]any) {
		if len(book["authors"].([]any)) == 0 {
			book["authors"] = nil
		}
	})},
	{Name: "authors-reversed", Says: "shows the authors from the last to the first", answer: books(func(book map[string]any) {
		slices.Reverse(book["authors"].([]any))
	})},
	{Name: "state-unlisted", Says: "calls the state lent_out lent", answer: books(func(book map[string]any) {
		if book["state"] == string(BookStateLentOut) {
			book["state"] = "lent"
		}
	})},
	{Name: "created-at-date", Says: "shows created_at as a date without time", answer: books(func(book map[string]any) {
		book["created_at"], _, _ = strings.Cut(book["created_at"].(string), "T")
	})},
}

// without returns a change that takes a parameter out of the query.
func without(parameter string) func(*http.Request) {
	return func(r *http.Request) {
		query := r.URL.Query()
		query.Del(parameter)
		r.URL.RawQuery = query.Encode()
	}
}

// on returns a change of the answers that have a status.
func on(status int, change func(*answer)) func(*answer) {
	return func(a *answer) {
		if a.status == status {
			change(a)
		}
	}
}

// status returns a change of one status to another.
func status(from, to int) func(*answer) { return on(from, func(a *answer) { a.status = to }) }

// books returns a change of every book in an answer.
func books(change func(map[string]any)) func(*answer) {
	return func(a *answer) {
		var body map[string]any
		decoder := json.NewDecoder(bytes.NewReader(a.body.Bytes()))
		decoder.UseNumber()
		if decoder.Decode(&body) != nil {
			return
		}
		if book, ok := body["book"].(map[string]any); ok {
			change(book)
		}
		list, _ := body["books"].([]any)
		for _, book := range list {
			change(book.(map[string]any))
		}
		a.replace(a.status, body)
	}
}
