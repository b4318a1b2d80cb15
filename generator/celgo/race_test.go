//go:build race

package celgo_test

const raceDetector = true
