/*
 * walk.c - fixed fields through a layout into the tree.  What is there is shown even
 * if what follows is not: each function notes where it had to stop.
 */
#include "dissect/layout.h"

#include "dissect/names.h"

unsigned
field_width(enum field_type t)
{
	switch (t) {
	case FIELD_U8:
		return 1;
	case FIELD_U16:
		return 2;
	case FIELD_U32:
		return 4;
	case FIELD_U64:
	case FIELD_TIME:
		return 8;
	case FIELD_FID:
	case FIELD_GUID:
	case FIELD_KEY:
		return 16;
	case FIELD_RESUME:
		return 24;
	}
	return 0;
}

uint64_t
walk_value(const struct walk *w, const char *name)
{
	for (size_t i = 0; i < w->n_read; i++) {
		if (strcmp(w->layout->fields[i].name, name) == 0)
			return w->values[i];
	}
	return 0;
}

static uint64_t
number_read(struct rd *r, unsigned width)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < width; i++)
		v |= (uint64_t)rd_u8(r) << (8 * i);
	return v;
}

static struct node *
fid_add(struct tree *t, const char *name, struct rd *r)
{
	struct node *n = tree_open(t, name, NODE_GROUP);

	(void)tree_number(t, "Persistent", 8, rd_u64(r), &names_hex);
	(void)tree_number(t, "Volatile", 8, rd_u64(r), &names_hex);
	tree_close(t);
	return n;
}

/* The field's bytes are there. */
static struct node *
field_add(struct walk *w, size_t i, struct rd *r)
{
	const struct field *f = &w->layout->fields[i];
	unsigned width	      = field_width((enum field_type)f->type);
	struct node *n;

	switch ((enum field_type)f->type) {
	case FIELD_FID:
		return fid_add(w->tree, f->name, r);
	case FIELD_GUID:
		return tree_bytes(w->tree, f->name, NODE_GUID, rd_bytes(r, width));
	case FIELD_KEY:
	case FIELD_RESUME:
		return tree_bytes(w->tree, f->name, NODE_BYTES, rd_bytes(r, width));
	case FIELD_TIME:
		w->values[i] = number_read(r, width);
		n	     = tree_number(w->tree, f->name, width, w->values[i], f->names);
		n->kind	     = NODE_TIME;
		return n;
	default:
		w->values[i] = number_read(r, width);
		return tree_number(w->tree, f->name, width, w->values[i], f->names);
	}
}

bool
walk_fields(struct walk *w, struct rd *r)
{
	const struct layout *l = w->layout;

	for (w->n_read = 0; w->n_read < l->n_fields; w->n_read++) {
		const struct field *f = &l->fields[w->n_read];

		if (rd_left(r) < field_width((enum field_type)f->type)) {
			tree_malformed(w->tree, "ends before %s", f->name);
			return false;
		}
		field_add(w, w->n_read, r)->in_line = f->in_line;
		w->end				    = r->pos;
	}
	return true;
}

bool
walk_group(struct tree *t, const char *name, const struct layout *l, struct rd *r)
{
	struct walk w = { .tree = t, .layout = l };
	bool ok;

	(void)tree_open(t, name, NODE_GROUP);
	ok = walk_fields(&w, r);
	tree_close(t);
	return ok;
}

void
walk_whole(struct tree *t, const char *name, const struct layout *l, struct span s)
{
	struct walk w = { .tree = t, .layout = l };
	struct rd r   = rd_init(s);

	tree_open(t, name, NODE_GROUP)->derived = true;
	if (walk_fields(&w, &r))
		walk_parts(&w, &r);
	tree_close(t);
}
