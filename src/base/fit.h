/* fit.h - printing into a place of fixed size: what does not fit is cut at a character's border (UTF-8). */
#ifndef BASE_FIT_H
#define BASE_FIT_H

#include <stdarg.h>
#include <stddef.h>

/* Print to the `size` (1..) bytes at `text`, its NUL included. */
void fit_print(char *text, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
void fit_vprint(char *text, size_t size, const char *format, va_list args)
	__attribute__((format(printf, 3, 0)));

#endif
