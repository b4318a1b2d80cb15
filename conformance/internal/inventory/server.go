package inventory

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"sync"
	"time"
)

// New returns a handler that serves the document from memory, with the fault of [Faults] that has that name; without
// any if it is empty. A name that is in no row is a mistake of the caller: every request is answered with status 500.
func New(fault string) http.Handler { return newServer(fault, time.Now) }

// server keeps the books in memory. It is safe for concurrent use.
type server struct {
	fault Fault
	now   func() time.Time
	mux   http.Handler

	mu     sync.Mutex
	books  []Book // in the order in which they were added; what a book refers to is replaced, never changed
	serial int    // the number in the last identifier
}

func newServer(fault string, now func() time.Time) http.Handler {
	s := &server{now: now}
	if fault != "" {
		i := slices.IndexFunc(Faults, func(f Fault) bool { return f.Name == fault })
		if i < 0 {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				http.Error(w, fmt.Sprintf("no fault is called %q", fault), http.StatusInternalServerError)
			})
		}
		s.fault = Faults[i]
	}
	s.mux = Handler(NewStrictHandlerWithOptions(s, nil, StrictHTTPServerOptions{RequestErrorHandlerFunc: s.refuse}))
	return s
}

// bodyKey is the key of the request's body in its context. The generated types do not tell null from absent.
type bodyKey struct{}

// ServeHTTP answers a request.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a := &answer{status: http.StatusOK, header: http.Header{}}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case err != nil:
		a.refuse(http.StatusBadRequest, ProblemCodeInvalidRequest, "the body cannot be read")
	case len(body) > 0 && kind != "application/json":
		a.refuse(http.StatusBadRequest, ProblemCodeInvalidRequest, "Content-Type is application/json")
	default:
		r = r.Clone(context.WithValue(r.Context(), bodyKey{}, body))
		r.Body = io.NopCloser(bytes.NewReader(body))
		if s.fault.request != nil {
			s.fault.request(r)
		}
		s.mux.ServeHTTP(a, r)
		s.unrouted(a)
	}
	if s.fault.answer != nil {
		s.fault.answer(a)
	}
	a.send(w)
}

// unrouted puts what the router answers itself into the documented form.
func (s *server) unrouted(a *answer) {
	if kind, _, _ := mime.ParseMediaType(a.header.Get("Content-Type")); kind != "text/plain" {
		return
	}
	switch a.status {
	case http.StatusNotFound:
		a.refuse(a.status, ProblemCodeNotFound, "there is nothing at this path")
	case http.StatusMethodNotAllowed:
		a.refuse(a.status, ProblemCodeNoSuchMethod, "the method is one of "+a.header.Get("Allow"))
	}
}

// refuse answers a request that the generated code refuses, unless the fault ignores the rules that it breaks.
func (s *server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if violations := (Violations)(nil); errors.As(err, &violations) {
		rest := slices.DeleteFunc(slices.Clone(violations), func(v Violation) bool { return v.Rule == s.fault.ignores })
		if len(rest) == 0 && s.serveUnchecked(w, r) == nil {
			return
		}
	}
	refuse(w, r, err)
}

// serveUnchecked carries out a request that breaks a rule.
func (s *server) serveUnchecked(w http.ResponseWriter, r *http.Request) error {
	if r.Method == http.MethodGet {
		request, _ := readListBooksParameters(r)
		response, _ := s.ListBooks(r.Context(), request)
		return response.VisitListBooksResponse(w)
	}
	body := r.Context().Value(bodyKey{}).([]byte)
	if r.Method == http.MethodPost {
		request, _ := readCreateBookParameters(r)
		if err := json.Unmarshal(body, &request.Body); err != nil {
			return err
		}
		response, _ := s.CreateBook(r.Context(), request)
		return response.VisitCreateBookResponse(w)
	}
	request, _ := readUpdateBookParameters(r)
	if err := json.Unmarshal(body, &request.Body); err != nil {
		return err
	}
	response, _ := s.UpdateBook(r.Context(), request)
	return response.VisitUpdateBookResponse(w)
}

