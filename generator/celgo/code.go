package celgo

import (
	"fmt"
	"strings"
)

// code is a Go expression: an operand, or an operator with its arguments.
type code struct {
	text string // of an operand
	op   string // of an operation
	args []code
}

// precedence is the precedence of the operators in Go; an operand binds most.
var precedence = map[string]int{
	"||": 1, "&&": 2, "==": 3, "!=": 3, "<": 3, "<=": 3, ">": 3, ">=": 3, "+": 4, "-": 4, "*": 5, "/": 5, "%": 5, "!": 6, "": 7,
}

// opposite is the operator with the opposite result. For doubles it would not be so at NaN, which JSON does not have.
var opposite = map[string]string{
	"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">", "&&": "||", "||": "&&",
}

func operand(format string, args ...any) code { return code{text: fmt.Sprintf(format, args...)} }

// operation applies an operator. && and || take any number of arguments; with one it is the argument itself.
func operation(op string, args ...code) code {
	if op != "&&" && op != "||" {
		return code{op: op, args: args}
	}
	if len(args) == 1 {
		return args[0]
	}
	c := code{op: op}
	for _, arg := range args {
		if arg.op == op {
			c.args = append(c.args, arg.args...)
		} else {
			c.args = append(c.args, arg)
		}
	}
	return c
}

// not returns the negation, moved inwards as far as possible.
func (c code) not() code {
	switch {
	case c.op == "!":
		return c.args[0]
	case c.op == "&&" || c.op == "||":
		args := make([]code, len(c.args))
		for i, arg := range c.args {
			args[i] = arg.not()
		}
		return operation(opposite[c.op], args...)
	case opposite[c.op] != "":
		return operation(opposite[c.op], c.args...)
	case c.text == "true":
		return code{text: "false"}
	case c.text == "false":
		return code{text: "true"}
	}
	return operation("!", c)
}

// String returns the expression on one line.
func (c code) String() string { return c.join(" " + c.op + " ") }

// breakLines returns the expression, with one argument a line if it is too long.
func (c code) breakLines(room int) string {
	text := c.String()
	if len(text) <= room || c.op != "&&" && c.op != "||" {
		return text
	}
	return c.join(" " + c.op + "\n")
}

func (c code) join(separator string) string {
	switch {
	case c.op == "":
		return c.text
	case len(c.args) == 1:
		return c.op + c.args[0].asArgument(precedence["!"])
	}
	texts := make([]string, len(c.args))
	for i, arg := range c.args {
		least := precedence[c.op] + 1
		if i == 0 && least > 4 { // a - b - c
			least--
		}
		texts[i] = arg.asArgument(least)
	}
	return strings.Join(texts, separator)
}

// asArgument returns the expression, in parentheses if its precedence is less than wanted.
func (c code) asArgument(least int) string {
	if precedence[c.op] < least {
		return "(" + c.String() + ")"
	}
	return c.String()
}
