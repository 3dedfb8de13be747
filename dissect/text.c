/*
 * text.c - a message as a line or as an indented tree.
 */
#include "dissect/text.h"

/* ---- the tree ---- */

static void
indent_put(const struct text *t, unsigned indent)
{
	text_put(t, "%*s", (int)(2 * indent), "");
}

void
text_tree(const struct text *t, const struct node *n, unsigned indent)
{
	unsigned i = 0;

	for (n = n->child; n; n = n->next, i++) {
		indent_put(t, indent);
		if (n->kind == NODE_NOTE)
			text_put(t, "[malformed:");
		else if (n->name)
			text_put(t, "%s:", n->name);
		else
			text_put(t, "[%u]", i);
		if (n->kind != NODE_GROUP && n->kind != NODE_LIST)
			text_put(t, " ");
		text_value(t, n, false);
		text_put(t, n->kind == NODE_NOTE ? "]\n" : "\n");
		if (n->child)
			text_tree(t, n, indent + 1);
	}
}

/* ---- the line ---- */

/* A group or list as one word: its values with a separator between them. */
static void
children_put(const struct text *t, const struct node *n)
{
	const char *between = n->kind == NODE_LIST ? "," : "/";

	for (const struct node *c = n->child; c; c = c->next) {
		if (c != n->child)
			text_put(t, "%s", between);
		text_value(t, c, true);
	}
}

static void
marked_put(const struct text *t, const struct node *n)
{
	for (n = n->child; n; n = n->next) {
		if (n->in_line && n->name) {
			text_put(t, " %s=", n->name);
			if (n->child)
				children_put(t, n);
			else
				text_value(t, n, true);
		} else if (n->child) {
			marked_put(t, n);
		}
	}
}

static void
notes_put(const struct text *t, const struct node *n)
{
	for (n = n->child; n; n = n->next) {
		if (n->kind == NODE_NOTE) {
			text_put(t, " [malformed: ");
			text_value(t, n, true);
			text_put(t, "]");
		}
		if (n->child)
			notes_put(t, n);
	}
}

/* What every line has, from the header: command, direction, then these as far as they are there. */
static const struct {
	const char *field, *word;
} line_ids[] = {
	{ "MessageId", "mid" },	     { "AsyncId", "aid" },	   { "TreeId", "tid" },
	{ "SessionId", "sid" },	     { "CreditCharge", "charge" }, { "CreditRequest", "credits" },
	{ "CreditResponse", "credits" },
};

static void
header_put(const struct text *t, const struct node *header)
{
	const struct node *command = node_child(header, "Command");
	const struct node *status  = node_child(header, "Status");

	if (command)
		text_value(t, command, true);
	else
		text_put(t, "?");
	text_put(t, status ? " response" : " request");
	if (status) {
		text_put(t, " ");
		text_value(t, status, true);
	}
	for (size_t i = 0; i < NELEM(line_ids); i++) {
		const struct node *n = node_child(header, line_ids[i].field);

		if (!n)
			continue;
		text_put(t, " %s=", line_ids[i].word);
		if (n->names)
			text_put(t, "0x%llx", (unsigned long long)n->number);
		else
			text_value(t, n, true);
	}
}

void
text_line(const struct text *t, const struct node *message)
{
	const struct node *header = node_child(message, "Header");
	const struct node *frame  = node_child(message, "Frame");
	const struct node *first  = frame ? frame->next : message->child;

	if (header)
		header_put(t, header);
	else if (first && first->name && first->kind == NODE_GROUP)
		text_put(t, "%s", first->name);
	else
		text_put(t, "unknown");
	for (const struct node *n = message->child; n; n = n->next) {
		if (n != frame)
			marked_put(t, n);
	}
	if (frame)
		marked_put(t, frame);
	notes_put(t, message);
}