// CreateBook adds a book.
func (s *server) CreateBook(ctx context.Context, request CreateBookRequestObject) (CreateBookResponseObject, error) {
	sent := request.Body.Book
	if s.fault.Name == "null-refused" && sent.Subtitle == nil && sendsSubtitle(ctx) {
		return CreateBook400JSONResponse(problem(ProblemCodeInvalidRequest, "subtitle is a string")), nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now().UTC()
	book := Book{
		ID: s.identify(), Library: request.Params.XLibrary, CreatedAt: now, UpdatedAt: now,
		Title: sent.Title, Subtitle: sent.Subtitle, Isbn: sent.Isbn, Shelf: sent.Shelf, Authors: list(sent.Authors),
		Language:      BookLanguage(or(sent.Language, s.defaultLanguage())),
		Copies:        or(sent.Copies, DefaultNewBookCopies),
		Lent:          or(sent.Lent, DefaultNewBookLent),
		ReferenceOnly: or(sent.ReferenceOnly, DefaultNewBookReferenceOnly),
	}
	book.State = stateOf(book)
	s.books = append(s.books, book)
	return CreateBook201JSONResponse{
		Body: BookResponse{Book: book}, Headers: CreateBook201ResponseHeaders{Location: "/books/" + book.ID},
	}, nil
}

// identify returns the identifier of a new book.
func (s *server) identify() string {
	switch {
	case s.fault.Name == "id-twice" && s.serial%2 == 1 && len(s.books) == s.serial:
		return identifier(s.serial)
	case s.fault.Name == "id-reused":
		s.serial = len(s.books)
	}
	s.serial++
	return identifier(s.serial)
}

func (s *server) defaultLanguage() NewBookLanguage {
	if s.fault.Name == "default-forgotten" {
		return ""
	}
	return DefaultNewBookLanguage
}

// GetBook shows a book.
func (s *server) GetBook(_ context.Context, request GetBookRequestObject) (GetBookResponseObject, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.find(request.BookID)
	if i < 0 {
		return GetBook404JSONResponse(missing(request.BookID)), nil
	}
	if s.fault.Name == "get-another" {
		i = len(s.books) - 1
	}
	return GetBook200JSONResponse{Book: s.books[i]}, nil
}

// UpdateBook changes the members of a book that were sent.
func (s *server) UpdateBook(ctx context.Context, request UpdateBookRequestObject) (UpdateBookResponseObject, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.find(request.BookID)
	if i < 0 && s.fault.Name == "update-creates" {
		i = len(s.books)
		s.books = append(s.books, Book{ID: request.BookID, Language: BookLanguageEn, CreatedAt: s.now().UTC()})
	}
	if i < 0 {
		return UpdateBook404JSONResponse(missing(request.BookID)), nil
	}
	book := s.changed(s.books[i], request.Body.Book, sendsSubtitle(ctx))
	if book.Lent > book.Copies && s.fault.Name != "update-unmerged" && s.fault.ignores != "BookChanges.lent-within-copies" {
		return UpdateBook400JSONResponse(problem(ProblemCodeInvalidRequest, "lent is at most copies")), nil
	}
	if s.fault.Name != "update-forgotten" {
		s.books[i] = book
	}
	return UpdateBook200JSONResponse{Book: book}, nil
}

// changed returns a book with the members that were sent.
func (s *server) changed(book Book, sent BookChanges, subtitle bool) Book {
	if s.fault.Name == "update-resets" {
		book.Subtitle, book.Copies, book.Lent, book.ReferenceOnly, book.Authors = nil, DefaultNewBookCopies, DefaultNewBookLent, false, nil
	}
	if subtitle && (sent.Subtitle != nil || s.fault.Name != "null-ignored") {
		book.Subtitle = sent.Subtitle
	}
	if sent.Authors != nil {
		book.Authors = sent.Authors
	}
	book.Authors = list(book.Authors)
	book.Title = or(sent.Title, book.Title)
	book.Copies = or(sent.Copies, book.Copies)
	book.Lent = or(sent.Lent, book.Lent)
	book.ReferenceOnly = or(sent.ReferenceOnly, book.ReferenceOnly)
	book.Shelf = or(sent.Shelf, book.Shelf)
	if s.fault.Name != "state-kept" {
		book.State = stateOf(book)
	}
	if s.fault.Name != "updated-at-kept" {
		book.UpdatedAt = s.now().UTC()
	}
	if s.fault.Name == "created-at-moves" {
		book.CreatedAt = book.UpdatedAt
	}
	return book
}

// DeleteBook removes a book.
func (s *server) DeleteBook(_ context.Context, request DeleteBookRequestObject) (DeleteBookResponseObject, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.find(request.BookID)
	switch {
	case i >= 0 && s.fault.Name != "delete-nothing":
		s.books = slices.Delete(s.books, i, i+1)
	case i < 0 && s.fault.Name != "delete-missing":
		return DeleteBook404JSONResponse(missing(request.BookID)), nil
	}
	return DeleteBook204Response{}, nil
}

// find returns the place of a book, -1 if there is none.
func (s *server) find(id string) int {
	return slices.IndexFunc(s.books, func(b Book) bool { return b.ID == id })
}

func missing(id string) ErrorResponse { return problem(ProblemCodeNotFound, "there is no book "+id) }

// identifier returns the identifier of the book with that number.
func identifier(serial int) string { return fmt.Sprintf("bk-%08x", serial) }

// numberOf returns the number in an identifier, 0 if it is none.
func numberOf(id string) int {
	var serial int
	if _, err := fmt.Sscanf(id, "bk-%x", &serial); err != nil || identifier(serial) != id {
		return 0
	}
	return serial
}

// stateOf returns the state of a book.
func stateOf(b Book) BookState {
	switch {
	case b.ReferenceOnly:
		return BookStateReference
	case b.Lent < b.Copies:
		return BookStateAvailable
	}
	return BookStateLentOut
}

// sendsSubtitle reports whether a request has a subtitle, which may be null.
func sendsSubtitle(ctx context.Context) bool {
	var sent struct{ Book map[string]json.RawMessage }
	body, _ := ctx.Value(bodyKey{}).([]byte)
	if json.Unmarshal(body, &sent) != nil {
		return false
	}
	_, ok := sent.Book["subtitle"]
	return ok
}

// or returns what was sent, otherwise another value.
func or[T any](sent *T, otherwise T) T { return *cmp.Or(sent, &otherwise) }

// list returns a list that is shown as one, however empty.
func list(items []string) []string { return append([]string{}, items...) }
