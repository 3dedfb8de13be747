/*
 * text.h - a tree as text for people: one line, or indented.  What a peer chose
 * is quoted, and nothing in it can steer a terminal.
 */
#ifndef DISSECT_TEXT_H
#define DISSECT_TEXT_H

#include <stddef.h>

#include "dissect/tree.h"

/* Where the text goes, piece by piece. */
struct text {
	void (*put)(void *ctx, const char *s, size_t n);
	void *ctx;
	size_t bytes_max;	/* of one value, when printed in hexadecimal; more are counted */
};

/* One message, a group with "Header" and "Body" (or another single group), without newline. */
void text_line(const struct text *, const struct node *message);
/* All nodes below n, each on a line of its own, indented by two blanks a level. */
void text_tree(const struct text *, const struct node *n, unsigned indent);

/* One value as either of them shows it; brief: without the names of single bits. */
void text_value(const struct text *, const struct node *, bool brief);
void text_put(const struct text *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
