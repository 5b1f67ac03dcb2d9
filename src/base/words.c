/* words.c - see words.h. */
#include "base/words.h"

#include <string.h>

static const char *next(const char *word)
{
	word += strcspn(word, " ");
	return word + strspn(word, " ");
}

int words_find(const char *words, const char *text)
{
	size_t bytes = strlen(text);
	int place = 0;

	for (const char *word = words; *word; word = next(word), place++)
		if (strcspn(word, " ") == bytes && memcmp(word, text, bytes) == 0)
			return place;
	return -1;
}

const char *words_at(const char *words, unsigned place, size_t *ret_bytes)
{
	while (place-- > 0)
		words = next(words);
	*ret_bytes = strcspn(words, " ");
	return words;
}
