/* cgroup_text.h - what the kernel writes about control groups.  Pure. */
#ifndef WORK_CGROUP_TEXT_H
#define WORK_CGROUP_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The path of the group of version 2 in `text`, as of /proc/PID/cgroup: where it begins and its bytes, without a slash at its end.
 * NULL if there is none, or it cannot be reached from here.
 */
const char *cgroup_text_path(const char *text, size_t *ret_bytes);

/* The number on the line that begins with `key`, as in cpu.stat.  -1: there is none. */
int64_t cgroup_text_value(const char *text, const char *key);

#endif
