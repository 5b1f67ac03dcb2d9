/* fd.h - descriptors: closing with the scope, and whole reads and writes. */
#ifndef BASE_FD_H
#define BASE_FD_H

#include <stddef.h>
#include <unistd.h>

/* Close and set to -1; keeps errno; -1 is allowed. */
int fd_close(int fd); /* returns -1, for `fd = fd_close(fd)` */
void fd_closep(int *fd);

#endif
