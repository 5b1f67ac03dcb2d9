/* serve.h - commands are started as the daemon asks for them. */
#ifndef EXEC_SERVE_H
#define EXEC_SERVE_H

#include <stdbool.h>

/* Until the daemon has closed its end of the socket, which ends the process. */
_Noreturn void serve(void);

#endif
