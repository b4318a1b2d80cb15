//go:build !race

package celgo_test

const raceDetector = false
