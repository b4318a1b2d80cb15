package generator

import (
	"fmt"
	"strconv"
	"strings"
)

// defaultText returns the default of a parameter as Go, if it has one.
func (e *emitter) defaultText(s *shape) (string, bool) {
	if s == nil || s.schema.Default == nil {
		return "", false
	}
	if text := e.plan.exactDefault(s.schema); text != "" {
		return constantFor(s, "int", text), true
	}
	return goValue(s, s.schema.Default), true
}

// goValue returns a value as Go, of the type of the shape.
func goValue(s *shape, value any) string {
	switch v := value.(type) {
	case []any:
		texts := make([]string, len(v))
		for i, item := range v {
			texts[i] = goValue(s.item, item)
		}
		return s.goType + "{" + strings.Join(texts, ", ") + "}"
	case bool:
		return convert(s, "bool", strconv.FormatBool(v))
	case string:
		return constantFor(s, "string", strconv.Quote(v))
	case float64:
		return constantFor(s, "int", goNumber(v))
	}
	return fmt.Sprint(value)
}

// constantFor returns the constant of a literal of an enumeration, and any other literal in the type of the shape.
func constantFor(s *shape, from, literal string) string {
	for _, c := range s.values {
		if c.Literal == literal {
			return c.Name
		}
	}
	return convert(s, from, literal)
}
