// Package report says what a run found.
//
// A [Report] has a [Result] for every case. [Report.Verdict] draws the conclusion, which
// fails closed: a case that did not run, or was never selected, never counts as
// conforming.
//
// [Causes] lists what differs, once each, whatever the number of cases that show it. Every
// format for people begins with the causes.
//
// [WriteJSON] keeps everything, [ReadJSON] refuses a report that is not whole, and
// [Schema] describes the JSON. The other formats are rendered from a report and read
// nothing else: [WriteText] for a terminal, [WriteHTML] for a browser, [WriteMarkdown] and
// [WriteGitHub] for a pull request, [WriteJUnit] and [WriteTAP] for the tools of a build,
// and [WriteHAR] for the exchanges. They escape the texts of a target for their format and
// shorten long ones. A format that knows only tests shows a failure if, and only if, the
// verdict is not [Conforms].
//
// [Compare] lists what changed from one report to another, and which changes are
// regressions. [WriteComparison] and the functions named after it render that.
package report
