package report

import (
	"fmt"
	"strings"
)

// commandLines are the lines of the command that repeats a request, inert. A command with
// a here-document has three, of which the last two begin at the start of a line: the shell
// would send leading blanks. Any other command is one line, so that a report cannot smuggle
// lines of its own into another.
func commandLines(curl string) []string {
	lines := strings.Split(curl, "\n")
	if len(lines) != 3 || !strings.HasSuffix(lines[0], " <<'EOF'") || lines[2] != "EOF" {
		return []string{Inert(curl)}
	}
	return []string{Inert(lines[0]), Inert(lines[1]), lines[2]}
}

// mostCommand is the greatest size of a command that is shown where texts are shortened. A
// part of a command would be another command.
const mostCommand = 16 << 10

// shownCommand is a command, or a sentence instead of a long one.
func shownCommand(curl string) string {
	if len(curl) > mostCommand {
		return fmt.Sprintf("the curl command has %d bytes: it is in the JSON report", len(curl))
	}
	return strings.Join(commandLines(curl), "\n")
}

// curlLines say how to repeat a request; none if it has no command.
func curlLines(curl string) []string {
	switch {
	case curl == "":
		return nil
	case len(curl) > mostCommand:
		return []string{shownCommand(curl)}
	}
	return []string{"repeat it with (secrets masked)", "  " + shownCommand(curl)}
}
