/* list.c - see list.h. */
#include "base/list.h"

#include <stdlib.h>

size_t list_length(char *const *list)
{
	size_t n = 0;

	while (list && list[n])
		n++;
	return n;
}

void list_free(char **list)
{
	for (char **element = list; element && *element; element++)
		free(*element);
	free(list);
}
