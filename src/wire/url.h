/* url.h - is it an absolute http or https URL that a client could call? */
#ifndef WIRE_URL_H
#define WIRE_URL_H

#include <stddef.h>

/* NULL when it is; else what is wrong, for people. */
const char *url_fault(const char *url);

/* Where in `url` its user and password stand, without the '@'; 0 bytes when it has none. */
const char *url_userinfo(const char *url, size_t *ret_bytes);

#endif
