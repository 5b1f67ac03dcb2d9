/* fd.h - descriptors that are closed with their scope. */
#ifndef BASE_FD_H
#define BASE_FD_H

#include <unistd.h>

/* Close (-1: nothing) and keep errno.  Returns -1, for `fd = fd_close(fd)`. */
int fd_close(int fd);

/* For CLEANUP(): close and set to -1. */
void fd_closep(int *fd);

#endif
