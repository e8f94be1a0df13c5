package mizu

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
)

// BodyJSON reads the request's body, one JSON value of at most 1 MiB, into v, a pointer, and blocks until it
// is there. Its errors are for the handler to return: 415 where the Content-Type is not JSON (a form on a
// foreign page can send anything but that), 413 where the body is too large, 400 where it is not JSON or
// does not fit v. Fields that v does not have are ignored.
func (c *Ctx) BodyJSON(v any) error {
	t, _, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if err != nil || t != "application/json" && !strings.HasSuffix(t, "+json") { // RFC 6839, section 3.1
		return Error(http.StatusUnsupportedMediaType, "the body's Content-Type is not JSON: send application/json")
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, 1<<20))
	switch tooLarge := new(http.MaxBytesError); {
	case errors.As(err, &tooLarge):
		return Error(http.StatusRequestEntityTooLarge, "the body has more than 1 MiB: send less")
	case err != nil:
		return Error(http.StatusBadRequest, "the body broke off: send it again")
	case len(body) == 0:
		return Error(http.StatusBadRequest, "the body is empty: send a JSON value")
	}
	err = json.Unmarshal(body, v)
	wrongKind, notPointer := new(json.UnmarshalTypeError), new(json.InvalidUnmarshalError)
	switch {
	case err == nil || errors.As(err, &notPointer): // the program's mistake, not the client's
		return err
	case errors.As(err, &wrongKind):
		where := strings.TrimSuffix("body."+wrongKind.Field, ".")
		err = fmt.Errorf("%s is a JSON %s where %s is wanted", where, wrongKind.Value, wrongKind.Type)
	}
	return Error(http.StatusBadRequest, "the body does not fit: "+err.Error())
}
