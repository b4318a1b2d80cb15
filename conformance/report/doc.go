// Package report says what a run found.
//
// A [Report] holds a [Result] for every case. [Report.Verdict] draws the
// conclusion, which fails closed: what did not run, or was never selected,
// never counts as conforming. [WriteText] renders a report for a terminal; it
// reads nothing but the report, and shows whatever a target sent inertly, as
// quoted text.
package report
