/* abort.h - contract breaches end the process with a message; always compiled in. */
#ifndef PEN_LIB_ABORT_H
#define PEN_LIB_ABORT_H

_Noreturn void pen__abort(const char *file, int line, const char *what);

/* `what` tells the caller what they did wrong. */
#define PEN__REQUIRE(cond, what) \
	do { \
		if (__builtin_expect(!(cond), 0)) \
			pen__abort(__FILE__, __LINE__, what); \
	} while (0)

#endif
