/*
 * hook_read.c - what a script says when it hooks into the server: words, and
 * which of them go together.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/fatal.h"
#include "broker/api/hook.h"

#define C(code, name, ...) [code] = #name,
const char *const hook_commands[SMB2_CMD_MAX] = { SMB2_COMMANDS(C) };
#undef C

const char *const hook_kinds[HOOK_KIND_MAX] = { "", "command", "create", "close", "event" };

#define EVENT_WORD(name) #name,
const char *const hook_events[HOOK_EVENT_MAX] = { HOOK_EVENTS(EVENT_WORD) };

nt
hook_fields(struct request *rq, const struct msg_desc *d, void *ret, char *why)
{
	struct json_room *room = xcalloc(1, sizeof *room);
	nt s		       = json_to_fields(rq->args, d->req(), d->n_req, ret, room, why);

	free(room);
	return s;
}

static nt
refuse(char *why, const char *sentence)
{
	(void)snprintf(why, JSON_WHY, "%s", sentence);
	return STATUS_INVALID_PARAMETER;
}

static nt
kind_read(const char *word, uint8_t *ret, char *why)
{
	for (uint8_t i = 1; i < HOOK_KIND_MAX; i++) {
		if (strcmp(word, hook_kinds[i]) == 0) {
			*ret = i;
			return STATUS_SUCCESS;
		}
	}
	return refuse(why, "kind is one of command, create, close, event");
}

/* The gate and a worker's logons speak with people who have not proved who they are. */
static nt
command_read(const char *word, uint16_t *ret, char *why)
{
	uint16_t i = 0;

	while (i < SMB2_CMD_MAX && strcasecmp(hook_commands[i], word) != 0)
		i++;
	if (i == SMB2_CMD_MAX)
		return refuse(why, "command is the name of an SMB2 command, as ECHO");
	if (i == SMB2_CMD_negotiate || i == SMB2_CMD_session_setup || i == SMB2_CMD_cancel) {
		(void)snprintf(why, JSON_WHY,
			       "%s cannot be handled by a script: it comes before a logon, or has "
			       "no answer",
			       word);
		return STATUS_NOT_SUPPORTED;
	}
	*ret = i;
	return STATUS_SUCCESS;
}

static nt
events_read(const char *words, uint32_t *ret, char *why)
{
	while (*words) {
		size_t n = strcspn(words, ",");
		unsigned i = 0;

		while (i < HOOK_EVENT_MAX &&
		       (strlen(hook_events[i]) != n || strncmp(hook_events[i], words, n) != 0))
			i++;
		if (i == HOOK_EVENT_MAX)
			return refuse(why, "events are of logon, logoff, tree_connect, open, close, "
					   "rename, delete, denied, lease_break, logon_failed, lockout");
		*ret |= 1u << i;
		words += n + (words[n] == ',');
	}
	return *ret != 0 ? STATUS_SUCCESS : refuse(why, "events is missing");
}

static nt
timeout_read(const struct hook_add_req *req, struct worker_hook_req *ret, char *why)
{
	const char *word = req->on_timeout.n > 0 ? req->on_timeout.s : "builtin";

	ret->timeout_ms = req->timeout_ms > 0 ? req->timeout_ms : HOOK_TIMEOUT_MS;
	ret->deny	= strcmp(word, "deny") == 0;
	if (!ret->deny && strcmp(word, "builtin") != 0)
		return refuse(why, "on_timeout is builtin or deny");
	if (ret->timeout_ms > HOOK_TIMEOUT_MAX_MS)
		return refuse(why, "timeout_ms is at most 5000");
	return STATUS_SUCCESS;
}

nt
hook_read(const struct hook_add_req *req, struct worker_hook_req *ret, char *why)
{
	TRY(kind_read(req->kind.s ? req->kind.s : "", &ret->kind, why));
	if (ret->kind == HOOK_COMMAND)
		TRY(command_read(req->command.s ? req->command.s : "", &ret->command, why));
	else if (req->command.n > 0)
		return refuse(why, "command goes with kind command");
	if (ret->kind == HOOK_EVENT)
		TRY(events_read(req->events.s ? req->events.s : "", &ret->events, why));
	else if (req->events.n > 0)
		return refuse(why, "events goes with kind event");
	ret->share   = req->share;
	ret->pattern = req->pattern;
	ret->user    = req->user;
	TRY(address_read(req->client.s, &ret->client, why));
	return timeout_read(req, ret, why);
}

void
field_keep(char dst[NAME_BOUND + 1], struct str *s)
{
	if (s->n > 0)
		memcpy(dst, s->s, s->n);
	dst[s->n] = '\0';
	s->s	  = dst;
}
