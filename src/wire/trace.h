/* trace.h - W3C Trace Context: what of it is passed on as it came. */
#ifndef WIRE_TRACE_H
#define WIRE_TRACE_H

#include <stdbool.h>

#define TRACE_STATE_MAX 512 /* bytes; who has more may be cut off, by the specification */

/* Section 3.2 of the specification; of a version that is not known yet, what has to hold of any. */
bool trace_parent_valid(const char *text);

/* Visible characters of ASCII and blanks, of the right length; what is in it is its writers' own. */
bool trace_state_valid(const char *text);

#endif
