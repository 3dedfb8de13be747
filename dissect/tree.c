/*
 * tree.c - nodes from one array, linked in the order they came.
 */
#include "dissect/tree.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fatal.h"

struct tree *
tree_new(void)
{
	struct tree *t = malloc(sizeof *t);

	if (!t)
		fatal("out of memory");
	tree_reset(t);
	return t;
}

void
tree_drop(struct tree *t)
{
	free(t);
}

void
tree_reset(struct tree *t)
{
	t->n	     = 1;
	t->lost	     = 0;
	t->depth     = 1;
	t->malformed = false;
	t->text_n    = 0;
	t->nodes[0]  = (struct node){ .kind = NODE_GROUP };
	t->open[0]   = &t->nodes[0];
}

const struct node *
tree_root(const struct tree *t)
{
	return &t->nodes[0];
}

static struct node *
node_add(struct tree *t, struct node n)
{
	struct node *parent = t->open[t->depth - 1];
	struct node *at;

	if (t->n == TREE_NODES || parent == &t->spill) {
		t->lost++;
		t->spill = n;
		return &t->spill;
	}
	at  = &t->nodes[t->n++];
	*at = n;
	if (parent->last)
		parent->last->next = at;
	else
		parent->child = at;
	parent->last = at;
	return at;
}

/* Depth is our own tables' doing: no packet nests deeper than they do. */
struct node *
tree_open(struct tree *t, const char *name, enum node_kind kind)
{
	struct node *n = node_add(t, (struct node){ .name = name, .kind = kind });

	ENSURE(t->depth < TREE_DEPTH);
	t->open[t->depth++] = n;
	return n;
}

void
tree_close(struct tree *t)
{
	ENSURE(t->depth > 1);
	t->depth--;
}

struct node *
tree_number(struct tree *t, const char *name, unsigned width, uint64_t v,
	    const struct names *names)
{
	return node_add(t, (struct node){ .name	  = name,
					  .kind	  = NODE_NUMBER,
					  .width  = (uint8_t)width,
					  .number = v,
					  .names  = names });
}

struct node *
tree_bytes(struct tree *t, const char *name, enum node_kind kind, struct span s)
{
	return node_add(t, (struct node){ .name = name, .kind = kind, .bytes = s });
}

void
tree_malformed(struct tree *t, const char *fmt, ...)
{
	char *at    = t->text + t->text_n;
	size_t room = sizeof t->text - t->text_n;
	va_list ap;
	int n;

	t->malformed = true;
	if (room < 2)
		return;
	va_start(ap, fmt);
	n = vsnprintf(at, room, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	t->text_n += (size_t)n < room ? (size_t)n + 1 : room;
	(void)tree_bytes(t, "malformed", NODE_NOTE, SPAN_STR(at));
}

const char *
names_find(const struct names *names, uint64_t v)
{
	if (!names)
		return NULL;
	if (names->find)
		return names->find(v);
	for (size_t i = 0; i < names->n; i++) {
		if (names->rows[i].value == v)
			return names->rows[i].name;
	}
	return NULL;
}

const struct node *
node_child(const struct node *n, const char *name)
{
	for (n = n->child; n; n = n->next) {
		if (n->name && strcmp(n->name, name) == 0)
			return n;
	}
	return NULL;
}
