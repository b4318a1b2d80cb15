// Package browser opens the HTML page of a report in a headless Chromium, and
// imports its HAR into the network panel of that browser's own developer tools.
// It is a module of its own, so that nobody who uses the kit loads a browser's
// driver; all that it has is tests.
//
// They skip only if no Chromium is found. What axe-core finds is asked of the
// copy in AXE_CORE, the path of its axe.min.js, which make browser installs;
// without it that test fails. SCREENSHOTS names a directory for pictures of the
// pages.
package browser
