/* cmd_watch.c - changes below a directory, a line each, until Ctrl-C. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/api.h"
#include "cli/client.h"
#include "cli/escape.h"
#include "cli/interrupt.h"
#include "cli/values.h"

/* [MS-FSCC] 2.7.1 Action */
static const char *
action_name(uint64_t action)
{
	static const char *const names[] = { "?", "added", "removed", "modified", "renamed from",
		"renamed to", "stream added", "stream removed", "stream modified" };

	return names[action < NELEM(names) ? action : 0];
}

static void
event_print(const struct cli *c, const json_t *event)
{
	if (c->json) {
		(void)json_dumpf(event, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
		(void)putchar('\n');
	} else {
		printf("%-14s ", action_name(json_u64_get(event, "action")));
		escape_put(json_str_get(event, "path"));
		if (json_str_get(event, "to")[0]) {
			printf(" -> ");
			escape_put(json_str_get(event, "to"));
		}
		(void)putchar('\n');
	}
	(void)fflush(stdout);
}

static bool
is_ours(const json_t *event, uint64_t watch)
{
	return json_u64_get(event, "watch") == watch;
}

static int
watch_loop(struct cli *c, uint64_t watch)
{
	struct api_got got;
	const char *why = "";
	enum api_wait w;

	while ((w = api_next(c->api, -1, -1, &got, &why)) == API_GOT) {
		bool ours  = got.id == 0 && is_ours(got.json, watch);
		bool ended = ours && strcmp(json_str_get(got.json, "kind"), "ended") == 0;

		if (ours && !ended)
			event_print(c, got.json);
		api_got_free(&got);
		if (ended)
			return cli_refused("the server ended the watch");
	}
	return w == API_INTERRUPTED ? EXIT_OK : cli_refused("%s", why);
}

/* An answer that does not come changes nothing any more. */
static void
unwatch(struct cli *c, uint64_t watch)
{
	json_t *request = json_pack("{s:I}", "watch", (json_int_t)watch), *reply = NULL;
	const char *why = "";
	nt status;

	if (api_call(c->api, "client.unwatch", request, SPAN_NONE, &reply, &status, &why))
		json_decref(reply);
	json_decref(request);
}

int
cmd_watch(struct cli *c)
{
	uint64_t watch = ++c->client->last_job;
	struct place p;
	int rc = place_find(c, operand_or_here(c, 0), WANT_SHARE, &p);

	if (rc != EXIT_OK)
		return rc;
	interrupt_catch();
	rc = place_do(c, &p, "client.watch", json_pack("{s:i, s:b, s:I}", "filter", 0, "recursive",
	    options_has(&c->args, OPT_RECURSIVE), "watch", (json_int_t)watch));
	if (rc != EXIT_OK)
		return rc;
	rc = watch_loop(c, watch);
	if (interrupted() && isatty(STDOUT_FILENO))
		(void)putchar('\n');	/* after the ^C that the terminal shows */
	interrupt_clear();
	unwatch(c, watch);
	return rc;
}
