// Package report says what a run found.
//
// A [Report] holds a [Result] for every case. [Report.Verdict] draws the
// conclusion, which fails closed: what did not run, or was never selected,
// never counts as conforming.
//
// [WriteJSON] keeps everything, [ReadJSON] reads it back only whole, and
// [Schema] describes it. The other formats are rendered from a report and read
// nothing else: [WriteText] for a terminal, [WriteMarkdown] and [WriteGitHub]
// for a pull request, [WriteJUnit] and [WriteTAP] for the tools of a build,
// and [WriteHAR] for the exchanges. They show whatever a target sent inertly,
// escaped for their format, and shorten what is long; a format that knows of
// tests only shows a failure if, and only if, the verdict is not [Conforms].
//
// [Compare] says what changed from one report to another, and which changes are
// regressions. [WriteComparison] and the functions named after it render that.
package report
