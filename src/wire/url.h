/* url.h - is it an absolute http or https URL that a client could call? */
#ifndef WIRE_URL_H
#define WIRE_URL_H

#include <stddef.h>

/* NULL when it is; else what is wrong, for people. */
const char *url_fault(const char *url);

/* Where in `url` its user and password stand, without the '@'; 0 bytes when it has none. */
const char *url_userinfo(const char *url, size_t *ret_bytes);

/*
 * What of a URL without fault says where it goes, in lower case and with its port, to be freed; NULL: no memory.  It is only a name: of
 * two ways to write one host it makes two.
 */
char *url_endpoint(const char *url);

#endif
