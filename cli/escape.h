/*
 * escape.h - foreign text for a terminal: nothing that a peer chose steers it.
 * Control bytes, DEL, bytes that are not UTF-8, C1 controls, and the marks
 * that turn the writing direction or are no character at all become \xNN.
 */
#ifndef CLI_ESCAPE_H
#define CLI_ESCAPE_H

#include <stddef.h>

/* Length of the harmless UTF-8 character at s; 0: its first byte has to be escaped. */
size_t harmless(const char *s);
/* Appends s to buf of n bytes as far as it fits; "\\" becomes \x5c.  Returns buf. */
const char *escape_add(char *buf, size_t n, const char *s);
/* The whole of it on stdout; spaces of a name stay. */
void escape_put(const char *s);

#endif
