package inventory

import (
	"context"
	"slices"
)

// defaultLimit is that of the parameter limit, of which the generator makes no constant.
const defaultLimit = 20

// ListBooks returns a page of the books.
func (s *server) ListBooks(_ context.Context, request ListBooksRequestObject) (ListBooksResponseObject, error) {
	p := request.Params
	limit, after := *p.Limit, 0 // it has a default
	if limit < 1 {              // which the fault accepts
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
