// Package rows is a table of figures of ours and of what stands beside them, with medians, ratios and targets.
package rows
