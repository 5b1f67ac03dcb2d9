/* log.h - a command's log as text: one record a line, and what of it the result document has when the job has ended. */
#ifndef WIRE_LOG_H
#define WIRE_LOG_H

#include "base/buf.h"
#include "core/log_record.h"
#include "core/outcome.h"

/* Append a record and its newline; 0 or -ENOMEM. */
int wire_write_log(struct buf *out, const struct log_record *record);

/*
 * For the client: read one such line, and give what the record's data is in, to be freed.  An unknown one is a LOG_OUTPUT of nothing.
 * 0, -EINVAL or -ENOMEM.
 */
int wire_read_log(const char *text, size_t bytes, struct log_record *ret_record, char **ret_data);

/*
 * Read the outputs back from the result document of a command job, into the command's result in a zeroed outcome; it has
 * none if the document has none.  0, -EINVAL or -ENOMEM.
 */
int wire_read_outputs(const char *text, size_t bytes, struct outcome *ret_outcome);

#endif
