/* dissect_print.c - dissected messages to stdout: a line each, as trees, as JSON. */
#include "cli/dissect_print.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fatal.h"
#include "dissect/json.h"
#include "dissect/text.h"

#define LINE_BYTES 16	/* of a value that is bytes, in a line */
#define TREE_BYTES 32

enum form
printer_form(const struct cli *c)
{
	return c->json ? FORM_JSON : options_has(&c->args, OPT_TREE) ? FORM_TREE : FORM_LINE;
}

static void
out(void *ctx, const char *s, size_t n)
{
	(void)ctx;
	(void)fwrite(s, 1, n, stdout);
}

static uint64_t
number_of(const struct node *frame, const char *name)
{
	const struct node *n = node_child(frame, name);

	return n ? n->number : 0;
}

static void
endpoint_put(const struct text *t, const struct node *frame, const char *address, const char *port)
{
	const struct node *a = node_child(frame, address);

	text_put(t, a->bytes.n == 16 ? "[" : "");
	text_value(t, a, true);
	text_put(t, "%s:%" PRIu64 " ", a->bytes.n == 16 ? "]" : "", number_of(frame, port));
}

/* Number, seconds since the first packet, who to whom. */
static void
prefix_put(struct printer *d, const struct text *t, const struct node *frame)
{
	uint64_t time  = number_of(frame, "Time");
	uint64_t since = time > d->start ? time - d->start : 0;

	text_put(t, "%5" PRIu64 " ", number_of(frame, "Number"));
	if (!node_child(frame, "Source"))
		return;
	text_put(t, "%" PRIu64 ".%06" PRIu64 " ", since / 1000000000, since / 1000 % 1000000);
	endpoint_put(t, frame, "Source", "SourcePort");
	text_put(t, "> ");
	endpoint_put(t, frame, "Destination", "DestinationPort");
}

static void
json_out(const struct tree *tree)
{
	json_t *j = dissect_json(tree_root(tree));
	char *text;

	if (tree->lost > 0)
		json_object_set_new(j, "MoreFields", json_integer((json_int_t)tree->lost));
	text = json_dumps(j, JSON_COMPACT | JSON_ENSURE_ASCII);
	if (!text)
		fatal("out of memory");
	(void)puts(text);
	free(text);
	json_decref(j);
}

void
printer_message(void *ctx, const struct tree *tree)
{
	struct printer *d	   = ctx;
	const struct node *message = tree_root(tree);
	struct text t		   = { .put = out, .bytes_max = LINE_BYTES };

	if (d->form == FORM_JSON) {
		json_out(tree);
	} else {
		prefix_put(d, &t, node_child(message, "Frame"));
		text_line(&t, message);
		text_put(&t, "\n");
	}
	t.bytes_max = TREE_BYTES;
	if (d->form == FORM_TREE) {
		text_tree(&t, message, 1);
		if (tree->lost > 0)
			text_put(&t, "  [%zu more fields]\n", tree->lost);
	}
	if (d->live)
		(void)fflush(stdout);
}
