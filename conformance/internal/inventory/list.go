package inventory

import (
	"context"
	"slices"
)

// defaultLimit and mostOfPage are those of the parameter limit, of which the generator makes no constants.
const (
	defaultLimit = 20
	mostOfPage   = 50
)

// ListBooks returns a page of the books.
func (s *server) ListBooks(_ context.Context, request ListBooksRequestObject) (ListBooksResponseObject, error) {
	p := request.Params
	limit, after := or(p.Limit, defaultLimit), 0
	checks := []check{
		{"listBooks.limit.minimum", "limit is at least 1", limit >= 1},
		{"listBooks.limit.maximum", "limit is at most 50", limit <= mostOfPage},
		{"listBooks.state.enum", "state is one of available, lent_out, reference", p.State == nil || p.State.Valid()},
	}
	if p.XLibrary != nil {
		checks = append(checks, checkLibrary("listBooks", *p.XLibrary)...)
	}
	if message := s.broken(checks...); message != "" {
		return ListBooks400JSONResponse(problem(ProblemCodeInvalidRequest, message)), nil
	}
	switch {
	case p.Limit == nil && s.fault.Name == "limit-default":
		limit = 10
	case limit < 1: // which the fault accepts
		limit = defaultLimit
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	if p.Marker != nil {
		after = numberOf(*p.Marker)
		known := after >= 1 && after <= s.serial
		if s.fault.Name == "marker-of-deleted" {
			known = s.find(*p.Marker) >= 0
		}
		if !known && s.fault.Name != "marker-unchecked" {
			return ListBooks400JSONResponse(problem(ProblemCodeUnknownMarker, "marker is the id of a book")), nil
		}
	}
	return s.page(p, limit, after), nil
}

// page returns the books after the one with that number.
func (s *server) page(p ListBooksParams, limit, after int) ListBooks200JSONResponse {
	if s.fault.Name == "page-repeats" {
		after--
	}
	books := slices.DeleteFunc(slices.Clone(s.books), func(b Book) bool {
		return numberOf(b.ID) <= after || p.State != nil && b.State != BookState(*p.State) ||
			p.XLibrary != nil && b.Library != *p.XLibrary
	})
	if s.fault.Name == "page-too-long" {
		limit++
	}
	shown := books[:min(limit, len(books))]
	answer := ListBooks200JSONResponse{Books: append([]Book{}, shown...)}
	if last := len(shown) - 1; len(books) > len(shown) || s.fault.Name == "next-when-full" && len(shown) == limit {
		answer.Next = &shown[last].ID
	}
	switch s.fault.Name {
	case "page-drops":
		if answer.Next != nil {
			answer.Next = &books[len(shown)].ID
		}
	case "page-backwards":
		slices.Reverse(answer.Books)
	case "next-never":
		answer.Next = nil
	}
	return answer
}
