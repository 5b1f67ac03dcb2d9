/* explain.h - why a job is not running now, in JSON. */
#ifndef WIRE_EXPLAIN_H
#define WIRE_EXPLAIN_H

#include "base/buf.h"
#include "core/explanation.h"

/* Append the document of GET /jobs/<id>/explain; 0 or -ENOMEM. */
int wire_write_explanation(struct buf *out, const struct explanation *explanation);

#endif
