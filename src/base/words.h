/* words.h - a choice, written as its words with a blank between, in the order of an enum. */
#ifndef BASE_WORDS_H
#define BASE_WORDS_H

#include <stddef.h>

/* Which of them it is, from 0; -1: none. */
int words_find(const char *words, const char *word);

/* The one at this place, which must be there, and its bytes: it does not end with a NUL. */
const char *words_at(const char *words, unsigned place, size_t *ret_bytes);

#endif
