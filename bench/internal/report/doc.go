// Package report turns the samples of a run into one table: medians, their ratio to this project's, the
// targets, and whatever makes a figure doubtful. It is values alone: no clock, no files.
package report
