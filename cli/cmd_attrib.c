/* cmd_attrib.c - attrib: the DOS attributes; times: the four times; shown or set. */
#include <stdio.h>
#include <string.h>

#include "cli/ask.h"
#include "cli/listing.h"
#include "cli/values.h"

struct change {
	uint32_t set, clear;
};

/* "+rh", "-s"; +rh-s is taken as well. */
static bool
change_read(const char *text, struct change *ch)
{
	uint32_t *bits = NULL;
	bool any       = false;

	for (; *text; text++) {
		if (*text == '+' || *text == '-') {
			bits = *text == '+' ? &ch->set : &ch->clear;
			continue;
		}
		if (!bits || attribute_of(*text) == 0)
			return false;
		*bits |= attribute_of(*text);
		any = true;
	}
	return any;
}

static void
attributes_show(struct cli *c, const struct place *p, json_t *reply)
{
	char text[URL_TEXT], letters[ATTRIBUTES_TEXT];

	(void)json_object_set_new(reply, "url", json_string(place_print(p, text)));
	if (c->json)
		json_print(reply);
	else
		printf("%-8s %s\n",
		    attributes_print((uint32_t)json_u64_get(reply, "attributes"), letters), text);
}

static int
attrib_one(struct cli *c, const struct place *p, void *ctx)
{
	const struct change *ch = ctx;
	json_t *reply           = NULL;
	int rc;

	if (ch->set == 0 && ch->clear == 0)
		rc = place_stat(c, p, &reply);
	else
		rc = place_ask(c, p, "client.attrib", json_pack("{s:I, s:I}", "set",
		    (json_int_t)ch->set, "clear", (json_int_t)ch->clear), &reply);
	if (rc == EXIT_OK)
		attributes_show(c, p, reply);
	json_decref(reply);
	return rc;
}

/* Operands that begin with a sign are changes, the others places. */
static int
split_operands(struct cli_args *a, struct change *ch)
{
	size_t places = 0;

	for (size_t i = 0; i < a->n_operands; i++) {
		const char *op = a->operands[i];

		if (op[0] != '+' && op[0] != '-')
			a->operands[places++] = op;
		else if (!change_read(op, ch))
			return cli_misused("attrib: \"%s\": + or - and letters of rhsaton", op);
	}
	a->n_operands = places;
	for (size_t i = 0; i < a->n_given; i++) {
		if (a->given[i].option == OPT_ATTRIBUTES && !change_read(a->given[i].value, ch))
			return cli_misused("--attributes: + or - and letters of rhsaton");
	}
	if (ch->set & ch->clear)
		return cli_misused("attrib: the same letter to be set and cleared");
	return EXIT_OK;
}

int
cmd_attrib(struct cli *c)
{
	struct change ch = { 0, 0 };
	int rc           = split_operands(&c->args, &ch);

	return rc == EXIT_OK ? each_operand(c, attrib_one, &ch) : rc;
}

static const struct {
	enum cli_option option;
	const char *key;
} times[] = {
	{ OPT_CREATED, "created" }, { OPT_ACCESSED, "accessed" }, { OPT_WRITTEN, "written" },
	{ OPT_CHANGED, "changed" },
};

/* NULL: none was given. */
static int
times_read(const struct cli_args *a, json_t **ret)
{
	json_t *more = json_object();

	for (size_t i = 0; i < NELEM(times); i++) {
		const char *text = options_value(a, times[i].option);
		int64_t ns;

		if (!text)
			continue;
		if (!time_parse(text, &ns) || ns <= 0) {
			json_decref(more);
			return cli_misused("--%s: \"%s\" is no time; Unix ns, YYYY-MM-DD hh:mm:ss or now",
			    option_name(times[i].option), text);
		}
		(void)json_object_set_new(more, times[i].key, json_integer(ns));
	}
	*ret = more;
	return EXIT_OK;
}

static int
times_one(struct cli *c, const struct place *p, void *ctx)
{
	json_t *more = ctx, *reply = NULL;
	char text[URL_TEXT], when[TIME_TEXT];
	int rc;

	if (json_object_size(more) == 0)
		rc = place_stat(c, p, &reply);
	else
		rc = place_ask(c, p, "client.times", json_incref(more), &reply);
	if (rc != EXIT_OK)
		return rc;
	(void)json_object_set_new(reply, "url", json_string(place_print(p, text)));
	if (c->json)
		json_print(reply);
	else
		printf("%s\n", text);
	for (size_t i = 0; i < NELEM(times) && !c->json; i++)
		printf("  %-9s %s\n", times[i].key,
		    time_print((int64_t)json_u64_get(reply, times[i].key), when));
	json_decref(reply);
	return EXIT_OK;
}

int
cmd_times(struct cli *c)
{
	json_t *more = NULL;
	int rc       = times_read(&c->args, &more);

	if (rc != EXIT_OK)
		return rc;
	rc = each_operand(c, times_one, more);
	json_decref(more);
	return rc;
}
