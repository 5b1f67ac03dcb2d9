/* prefer.h - the Prefer header of RFC 7240, as far as it is understood here. */
#ifndef HTTP_PREFER_H
#define HTTP_PREFER_H

#include <stdint.h>

enum { PREFER_WAIT_MAX_S = 86400 }; /* more is taken for this */

/* The seconds of the wait preference in one such header; 0 where there is none, or it is no number.  Others are not for us. */
uint64_t prefer_wait(const char *prefer);

#endif
