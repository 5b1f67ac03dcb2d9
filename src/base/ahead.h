/* ahead.h - memory for what is made by the thousand and kept: asked of the system for many at a time. */
#ifndef BASE_AHEAD_H
#define BASE_AHEAD_H

/*
 * To be called once for each such thing, by the thread that makes it.  The C library lets the heap of a thread grow page by page, and
 * the first use of each page is a fault; that can cost as much as all else that is done for the thing.  So each 256th call has the
 * heap grow by 256 KiB at once, with its pages present.  Where there is no memory nothing is done.
 */
void ahead_ask(void);

#endif
