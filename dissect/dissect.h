/*
 * dissect.h - SMB2 messages as trees of fields, in the specification's spelling.
 * Pure: bytes in, a bounded tree out; every byte is hostile.  [MS-SMB2] 2.2
 *
 *	struct tree *t = tree_new();
 *	tree_reset(t);
 *	dissect_element(t, element, &hint);	one message of a chain, header first
 *	text_line(…), text_tree(…) in text.h; json.h makes JSON of it
 */
#ifndef DISSECT_DISSECT_H
#define DISSECT_DISSECT_H

#include "base/cursor.h"
#include "dissect/layout.h"
#include "dissect/tree.h"

/*
 * Adds "Header" and "Body" to the tree's open group, and a note for everything
 * that is malformed.  element: header, body, padding; nothing behind it.  hint
 * may be NULL.
 */
void dissect_element(struct tree *, struct span element, const struct dissect_hint *);
/* Adds what does not start with an SMB2 header: SMB1, compressed, transform, unknown bytes. */
void dissect_other(struct tree *, struct span frame);

/*
 * The first message of a chain; *rest is what follows it, empty at the end.  A
 * NextCommand that makes no sense ends the chain: the element is then all of it.
 */
struct span dissect_split(struct span chain, struct span *ret_rest);

#endif
