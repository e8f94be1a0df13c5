package host

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// DataBytes is the length of Data.
const DataBytes = 100

// Data returns data of 100 bytes that holds number i, from 0 to 899,999,999.
func Data(i int) []byte {
	data := fmt.Appendf(make([]byte, 0, DataBytes), `{"n":%d,"pad":"`, 100_000_000+i)
	data = append(data, bytes.Repeat([]byte("x"), DataBytes-2-len(data))...)
	return append(data, `"}`...)
}

// Number returns a number of the request's query, 0 where it has none.
func Number(r *http.Request, name string) int {
	n, _ := strconv.Atoi(r.URL.Query().Get(name))
	return n
}

// Order is a handler that does something and answers with the text it returns, or with 500 and its error.
func Order(do func(*http.Request) (string, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, err := do(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		_, _ = io.WriteString(w, text)
	})
}
