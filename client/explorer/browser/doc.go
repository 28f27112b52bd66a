// Package browser tests the explorer's page in a headless Chromium. It is a module of
// its own, so that whoever imports the page does not depend on what drives a browser.
//
//	go -C client/explorer/browser test ./...
//
// Chromium is looked for under its usual names; OPCALL_CHROMIUM names another program.
// Without one the tests fail. OPCALL_SCREENSHOTS names a folder for pictures of the page
// in both themes.
package browser
