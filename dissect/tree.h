/*
 * tree.h - a bounded tree of named fields: what a dissected packet is, before
 * anybody prints it.
 *
 * Values borrow from the packet, names are static strings, so a tree allocates
 * nothing after tree_new() and holds at most TREE_NODES nodes; what comes
 * after them is counted, not kept.  Not for: I/O, knowledge of any protocol.
 */
#ifndef DISSECT_TREE_H
#define DISSECT_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"

#define TREE_NODES 16384
#define TREE_DEPTH 16
#define TREE_TEXT  4096	/* of all notes */

enum node_kind {
	NODE_GROUP,
	NODE_LIST,	/* a group whose children have no names */
	NODE_NUMBER,
	NODE_TIME,	/* a FILETIME */
	NODE_UTF16,	/* little-endian, as it was on the wire */
	NODE_ASCII,
	NODE_BYTES,
	NODE_GUID,
	NODE_SID,
	NODE_ADDRESS,	/* IPv4 or IPv6, by its length */
	NODE_NOTE,	/* text of ours: why the packet is malformed */
};

/* What a number stands for: exact values, or bits. */
struct value_name {
	uint64_t value;
	const char *name;
};

struct names {
	bool bits;
	bool hex;	/* print the number as such */
	size_t n;
	const struct value_name *rows;
	const char *(*find)(uint64_t);	/* instead of rows; NULL from it: no name */
};

struct node {
	const char *name;	/* the specification's spelling; NULL in a list */
	enum node_kind kind;
	uint8_t width;		/* of a number, in bytes */
	bool in_line;		/* belongs into the line that sums up the packet */
	bool derived;		/* another view of bytes that stand before it */
	const struct names *names;
	uint64_t number;
	struct span bytes;
	struct node *child, *last, *next;
};

struct tree {
	size_t n;
	size_t lost;		/* nodes that found no room */
	unsigned depth;
	bool malformed;
	size_t text_n;
	struct node *open[TREE_DEPTH];
	struct node spill;	/* where lost nodes are written to */
	char text[TREE_TEXT];
	struct node nodes[TREE_NODES];
};

struct tree *tree_new(void);	/* never NULL */
void tree_drop(struct tree *);	/* NULL is fine */
DEFINE_CLEANUP(struct tree, tree_drop)
/* Empty but for its root, a group without a name. */
void tree_reset(struct tree *);
const struct node *tree_root(const struct tree *);

/* Each adds to the group that was opened last, and returns the node to be marked. */
struct node *tree_open(struct tree *, const char *name, enum node_kind);
void tree_close(struct tree *);
struct node *tree_number(struct tree *, const char *name, unsigned width, uint64_t,
			 const struct names *);
struct node *tree_bytes(struct tree *, const char *name, enum node_kind, struct span);
/* A note that starts with what is wrong; the packet counts as malformed from here on. */
void tree_malformed(struct tree *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The name of an exact value; NULL if there is none. */
const char *names_find(const struct names *, uint64_t);
/* The first child of that name, or NULL. */
const struct node *node_child(const struct node *, const char *name);

#endif
