/*
 * cmd_status.c - the instance at a glance.  The walls column is what each
 * process found when it asked the kernel; the last column is what the kernel
 * tells us about that process.  If they disagree the exit code says so.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/ask.h"
#include "cli/cli.h"
#include "cli/kernel.h"
#include "cli/lists.h"

#define SILENT_MS 1000	/* an event loop may be busy for less */

static const struct column process_columns[] = {
	{ "ROLE", "role", COLUMN_TEXT },
	{ "PID", "pid", COLUMN_NUMBER },
	{ "UID", "uid", COLUMN_NUMBER },
	{ "RESTARTS", "restarts", COLUMN_NUMBER },
	{ "SERVING", "serving", COLUMN_FLAG },
	{ "IDENTITY", "identity", COLUMN_TEXT },
	{ "WALLS", "walls", COLUMN_WORDS },
	{ "MISSING", "missing", COLUMN_WORDS },
	{ "KERNEL SAYS", "pid", COLUMN_WALLS },
	{ "STORAGE", "storage", COLUMN_TEXT },	/* only where there are some */
};

static const struct column storage_columns[] = {
	{ "STORAGE", "storage", COLUMN_TEXT },
	{ "THERE", "there", COLUMN_FLAG },
	{ "SHARES", "shares", COLUMN_WORDS },
};

static const struct column domain_columns[] = {
	{ "DOMAIN", "domain", COLUMN_TEXT },
	{ "MACHINE", "machine", COLUMN_TEXT },
	{ "CONTROLLER", "controller", COLUMN_TEXT },
	{ "SINCE", "since", COLUMN_TIME },
	{ "LAST ERROR", "last_error", COLUMN_TEXT },
};

static void
section(const json_t *reply, const char *key, const char *title, const struct column *c, size_t n)
{
	const json_t *rows = json_object_get(reply, key);

	printf("\n%s: %zu\n", title, json_array_size(rows));
	if (json_array_size(rows) > 0)
		table_print(rows, c, n);
}

static void
print_counters(json_t *counters)
{
	const char *name;
	json_t *value;

	printf("\ncounters\n");
	json_object_foreach(counters, name, value)
		printf("%-32s %" JSON_INTEGER_FORMAT "\n", name, json_integer_value(value));
}

/* Parts whose process did not answer, as while it is being restarted. */
static void
print_unavailable(const json_t *parts)
{
	size_t i;
	json_t *part;

	json_array_foreach(parts, i, part)
		printf("no answer about: %s\n", json_is_string(part) ? json_string_value(part) : "?");
}

/* Who keeps the watchdog waiting, and who had to be ended for that; quick answers are no news. */
static void
print_silent(const json_t *processes)
{
	const char *last = "";
	size_t i;
	json_t *p;

	json_array_foreach(processes, i, p) {
		json_int_t ms   = json_integer_value(json_object_get(p, "silent_ms"));
		json_int_t hung = json_integer_value(json_object_get(p, "hung"));
		const char *role = json_string_value(json_object_get(p, "role"));

		if (ms >= SILENT_MS)
			printf("does not answer: %s, pid %" JSON_INTEGER_FORMAT ", for %" JSON_INTEGER_FORMAT " s\n",
			    role ? role : "?", json_integer_value(json_object_get(p, "pid")), ms / 1000);
		if (hung > 0 && strcmp(role ? role : "", last) != 0)
			printf("hung and was replaced: %s, %" JSON_INTEGER_FORMAT " times\n", role ? role : "?", hung);
		last = role ? role : "";
	}
}

static void
print_status(const json_t *reply)
{
	const json_t *version = json_object_get(reply, "version");
	bool storages = json_array_size(json_object_get(reply, "storages")) > 0;

	printf("bulkhead %s\n", json_is_string(version) ? json_string_value(version) : "?");
	print_unavailable(json_object_get(reply, "unavailable"));
	(void)putchar('\n');
	table_print(json_object_get(reply, "processes"), process_columns,
	    NELEM(process_columns) - !storages);
	print_silent(json_object_get(reply, "processes"));
	if (storages)
		section(reply, "storages", "storages", storage_columns, NELEM(storage_columns));
	section(reply, "sessions", "sessions", session_columns, session_n_columns);
	section(reply, "opens", "open files", open_columns, open_n_columns);
	section(reply, "shares", "shares", share_columns, share_n_columns);
	section(reply, "lockouts", "locked out", lock_columns, lock_n_columns);
	if (json_array_size(json_object_get(reply, "domain")) > 0)
		section(reply, "domain", "domain", domain_columns, NELEM(domain_columns));
	if (json_object_size(json_object_get(reply, "counters")) > 0)
		print_counters(json_object_get(reply, "counters"));
}

/* EXIT_REFUSED if a wall is claimed that the kernel does not know of. */
static int
check_walls(const json_t *processes)
{
	int rc = EXIT_OK;
	char why[256];
	json_t *process;
	size_t i;

	json_array_foreach(processes, i, process) {
		if (kernel_denies(process, why, sizeof why))
			rc = cli_refused("%s", why);
	}
	return rc;
}

int
cmd_status(struct cli *c)
{
	json_t *reply = NULL, *processes;
	int rc        = ask(c, "status", "status", json_object(), SPAN_NONE, &reply);

	if (rc != EXIT_OK)
		return rc;
	processes = json_object_get(reply, "processes");
	kernel_annotate(processes);
	if (c->json)
		json_print(reply);
	else
		print_status(reply);
	rc = check_walls(processes);
	json_decref(reply);
	return rc;
}
