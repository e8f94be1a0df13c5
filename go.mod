module github.com/livetopics/live

go 1.26
