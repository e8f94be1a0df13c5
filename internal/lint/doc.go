// Package lint holds the house rules as tests over the whole tree, its other modules
// included: who may import whom, how long a file may be, what a comment must say.
// It has no code besides.
//
// Each rule is one test, and its failure says where, what is asked for and how to give
// it. Each rule is also run over a small sample that breaks it, so that a rule that has
// stopped seeing anything is noticed.
//
//	layers_test.go      imports point downward, by the table in it
//	sizes_test.go       400 lines to a file, 60 to a function, a median of 120
//	comments_test.go    what is exported says what it does
//	locks_test.go       a lock says what it guards
//	goroutines_test.go  a goroutine has an owner and an end
//	waits_test.go       tests neither sleep nor skip
//	words_test.go       no notes to ourselves, no registries' hosts, no paths of a machine
//	links_test.go       links between the documents lead somewhere
package lint
