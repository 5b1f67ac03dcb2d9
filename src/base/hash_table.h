/* hash_table.h - uthash, for which no memory is no reason to end the program: what it had no room for is not in the table. */
#ifndef BASE_HASH_TABLE_H
#define BASE_HASH_TABLE_H

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

/* After HASH_ADD...() by this handle: whether there was room. */
#define HASH_ADDED(hh, element) ((element)->hh.tbl != NULL)

#endif
